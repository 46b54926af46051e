/** Values of rows compared in memory by the family of their column, as the compiled SQL compares them. */
import { parseDuration } from "../project/duration.ts";
import type { FieldLeaf, FieldOperator, Moment, Scalar } from "../project/schema/rule.ts";
import type { Column } from "../warehouse/warehouse.ts";
import { instantBefore, momentInstant, type Reference } from "./duration.ts";
import { compareDigits, digitsOf } from "./number.ts";
import { isTemporal } from "./temporal.ts";
import { midnight } from "../project/zone.ts";

/** An operator with its value. */
export type OperatorTest = {
  readonly [Operator in FieldOperator]: {
    readonly operator: Operator;
    readonly value: NonNullable<FieldLeaf[Operator]>;
  };
}[FieldOperator];

/** Does the operator hold for a value that is not NULL? */
export function holdsForOperator(value: unknown, column: Column, test: OperatorTest, zone: Reference): boolean {
  const against = (scalar: Scalar) => orderAgainst(value, column, scalar, zone);
  switch (test.operator) {
    case "is":
      return against(test.value) === 0;
    case "is_not":
      return against(test.value) !== 0;
    case "in":
      return test.value.some((scalar) => against(scalar) === 0);
    case "not_in":
      return test.value.every((scalar) => against(scalar) !== 0);
    case "gt":
      return against(test.value) > 0;
    case "gte":
      return against(test.value) >= 0;
    case "lt":
      return against(test.value) < 0;
    case "lte":
      return against(test.value) <= 0;
    case "between":
      return against(test.value[0]) >= 0 && against(test.value[1]) <= 0;
    case "contains":
      return Array.isArray(value)
        ? value.some((element) => isSameElement(element, test.value))
        : String(value).includes(String(test.value));
    case "starts_with":
      return String(value).startsWith(test.value);
    case "before":
      return compareMicros(micros(value, column, zone), momentMicros(test.value, zone)) < 0;
    case "after":
      return compareMicros(micros(value, column, zone), momentMicros(test.value, zone)) > 0;
    case "within_last":
      return isWithinLast(value, column, test.value, zone);
    case "not_within_last":
      return !isWithinLast(value, column, test.value, zone);
    case "is_null":
      return false;
    case "is_not_null":
      return true;
  }
}

/** Negative, zero or positive as one value of a column is less, equal or greater than another. */
export function order(one: unknown, other: unknown, column: Column, zone: Reference): number {
  if (isTemporal(column.family)) return compareMicros(micros(one, column, zone), micros(other, column, zone));
  return orderAgainst(one, column, other as Scalar, zone);
}

/** Do two key columns hold the same key? Equal families compare as they are, others by their text; NULLs never. */
export function isEqualKey(one: unknown, oneColumn: Column, other: unknown, otherColumn: Column): boolean {
  if (one === null || one === undefined || other === null || other === undefined) return false;
  if (isNumeric(oneColumn) && isNumeric(otherColumn))
    return orderNumbers(one, other, oneColumn.family === "float" || otherColumn.family === "float") === 0;
  return oneColumn.family === otherColumn.family
    ? String(one) === String(other)
    : keyText(one, oneColumn) === keyText(other, otherColumn);
}

function orderAgainst(value: unknown, column: Column, literal: Scalar, zone: Reference): number {
  if (isNumeric(column)) return orderNumbers(value, literal, column.family === "float");
  if (isTemporal(column.family)) return compareMicros(micros(value, column, zone), momentMicros(String(literal), zone));
  if (column.family === "time") return compareText(timeText(String(value)), timeText(String(literal)));
  if (typeof value === "boolean") return Number(value) - Number(literal);
  return compareText(String(value), String(literal));
}

function isNumeric({ family }: Column): boolean {
  return family === "integer" || family === "decimal" || family === "float";
}

/** Doubles by value with NaN equal to itself and above all, as warehouses sort it; the rest exactly, digit by digit. */
function orderNumbers(one: unknown, other: unknown, asDoubles: boolean): number {
  const [left, right] = [digitsOf(one as string), digitsOf(other as string)];
  if (!asDoubles && left !== null && right !== null) return compareDigits(left, right);
  const [a, b] = [Number(one), Number(other)];
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By code points, which is the order of UTF-8 bytes; JavaScript's own puts astral characters too early. */
function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function isSameElement(element: unknown, literal: Scalar): boolean {
  if (element === null) return false;
  if (typeof literal === "string" || typeof literal === "boolean") return element === literal;
  return orderNumbers(element, literal, false) === 0;
}

/** Microseconds since the epoch: of a date its midnight in the zone, of a timestamp itself. */
function micros(value: unknown, column: Column, { timezone }: Reference): bigint {
  const text = String(value);
  if (column.family === "date") {
    const [year, month, day] = text.split("-").map(Number);
    return BigInt(midnight({ year: year!, month: month!, day: day! }, timezone)) * 1000n;
  }
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
  return BigInt(Date.parse(text.replace(/\.\d+/, ""))) * 1000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
}

function momentMicros(moment: Moment, zone: Reference): bigint {
  const instant = momentInstant(moment, zone);
  if (instant === null) throw new RangeError("a moment that is none reached the evaluation");
  return BigInt(instant) * 1000n;
}

function isWithinLast(value: unknown, column: Column, text: string, zone: Reference): boolean {
  const duration = parseDuration(text);
  if ("problem" in duration) throw new RangeError(duration.problem);
  const at = micros(value, column, zone);
  return at >= BigInt(instantBefore(duration, zone)) * 1000n && at <= BigInt(zone.asOf) * 1000n;
}

function compareMicros(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** `9:30` and `09:30:00` alike. */
function timeText(text: string): string {
  const [clock = "", fraction = ""] = text.split(".");
  const whole = clock.split(":").length === 2 ? `${clock}:00` : clock;
  return fraction.replace(/0+$/, "") === "" ? whole : `${whole}.${fraction.replace(/0+$/, "")}`;
}

function keyText(value: unknown, column: Column): string {
  if (!isNumeric(column)) return String(value).normalize("NFC");
  const text = String(value);
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}
