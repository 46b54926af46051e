import type { ColumnFamily, Dialect } from "../warehouse/warehouse.ts";
import { datesAround, type Reference } from "./duration.ts";
import { constant, type Comparator } from "./number.ts";
import { wordsOf } from "./words.ts";

export type TemporalFamily = "date" | "timestamp" | "timestamptz";

export function isTemporal(family: ColumnFamily): family is TemporalFamily {
  return family === "date" || family === "timestamp" || family === "timestamptz";
}

/**
 * A comparison of a date or timestamp column with an instant, as SQL, null-propagating.
 *
 * A timestamp without zone is UTC. A date is its midnight in the project's zone; since midnights follow the order of
 * dates, the instant is turned into a date here and the engine compares plain dates.
 */
export function temporalComparison(
  dialect: Dialect,
  column: string,
  family: TemporalFamily,
  comparator: Comparator,
  instant: number,
  { timezone }: Reference,
): string {
  const { plainTimestamp, years } = wordsOf(dialect);
  const { floor, next, exact } = datesAround(instant, timezone);
  const year = family === "date" ? Number(floor.split("-", 1)[0]) : new Date(instant).getUTCFullYear();
  if (year < years[0]) return constant(column, comparator === ">" || comparator === ">=" || comparator === "<>");
  if (year > years[1]) return constant(column, comparator === "<" || comparator === "<=" || comparator === "<>");
  if (family === "timestamptz") return `${column} ${comparator} ${dialect.timestamp(instant)}`;
  if (family === "timestamp") {
    const text = new Date(instant).toISOString().replace("T", " ").replace("Z", "");
    return `${column} ${comparator} ${plainTimestamp(text)}`;
  }
  const date = (text: string) => `CAST(${dialect.literal(text)} AS DATE)`;
  switch (comparator) {
    case "=":
    case "<>":
      return exact ? `${column} ${comparator} ${date(floor)}` : constant(column, comparator === "<>");
    case ">":
      return `${column} > ${date(floor)}`;
    case "<=":
      return `${column} <= ${date(floor)}`;
    case ">=":
      return `${column} >= ${date(exact ? floor : next)}`;
    case "<":
      return `${column} < ${date(exact ? floor : next)}`;
  }
}

/** From one instant to another, both included; without either, any time at all. */
export function temporalRange(
  dialect: Dialect,
  column: string,
  family: TemporalFamily,
  from: number | null,
  to: number | null,
  zone: Reference,
): string {
  const sides = [
    ...(from === null ? [] : [temporalComparison(dialect, column, family, ">=", from, zone)]),
    ...(to === null ? [] : [temporalComparison(dialect, column, family, "<=", to, zone)]),
  ];
  return sides.length === 0 ? `${column} IS NOT NULL` : `(${sides.join(" AND ")})`;
}
