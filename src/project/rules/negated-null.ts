import type { AudienceSpec, ModelSpec, Resource, SegmentSpec } from "../project.ts";
import type { Rule } from "../schema/rule.ts";
import { report, type RuleContext, type ValidationRule } from "./rule.ts";

type Path = readonly (string | number)[];

/**
 * `not:` around a rule on a column that may be NULL keeps the rows without a value (decision 2), which few people mean.
 *
 * Advice and not more, given only where people get in: `is_not` and its like leave NULLs out and say `or_null` where not.
 * Files do not know NULLs, so a column counts as filled by its not_null test or as primary key; `or_null` inside, or
 * is_null and is_not_null beside the negation, say that NULLs were thought of.
 */
export const negatedNull: ValidationRule = {
  code: "W230",
  severity: "warning",
  *check({ project }) {
    for (const item of [...project.segments.values(), ...project.audiences.values()])
      if (item.spec.where) yield* inTree(item, project, item.spec.where);
  },
  valid: {
    "models/more.yml": [
      "segments:",
      "  - { name: a, model: customers, where: { field: country, is_not: FR } }",
      "  - { name: b, model: customers, where: { not: { field: country, is: FR, or_null: true } } }",
      "  - { name: c, model: customers, where: { not: { field: customer_id, gt: 5 } } }",
      "  - { name: d, model: customers, where: { any: [ { not: { field: country, is: FR } }, { field: country, is_null: true } ] } }",
    ].join("\n"),
  },
  invalid: {
    "models/more.yml": "segments:\n  - { name: a, model: customers, where: { not: { field: country, is: FR } } }",
  },
};

function* inTree(item: Resource<SegmentSpec | AudienceSpec>, project: RuleContext["project"], tree: Rule) {
  for (const { model, rule, path } of negated(tree, item.spec.model, ["where"])) {
    const spec = project.models.get(model)?.spec;
    if (spec === undefined || isFilled(spec, rule.field)) continue;
    const twin = twins.find((operator) => operator in rule);
    const hint =
      twin === undefined
        ? "or_null: true inside leaves them out"
        : `{ field: ${rule.field}, ${twin === "within_last" ? "not_within_last" : twin === "in" ? "not_in" : "is_not"}: … } leaves them out, and keeps them with or_null: true`;
    yield report(
      negatedNull,
      `not: keeps the rows whose ${rule.field} is NULL`,
      item.at(path),
      `${hint}; a not_null test on ${model}.${rule.field} says that there are none`,
    );
  }
}

/** Positive operators that have a negative one of their own. */
const twins = ["is", "in", "within_last"] as const;

interface Found {
  readonly model: string;
  readonly rule: Extract<Rule, { readonly field: string }>;
  readonly path: Path;
}

/** Field rules under an odd number of `not:` that leave open what happens to NULL. */
function* negated(
  rule: Rule,
  model: string,
  path: Path,
  under = false,
  known: readonly string[] = [],
): Generator<Found> {
  if ("not" in rule) yield* negated(rule.not, model, [...path, "not"], !under, known);
  else if ("all" in rule) yield* inGroup(rule.all, model, [...path, "all"], under, known);
  else if ("any" in rule) yield* inGroup(rule.any, model, [...path, "any"], under, known);
  else if ("event" in rule) {
    if (rule.where) yield* negated(rule.where, rule.event, [...path, "where"]);
  } else if ("related" in rule) {
    if (rule.where) yield* negated(rule.where, rule.related, [...path, "where"]);
  } else if ("field" in rule && under && rule.or_null !== true && !saysNull(rule) && !known.includes(rule.field))
    yield { model, rule, path };
}

function* inGroup(
  rules: readonly Rule[],
  model: string,
  path: Path,
  under: boolean,
  known: readonly string[],
): Generator<Found> {
  const said = rules.flatMap((rule) => ("field" in rule && saysNull(rule) ? [rule.field] : []));
  for (const [index, rule] of rules.entries())
    yield* negated(rule, model, [...path, index], under, [...known, ...said]);
}

const saysNull = (rule: Found["rule"]): boolean => rule.is_null === true || rule.is_not_null === true;

function isFilled({ primary_key: key, columns, data_tests: tests }: ModelSpec, column: string): boolean {
  const own = columns.find(({ name }) => name === column)?.data_tests.some(({ type }) => type === "not_null");
  const together = tests.some(
    ({ type, arguments: { columns: names } }) => type === "not_null" && Array.isArray(names) && names.includes(column),
  );
  return key.includes(column) || own === true || together;
}
