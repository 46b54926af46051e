/** The rule tree as SQL (decisions 2, 3): every leaf is TRUE or FALSE, never NULL, so `not` is plain negation. */
import type { Diagnostic } from "../core.ts";
import { fieldOperators, type FieldLeaf, type Rule } from "../project/schema/rule.ts";
import { didYouMean } from "../project/suggest.ts";
import type { Column } from "../warehouse/warehouse.ts";
import { below, locate, primaryKey, reference, type AudienceContext, type Place } from "./context.ts";
import { qualified, semiJoin } from "./key.ts";
import { operatorSql, type Operand, type OperandTools } from "./operand.ts";
import { eventSql, relatedSql } from "./relation.ts";

/** The relation a rule speaks of, under its alias in the query around. */
export interface Scope {
  readonly alias: string;
  readonly model: string;
  readonly columns: readonly Column[];
}

/** One compilation: what it reads, the problems it meets, and the names it is inside of. */
export interface Compilation {
  readonly context: AudienceContext;
  readonly problems: Diagnostic[];
  /** Segments and audiences being compiled, outermost first: a name that comes again is a cycle. */
  readonly resolving: readonly string[];
  readonly aliases: { next: number };
  /** Key columns of the members of a segment written in SQL, or of the eligible members of an audience. */
  keysOf(name: string, resolving: readonly string[]): string;
}

/** SQL of a rule over a scope; problems go to the compilation. */
export function compileRule(rule: Rule, scope: Scope, place: Place, compilation: Compilation): string {
  if ("all" in rule) return group(rule.all, "all", "AND", "TRUE", scope, place, compilation);
  if ("any" in rule) return group(rule.any, "any", "OR", "FALSE", scope, place, compilation);
  if ("not" in rule) return `(NOT ${compileRule(rule.not, scope, below(place, "not"), compilation)})`;
  if ("in_segment" in rule) return segmentSql(rule.in_segment, scope, below(place, "in_segment"), compilation);
  if ("in_audience" in rule) return audienceSql(rule.in_audience, scope, below(place, "in_audience"), compilation);
  if ("event" in rule) return eventSql(rule, scope, place, compilation);
  if ("related" in rule) return relatedSql(rule, scope, place, compilation);
  return fieldSql(rule, scope, place, compilation);
}

/** A column of a scope as an operand; null after recording E235 when there is none. */
export function operandOf(name: string, scope: Scope, place: Place, compilation: Compilation): Operand | null {
  const column = scope.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return { ...column, sql: qualified(compilation.context.dialect, scope.alias, column.name) };
  problem(
    compilation,
    "E235",
    `model "${scope.model}" has no column "${name}"`,
    place,
    didYouMean(
      name,
      scope.columns.map((candidate) => candidate.name),
      "its columns",
    ),
  );
  return null;
}

/** The tools of one operator, which report at its place. */
export function toolsAt(place: Place, compilation: Compilation): OperandTools {
  return {
    dialect: compilation.context.dialect,
    reference: reference(compilation.context),
    refuse(code, message, hint) {
      problem(compilation, code, message, place, hint);
      return "FALSE";
    },
  };
}

export function problem(compilation: Compilation, code: string, message: string, place: Place, hint?: string): void {
  compilation.problems.push({
    code,
    severity: "error",
    message,
    ...locate(place),
    ...(hint === undefined ? {} : { hint }),
  });
}

function group(
  rules: readonly Rule[],
  key: "all" | "any",
  word: string,
  empty: string,
  scope: Scope,
  place: Place,
  compilation: Compilation,
): string {
  const parts = rules.map((rule, index) => compileRule(rule, scope, below(place, key, index), compilation));
  return parts.length === 0 ? empty : `(${parts.join(` ${word} `)})`;
}

function fieldSql(leaf: FieldLeaf, scope: Scope, place: Place, compilation: Compilation): string {
  const operand = operandOf(leaf.field, scope, below(place, "field"), compilation);
  const operator = fieldOperators.find((candidate) => leaf[candidate] !== undefined);
  if (operator === undefined) {
    problem(
      compilation,
      "E231",
      `the rule on "${leaf.field}" has no operator`,
      place,
      `one of ${fieldOperators.join(", ")}`,
    );
    return "FALSE";
  }
  if (operand === null) return "FALSE";
  const sql = operatorSql(operand, operator, leaf[operator]!, toolsAt(below(place, operator), compilation));
  return `COALESCE(${sql}, ${leaf.or_null === true ? "TRUE" : "FALSE"})`;
}

/** A segment's rules stand in for its name: inlining never changes the members, and saves a join. */
export function segmentSql(name: string, scope: Scope, place: Place, compilation: Compilation): string {
  const segment = compilation.context.project.segments.get(name);
  if (segment === undefined)
    return unknown("segment", name, [...compilation.context.project.segments.keys()], place, compilation);
  if (!usable(name, segment.spec.model, scope, place, compilation)) return "FALSE";
  if (segment.spec.where === undefined) return keysSql(name, scope, compilation);
  const inside = { ...compilation, resolving: [...compilation.resolving, name] };
  return compileRule(segment.spec.where, scope, { resource: segment, path: ["where"] }, inside);
}

/** Is the row of the scope an eligible member of an audience? */
export function audienceSql(name: string, scope: Scope, place: Place, compilation: Compilation): string {
  const audience = compilation.context.project.audiences.get(name);
  if (audience === undefined)
    return unknown("audience", name, [...compilation.context.project.audiences.keys()], place, compilation);
  return usable(name, audience.spec.model, scope, place, compilation) ? keysSql(name, scope, compilation) : "FALSE";
}

/** Is the row of the scope among the keys of a segment or audience? */
export function keysSql(name: string, scope: Scope, compilation: Compilation): string {
  const { dialect } = compilation.context;
  const key = primaryKey(compilation.context, scope.model).map((column) => column.name);
  const left = key.map((column) => qualified(dialect, scope.alias, column));
  const alias = `s${compilation.aliases.next++}`;
  return semiJoin(dialect, left, compilation.keysOf(name, compilation.resolving), key, alias);
}

/** Records why a segment or audience cannot be used here: another model (decision 69), or a cycle (decision 18). */
export function usable(name: string, model: string, scope: Scope, place: Place, compilation: Compilation): boolean {
  if (compilation.resolving.includes(name)) {
    const cycle = [...compilation.resolving.slice(compilation.resolving.indexOf(name)), name].join(" -> ");
    problem(
      compilation,
      "E234",
      `segments and audiences depend on each other in a circle: ${cycle}`,
      place,
      "take one of the references out",
    );
    return false;
  }
  if (model === scope.model) return true;
  problem(
    compilation,
    "E233",
    `"${name}" is about model "${model}", this rule is about "${scope.model}"`,
    place,
    `use a segment or audience of "${scope.model}", or relate the models with related:`,
  );
  return false;
}

function unknown(
  kind: "segment" | "audience",
  name: string,
  names: readonly string[],
  place: Place,
  compilation: Compilation,
): string {
  const { segments, audiences } = compilation.context.project;
  const other = kind === "segment" ? audiences.has(name) : segments.has(name);
  const hint = other
    ? `"${name}" is ${kind === "segment" ? "an audience: write in_audience" : "a segment: write in_segment"}`
    : didYouMean(name, names);
  problem(compilation, "E232", `there is no ${kind} "${name}"`, place, hint);
  return "FALSE";
}
