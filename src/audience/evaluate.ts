/**
 * A rule tree evaluated over rows in memory: what the compiled SQL must agree with, and small enough to be read as the
 * definition of the rules. Values are as {@link Warehouse.rows} gives them.
 */
import {
  fieldOperators,
  type EventLeaf,
  type FieldLeaf,
  type On,
  type RelatedLeaf,
  type Rule,
} from "../project/schema/rule.ts";
import type { Column } from "../warehouse/warehouse.ts";
import type { Reference } from "./duration.ts";
import { holdsForOperator, isEqualKey, order, type OperatorTest } from "./value.ts";

export type Row = Readonly<Record<string, unknown>>;

/** The rows around the one that is looked at. */
export interface RowWorld extends Reference {
  rows(model: string): readonly Row[];
  columns(model: string): readonly Column[];
  /** Is the row, of its own model, a member of a segment? */
  inSegment(name: string, row: Row): boolean;
  inAudience(name: string, row: Row): boolean;
}

/** Does the rule hold for a row of a model? Never unknown: NULLs make leaves false, or true with `or_null` (decision 2). */
export function evaluate(rule: Rule, row: Row, model: string, world: RowWorld): boolean {
  if ("all" in rule) return rule.all.every((part) => evaluate(part, row, model, world));
  if ("any" in rule) return rule.any.some((part) => evaluate(part, row, model, world));
  if ("not" in rule) return !evaluate(rule.not, row, model, world);
  if ("in_segment" in rule) return world.inSegment(rule.in_segment, row);
  if ("in_audience" in rule) return world.inAudience(rule.in_audience, row);
  if ("event" in rule) return evaluateEvent(rule, row, model, world);
  if ("related" in rule) return evaluateRelated(rule, row, model, world);
  return evaluateField(rule, row, columnOf(world, model, rule.field), world);
}

function evaluateField(leaf: FieldLeaf, row: Row, column: Column, world: RowWorld): boolean {
  const value = row[column.name] ?? null;
  const operator = fieldOperators.find((candidate) => leaf[candidate] !== undefined)!;
  if (operator === "is_null") return value === null;
  if (operator === "is_not_null") return value !== null;
  if (value === null) return leaf.or_null === true;
  return holdsForOperator(value, column, { operator, value: leaf[operator]! } as OperatorTest, world);
}

function evaluateEvent(leaf: EventLeaf, row: Row, model: string, world: RowWorld): boolean {
  const rows = belonging(leaf.event, leaf.on, row, model, world)
    .filter((event) => leaf.within === undefined || isWithin(leaf.within, event, leaf.event, world))
    .filter((event) => leaf.where === undefined || evaluate(leaf.where, event, leaf.event, world));
  if (leaf.sum !== undefined) {
    const column = columnOf(world, leaf.event, leaf.sum.field);
    const values = rows.map((event) => event[column.name] ?? null).filter((value) => value !== null);
    return values.length > 0 && holdsForNumber(total(values, column), column, leaf.sum, world);
  }
  if (leaf.first !== undefined) return evaluateEdge(leaf.first, -1, rows, leaf.event, world);
  if (leaf.last !== undefined) return evaluateEdge(leaf.last, 1, rows, leaf.event, world);
  return holdsForNumber(
    rows.length,
    { name: "count", type: "BIGINT", family: "integer" },
    leaf.count ?? { gte: 1 },
    world,
  );
}

function evaluateRelated(leaf: RelatedLeaf, row: Row, model: string, world: RowWorld): boolean {
  const rows = belonging(leaf.related, leaf.on, row, model, world);
  const fits = (other: Row) => leaf.where === undefined || evaluate(leaf.where, other, leaf.related, world);
  switch (leaf.match ?? "any") {
    case "any":
      return rows.some(fits);
    case "none":
      return !rows.some(fits);
    case "all":
      return rows.length > 0 && rows.every(fits);
  }
}

function belonging(other: string, on: On, row: Row, model: string, world: RowWorld): readonly Row[] {
  const pairs = (typeof on === "string" ? [[on, on] as const] : Object.entries(on)).map(
    ([mine, theirs]) => [columnOf(world, model, mine), columnOf(world, other, theirs)] as const,
  );
  return world
    .rows(other)
    .filter((candidate) =>
      pairs.every(([mine, theirs]) => isEqualKey(row[mine.name], mine, candidate[theirs.name], theirs)),
    );
}

function isWithin(within: NonNullable<EventLeaf["within"]>, event: Row, model: string, world: RowWorld): boolean {
  const column = columnOf(world, model, within.field);
  const value = event[column.name] ?? null;
  if (value === null) return false;
  if (within.last !== undefined)
    return holdsForOperator(value, column, { operator: "within_last", value: within.last }, world);
  return (
    (within.from === undefined || holdsForOperator(value, column, { operator: "gte", value: within.from }, world)) &&
    (within.to === undefined || holdsForOperator(value, column, { operator: "lte", value: within.to }, world))
  );
}

function evaluateEdge(
  test: NonNullable<EventLeaf["first"]>,
  sign: -1 | 1,
  rows: readonly Row[],
  model: string,
  world: RowWorld,
): boolean {
  const column = columnOf(world, model, test.field);
  const values = rows.map((event) => event[column.name] ?? null).filter((value) => value !== null);
  const edge = values.toSorted((one, other) => sign * order(other, one, column, world))[0];
  const operator = fieldOperators.find((candidate) => candidate in test)!;
  return (
    edge !== undefined &&
    holdsForOperator(edge, column, { operator, value: test[operator as "before"]! } as OperatorTest, world)
  );
}

function holdsForNumber(
  value: unknown,
  column: Column,
  test: NonNullable<EventLeaf["count"]>,
  world: RowWorld,
): boolean {
  const operator = fieldOperators.find((candidate) => candidate in test)!;
  return holdsForOperator(value, column, { operator, value: test[operator as "gte"]! } as OperatorTest, world);
}

/** Exact for integers and decimals; doubles are added in the order they come. */
function total(values: readonly unknown[], column: Column): unknown {
  if (column.family === "float") return values.reduce<number>((sum, value) => sum + Number(value), 0);
  return sumDigits(values.map(String));
}

function sumDigits(texts: readonly string[]): string {
  const scale = Math.max(...texts.map((text) => text.split(".")[1]?.length ?? 0));
  const sum = texts.reduce((digits, text) => {
    const [whole = "", fraction = ""] = text.split(".");
    return digits + BigInt(whole + fraction.padEnd(scale, "0"));
  }, 0n);
  const text = String(sum < 0n ? -sum : sum).padStart(scale + 1, "0");
  const cut = text.length - scale;
  return `${sum < 0n ? "-" : ""}${text.slice(0, cut)}${scale === 0 ? "" : `.${text.slice(cut)}`}`;
}

function columnOf(world: RowWorld, model: string, name: string): Column {
  const column = world.columns(model).find((candidate) => candidate.name === name);
  if (column === undefined) throw new RangeError(`model ${model} has no column ${name}`);
  return column;
}
