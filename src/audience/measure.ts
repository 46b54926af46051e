/** What the rows that belong to a person come to, for an explanation. */
import type { EventLeaf, RelatedLeaf } from "../project/schema/rule.ts";
import { compileRule, operandOf, type Compilation, type Scope } from "./compile.ts";
import { below, type Place } from "./context.ts";
import type { Operand } from "./operand.ts";
import { relationJoin } from "./relation-join.ts";
import { eventConditions } from "./relation.ts";
import { wordsOf } from "./words.ts";

/** A number or time that a leaf tests, as a scalar subquery over the scope's row. */
export interface Measure {
  readonly name: string;
  readonly sql: string;
  readonly test: object;
}

/** The count, sum, first or last that the leaf tests. */
export function eventMeasure(leaf: EventLeaf, scope: Scope, place: Place, compilation: Compilation): Measure | null {
  const join = relationJoin(leaf.event, leaf.on, scope, below(place, "event"), below(place, "on"), compilation);
  if (join === null) return null;
  const conditions = eventConditions(leaf, join.scope, place, compilation);
  const aggregates = [
    ["sum", "SUM", leaf.sum],
    ["first", "MIN", leaf.first],
    ["last", "MAX", leaf.last],
  ] as const;
  for (const [name, aggregate, test] of aggregates) {
    if (test === undefined) continue;
    const operand = operandOf(test.field, join.scope, below(place, name, "field"), compilation);
    if (operand === null) return null;
    return {
      name: `${name} of ${test.field}`,
      sql: join.measure(conditions, aggregateSql(aggregate, operand, compilation)),
      test,
    };
  }
  return { name: "count", sql: join.measure(conditions, "COUNT(*)"), test: leaf.count ?? { gte: 1 } };
}

/** How many related rows there are and how many of them fit, as scalar subqueries over the scope's row. */
export function relatedMeasure(
  leaf: RelatedLeaf,
  scope: Scope,
  place: Place,
  compilation: Compilation,
): { readonly rows: string; readonly fitting: string } | null {
  const join = relationJoin(leaf.related, leaf.on, scope, below(place, "related"), below(place, "on"), compilation);
  if (join === null) return null;
  const fits = compileRule(leaf.where ?? { all: [] }, join.scope, below(place, "where"), compilation);
  return { rows: join.measure([], "COUNT(*)"), fitting: join.measure([fits], "COUNT(*)") };
}

function aggregateSql(aggregate: "SUM" | "MIN" | "MAX", { sql, family }: Operand, { context }: Compilation): string {
  return aggregate === "SUM" ? wordsOf(context.dialect).sum(sql, family) : `${aggregate}(${sql})`;
}
