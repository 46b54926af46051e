/** The columns that a rule tree reads, each at its place. */
import { fieldOperators, type On, type Rule } from "./schema/rule.ts";

type Path = readonly (string | number)[];

export interface RuleColumn {
  readonly model: string;
  readonly column: string;
  /** Where it stands inside the resource. */
  readonly path: Path;
  /** What reads it: an operator (`not_within_last`), or a part of a leaf: `event`, `related`, `within`, `sum`, `first`, `last`. */
  readonly how: string;
}

/** Columns of a rule about rows of `model`; `path` is the rule's own. Names of segments and audiences are no columns. */
export function* columnsInRule(rule: Rule, model: string, path: Path): Generator<RuleColumn> {
  const read = (of: string, column: string, how: string, ...more: Path): RuleColumn => ({
    model: of,
    column,
    path: [...path, ...more],
    how,
  });
  if ("all" in rule)
    for (const [index, inner] of rule.all.entries()) yield* columnsInRule(inner, model, [...path, "all", index]);
  else if ("any" in rule)
    for (const [index, inner] of rule.any.entries()) yield* columnsInRule(inner, model, [...path, "any", index]);
  else if ("not" in rule) yield* columnsInRule(rule.not, model, [...path, "not"]);
  else if ("event" in rule) {
    for (const [of, column, ...more] of joined(rule.on, model, rule.event)) yield read(of, column, "event", ...more);
    if (rule.within) yield read(rule.event, rule.within.field, "within", "within", "field");
    for (const key of ["sum", "first", "last"] as const)
      if (rule[key]) yield read(rule.event, rule[key].field, key, key, "field");
    if (rule.where) yield* columnsInRule(rule.where, rule.event, [...path, "where"]);
  } else if ("related" in rule) {
    for (const [of, column, ...more] of joined(rule.on, model, rule.related))
      yield read(of, column, "related", ...more);
    if (rule.where) yield* columnsInRule(rule.where, rule.related, [...path, "where"]);
  } else if ("field" in rule)
    yield read(model, rule.field, fieldOperators.find((one) => rule[one] !== undefined) ?? "field", "field");
}

function joined(on: On, model: string, other: string): readonly (readonly [string, string, ...Path])[] {
  if (typeof on === "string")
    return [
      [model, on, "on"],
      [other, on, "on"],
    ];
  return Object.entries(on).flatMap(([own, theirs]) => [
    [model, own, "on", own] as const,
    [other, theirs, "on", own] as const,
  ]);
}
