/** A rule tree with, for every line of it, the columns of one query that tell whether it holds and what was found. */
import { fieldOperators, type Rule } from "../project/schema/rule.ts";
import { compileRule, operandOf, type Compilation, type Scope } from "./compile.ts";
import { below, type AudienceContext, type Place } from "./context.ts";
import { foundText } from "./found.ts";
import { eventMeasure, relatedMeasure } from "./measure.ts";
import { ruleWords } from "./sentence.ts";

export type ProbedRow = Readonly<Record<string, unknown>>;

/** One line of a rule tree. */
export interface Probe {
  readonly words: string;
  /** Name of the boolean column. */
  readonly holds: string;
  readonly kind: "all" | "any" | "leaf";
  readonly children: readonly Probe[];
  /** What was found, in words; null where there is nothing to say. */
  found(row: ProbedRow): string | null;
}

/** Builds the probes of a rule; the SQL of their columns is added to `columns`, by name. */
export function probeRule(
  rule: Rule,
  scope: Scope,
  place: Place,
  compilation: Compilation,
  columns: Map<string, string>,
): Probe {
  const add = (sql: string): string => {
    const name = `p${columns.size}`;
    columns.set(name, sql);
    return name;
  };
  // Below a `not` a distance to passing would say the contrary of what is meant.
  const probe = (part: Rule, at: Place, negated: boolean): Probe => {
    const holds = add(compileRule(part, scope, at, compilation));
    const words = ruleWords(part, scope.model);
    if ("not" in part) return { ...probe(part.not, below(at, "not"), true), words, holds };
    if ("all" in part)
      return {
        words,
        holds,
        kind: "all",
        children: part.all.map((each, index) => probe(each, below(at, "all", index), negated)),
        found: () => null,
      };
    if ("any" in part)
      return {
        words,
        holds,
        kind: "any",
        children: part.any.map((each, index) => probe(each, below(at, "any", index), negated)),
        found: () => null,
      };
    return {
      words,
      holds,
      kind: "leaf",
      children: [],
      found: foundBy(part, { scope, place: at, holds, compilation, negated, add }),
    };
  };
  return probe(rule, place, false);
}

type Leaf = Exclude<Rule, { readonly all: unknown } | { readonly any: unknown } | { readonly not: unknown }>;

interface LeafProbe {
  readonly scope: Scope;
  readonly place: Place;
  readonly holds: string;
  readonly compilation: Compilation;
  readonly negated: boolean;
  /** Adds a column to the query and gives its name. */
  add(sql: string): string;
}

function foundBy(leaf: Leaf, { scope, place, holds, compilation, negated, add }: LeafProbe): Probe["found"] {
  if ("in_segment" in leaf || "in_audience" in leaf)
    return (row) => (row[holds] === true ? "a member" : "not a member");
  if ("event" in leaf) {
    const measure = eventMeasure(leaf, scope, place, compilation);
    if (measure === null) return () => null;
    const column = add(measure.sql);
    return (row) => foundText(measure.name, row[column], negated ? {} : measure.test);
  }
  if ("related" in leaf) {
    const measure = relatedMeasure(leaf, scope, place, compilation);
    if (measure === null) return () => null;
    const [rows, fitting] = [add(measure.rows), add(measure.fitting)];
    return (row) => `${String(row[fitting])} of ${String(row[rows])} fit`;
  }
  const operand = operandOf(leaf.field, scope, below(place, "field"), compilation);
  if (operand === null) return () => null;
  const operator = fieldOperators.find((candidate) => leaf[candidate] !== undefined)!;
  const column = add(
    isPersonal(compilation.context, scope.model, leaf.field)
      ? `CASE WHEN ${operand.sql} IS NOT NULL THEN '(hidden, personal)' END`
      : operand.sql,
  );
  return (row) => foundText(leaf.field, row[column], negated ? {} : { [operator]: leaf[operator] });
}

/** Columns marked `pii` and identifiers are named, never shown. */
function isPersonal(context: AudienceContext, model: string, column: string): boolean {
  const spec = context.project.models.get(model)?.spec;
  return (
    spec !== undefined &&
    (spec.columns.some(({ name, pii }) => name === column && pii !== undefined) ||
      Object.values(spec.identifiers).includes(column))
  );
}
