/** `event` and `related`: rules over the rows of another model that belong to a row (decision 3), as semi-joins. */
import type { EventLeaf, FieldOperator, On, RelatedLeaf, Rule } from "../project/schema/rule.ts";
import { fieldOperators } from "../project/schema/rule.ts";
import { didYouMean } from "../project/suggest.ts";
import { compileRule, operandOf, problem, toolsAt, type Compilation, type Scope } from "./compile.ts";
import { below, type Place } from "./context.ts";
import { momentInstant } from "./duration.ts";
import { comparable, derived, semiJoin } from "./key.ts";
import { operatorSql, type Operand } from "./operand.ts";
import { isTemporal, temporalRange } from "./temporal.ts";

/** Members with enough rows, a large enough sum, or a first or last row at the right time; no rows are a count of 0. */
export function eventSql(leaf: EventLeaf, scope: Scope, place: Place, compilation: Compilation): string {
  const join = relationJoin(leaf.event, leaf.on, scope, below(place, "event"), below(place, "on"), compilation);
  if (join === null) return "FALSE";
  const conditions = [
    ...(leaf.within === undefined ? [] : [withinSql(leaf.within, join.scope, below(place, "within"), compilation)]),
    ...(leaf.where === undefined ? [] : [compileRule(leaf.where, join.scope, below(place, "where"), compilation)]),
  ];
  if (leaf.sum !== undefined)
    return join.member(conditions, sumSql(leaf.sum, join.scope, below(place, "sum"), compilation));
  if (leaf.first !== undefined)
    return join.member(conditions, edgeSql("MIN", leaf.first, join.scope, below(place, "first"), compilation));
  if (leaf.last !== undefined)
    return join.member(conditions, edgeSql("MAX", leaf.last, join.scope, below(place, "last"), compilation));
  const count = leaf.count ?? { gte: 1 };
  const rows: Operand = { name: "count", sql: "COUNT(*)", type: "BIGINT", family: "integer" };
  const having = numberSql(rows, count, below(place, "count"), compilation);
  if (!holdsForNone(count)) return join.member(conditions, having);
  return `(NOT ${join.member(conditions, `NOT (${having})`)})`;
}

/** Members of whose related rows any, none, or all (at least one) fit. */
export function relatedSql(leaf: RelatedLeaf, scope: Scope, place: Place, compilation: Compilation): string {
  const join = relationJoin(leaf.related, leaf.on, scope, below(place, "related"), below(place, "on"), compilation);
  if (join === null) return "FALSE";
  const where: Rule = leaf.where ?? { all: [] };
  const fits = compileRule(where, join.scope, below(place, "where"), compilation);
  switch (leaf.match ?? "any") {
    case "any":
      return join.member([fits]);
    case "none":
      return `(NOT ${join.member([fits])})`;
    case "all":
      return join.member([], `COUNT(*) = SUM(CASE WHEN ${fits} THEN 1 ELSE 0 END)`);
  }
}

/** The pairs of `on:`: this model's column and the other model's. */
export function joinPairs(on: On): readonly (readonly [string, string])[] {
  return typeof on === "string" ? [[on, on]] : Object.entries(on);
}

interface RelationJoin {
  /** The other model's rows. */
  readonly scope: Scope;
  /** SQL: has the row at least one of theirs that meets the conditions and, with `having`, do those together? */
  member(conditions: readonly string[], having?: string): string;
}

function relationJoin(
  model: string,
  on: On,
  scope: Scope,
  modelPlace: Place,
  onPlace: Place,
  compilation: Compilation,
): RelationJoin | null {
  const { context } = compilation;
  const names = [...context.project.models.keys(), ...context.project.seeds.keys()];
  if (!names.includes(model)) {
    problem(compilation, "E232", `there is no model "${model}"`, modelPlace, didYouMean(model, names));
    return null;
  }
  const columns = context.modelColumns(model);
  const number = compilation.aliases.next++;
  const other: Scope = { alias: `e${number}`, model, columns };
  const pairs = joinPairs(on);
  if (pairs.length === 0)
    problem(
      compilation,
      "E231",
      "on: names no column",
      onPlace,
      "write on: COLUMN or on: { their_column: other_column }",
    );
  const sides = pairs.map(([mine, theirs]) => {
    const left = operandOf(mine, scope, onPlace, compilation);
    const right = operandOf(theirs, other, onPlace, compilation);
    return left === null || right === null
      ? null
      : comparable(context.dialect, { sql: left.sql, column: left }, { sql: right.sql, column: right });
  });
  const known = sides.filter((side) => side !== null);
  if (known.length < sides.length || known.length === 0) return null;
  const parts = known.map((_, index) => `k${index}`);
  return {
    scope: other,
    member(conditions, having) {
      const keys = known.map(([, right], index) => `${right} AS ${context.dialect.quote(parts[index]!)}`);
      const present = known.map(([, right]) => `${right} IS NOT NULL`);
      const grouped =
        having === undefined ? "" : ` GROUP BY ${known.map(([, right]) => right).join(", ")} HAVING ${having}`;
      const query = `SELECT ${keys.join(", ")} FROM ${derived(context.modelQuery(model), other.alias)} WHERE ${[...present, ...conditions].join(" AND ")}${grouped}`;
      return semiJoin(
        context.dialect,
        known.map(([left]) => left),
        query,
        parts,
        `r${number}`,
      );
    },
  };
}

/** Rows in a window of time: the last so long up to as_of, or from one moment to another, both included. */
function withinSql(
  within: NonNullable<EventLeaf["within"]>,
  scope: Scope,
  place: Place,
  compilation: Compilation,
): string {
  const operand = timeOperand(within.field, scope, below(place, "field"), compilation);
  const tools = toolsAt(place, compilation);
  if (operand === null) return "FALSE";
  if (within.last !== undefined)
    return `COALESCE(${operatorSql(operand, "within_last", within.last, toolsAt(below(place, "last"), compilation))}, FALSE)`;
  const [from, to] = (["from", "to"] as const).map((key) => {
    const text = within[key];
    if (text === undefined) return null;
    const instant = momentInstant(text, tools.reference);
    if (instant === null)
      problem(
        compilation,
        "E231",
        `"${text}" is no date or timestamp`,
        below(place, key),
        "write 2026-01-31 or 2026-01-31T09:00:00Z",
      );
    return instant;
  });
  if (!isTemporal(operand.family)) return "FALSE";
  return `COALESCE(${temporalRange(tools.dialect, operand.sql, operand.family, from ?? null, to ?? null, tools.reference)}, FALSE)`;
}

function sumSql(sum: NonNullable<EventLeaf["sum"]>, scope: Scope, place: Place, compilation: Compilation): string {
  const operand = operandOf(sum.field, scope, below(place, "field"), compilation);
  if (operand === null) return "FALSE";
  if (operand.family !== "integer" && operand.family !== "decimal" && operand.family !== "float") {
    problem(compilation, "E230", `${sum.field} is of type ${operand.type} and cannot be summed`, below(place, "field"));
    return "FALSE";
  }
  const type = operand.family === "float" ? "DOUBLE" : operand.type;
  const total: Operand = {
    ...operand,
    name: `sum of ${operand.name}`,
    sql: `SUM(${operand.sql})`,
    type,
  };
  return `COALESCE(${numberSql(total, sum, place, compilation)}, FALSE)`;
}

function edgeSql(
  edge: "MIN" | "MAX",
  test: NonNullable<EventLeaf["first"]>,
  scope: Scope,
  place: Place,
  compilation: Compilation,
): string {
  const operand = timeOperand(test.field, scope, below(place, "field"), compilation);
  const operator = operatorOf(test);
  if (operand === null) return "FALSE";
  if (operator === null) {
    problem(
      compilation,
      "E231",
      `no operator on "${test.field}"`,
      place,
      "one of before, after, within_last, not_within_last",
    );
    return "FALSE";
  }
  const bound = operatorSql(
    { ...operand, sql: `${edge}(${operand.sql})` },
    operator,
    test[operator as "before"]!,
    toolsAt(below(place, operator), compilation),
  );
  return `COALESCE(${bound}, FALSE)`;
}

function numberSql(
  operand: Operand,
  test: NonNullable<EventLeaf["count"]>,
  place: Place,
  compilation: Compilation,
): string {
  const operator = operatorOf(test);
  if (operator !== null)
    return operatorSql(
      operand,
      operator,
      test[operator as keyof typeof test]!,
      toolsAt(below(place, operator), compilation),
    );
  problem(
    compilation,
    "E231",
    `no comparison of the ${operand.name}`,
    place,
    "one of is, is_not, gt, gte, lt, lte, between",
  );
  return "FALSE";
}

/** Does a count of zero pass? Then members without any row pass too. */
export function holdsForNone(test: NonNullable<EventLeaf["count"]>): boolean {
  if (test.is !== undefined) return test.is === 0;
  if (test.is_not !== undefined) return test.is_not !== 0;
  if (test.between !== undefined) return test.between[0] <= 0 && test.between[1] >= 0;
  if (test.gt !== undefined) return test.gt < 0;
  if (test.gte !== undefined) return test.gte <= 0;
  if (test.lt !== undefined) return test.lt > 0;
  return test.lte !== undefined && test.lte >= 0;
}

function timeOperand(name: string, scope: Scope, place: Place, compilation: Compilation): Operand | null {
  const operand = operandOf(name, scope, place, compilation);
  if (operand === null || isTemporal(operand.family)) return operand;
  problem(compilation, "E230", `${name} is of type ${operand.type}, not a date or timestamp`, place);
  return null;
}

function operatorOf(test: object): FieldOperator | null {
  return fieldOperators.find((operator) => operator in test) ?? null;
}
