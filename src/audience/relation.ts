/**
 * `event` and `related`: rules over the rows of another model that belong to a row (decision 3), as semi-joins. What
 * is NULL in their WHERE and HAVING keeps nobody, as FALSE does.
 */
import type { EventLeaf, FieldOperator, RelatedLeaf, Rule } from "../project/schema/rule.ts";
import { fieldOperators } from "../project/schema/rule.ts";
import { compileRule, operandOf, problem, toolsAt, type Compilation, type Scope } from "./compile.ts";
import { below, type Place } from "./context.ts";
import { momentInstant } from "./duration.ts";
import { operatorSql, type Operand } from "./operand.ts";
import { relationJoin } from "./relation-join.ts";
import { isTemporal, temporalRange } from "./temporal.ts";
import { wordsOf } from "./words.ts";

/** Members with enough rows, a large enough sum, or a first or last row at the right time; no rows are a count of 0. */
export function eventSql(leaf: EventLeaf, scope: Scope, place: Place, compilation: Compilation): string {
  const join = relationJoin(leaf.event, leaf.on, scope, below(place, "event"), below(place, "on"), compilation);
  if (join === null) return "FALSE";
  const conditions = eventConditions(leaf, join.scope, place, compilation);
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

/** What rows of an event must meet to be counted. */
export function eventConditions(
  leaf: EventLeaf,
  scope: Scope,
  place: Place,
  compilation: Compilation,
): readonly string[] {
  return [
    ...(leaf.within === undefined ? [] : [withinSql(leaf.within, scope, below(place, "within"), compilation)]),
    ...(leaf.where === undefined ? [] : [compileRule(leaf.where, scope, below(place, "where"), compilation)]),
  ];
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
    return operatorSql(operand, "within_last", within.last, toolsAt(below(place, "last"), compilation));
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
  return temporalRange(tools.dialect, operand.sql, operand.family, from ?? null, to ?? null, tools.reference);
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
    sql: wordsOf(compilation.context.dialect).sum(operand.sql, operand.family),
    type,
  };
  return numberSql(total, sum, place, compilation);
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
  return operatorSql(
    { ...operand, sql: `${edge}(${operand.sql})` },
    operator,
    test[operator as "before"]!,
    toolsAt(below(place, operator), compilation),
  );
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
