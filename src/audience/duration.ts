/**
 * Durations and moments of rule trees (decision 3), as instants: both the SQL text and the evaluation in memory are
 * built on the numbers that come out here, so the calendar is implemented once.
 */
import { parseDuration, type DurationUnit, type ParsedDuration } from "../project/duration.ts";
import type { Moment } from "../project/schema/rule.ts";
import { addDays, dateAt, dateText, instantAt, midnight, utc, wallClock, type CivilDate } from "../project/zone.ts";

/** When a relative time is counted from, and on whose calendar. */
export interface Reference {
  /** Milliseconds since the epoch. */
  readonly asOf: number;
  /** IANA name; decides what a date without a time means and where months end. */
  readonly timezone: string;
}

const fixedMs: Readonly<Record<Exclude<DurationUnit, "mo" | "y">, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const unitWords: Readonly<Record<DurationUnit, string>> = {
  s: "second",
  min: "minute",
  h: "hour",
  d: "day",
  w: "week",
  mo: "month",
  y: "year",
};

/** `180 days`, `1 month`. */
export function durationWords({ count, unit }: ParsedDuration): string {
  return `${count} ${unitWords[unit]}${count === 1 ? "" : "s"}`;
}

/**
 * The instant so long before `asOf`. Seconds to weeks are fixed lengths (a day is 24 hours); months and years step
 * back on the zone's calendar to the same wall time, on the last day of a month that is too short.
 */
export function instantBefore({ count, unit }: ParsedDuration, { asOf, timezone }: Reference): number {
  if (unit !== "mo" && unit !== "y") return Math.max(asOf - count * fixedMs[unit], utc(1, 1, 1));
  const wall = wallClock(asOf, timezone);
  const date = new Date(wall);
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth() - count * (unit === "y" ? 12 : 1);
  const year = Math.floor(months / 12);
  const month = months - year * 12 + 1;
  const lastDay = new Date(utc(year, month + 1, 0)).getUTCDate();
  const timeOfDay = wall - utc(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
  return instantAt(utc(Math.max(year, 1), month, Math.min(date.getUTCDate(), lastDay)) + timeOfDay, timezone);
}

/**
 * The instant a date, a timestamp or `{ ago }` means; null where the text is none of them. A date is its midnight in
 * the zone; a timestamp (to the millisecond) without an offset is read on the zone's clock.
 */
export function momentInstant(moment: Moment, reference: Reference): number | null {
  if (typeof moment !== "string") {
    const duration = parseDuration(moment.ago);
    return "problem" in duration ? null : instantBefore(duration, reference);
  }
  const match =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})0*)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/.exec(
      moment,
    );
  if (match === null) return null;
  const date: CivilDate = {
    year: Number(match[1]),
    month: Number(match[2]),
    day: Number(match[3]),
  };
  if (dateText(addDays(date, 0)) !== dateText(date)) return null;
  if (match[4] === undefined) return midnight(date, reference.timezone);
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const wall =
    utc(date.year, date.month, date.day) +
    ((hour * 60 + minute) * 60 + second) * 1000 +
    Number((match[7] ?? "").padEnd(3, "0"));
  const offset = match[8];
  return offset === undefined ? instantAt(wall, reference.timezone) : wall - offsetMs(offset);
}

/** The date at an instant and the one after it; `exact` when the instant is that date's midnight. */
export function datesAround(
  instant: number,
  timezone: string,
): { readonly floor: string; readonly next: string; readonly exact: boolean } {
  const date = dateAt(instant, timezone);
  return {
    floor: dateText(date),
    next: dateText(addDays(date, 1)),
    exact: midnight(date, timezone) === instant,
  };
}

function offsetMs(offset: string): number {
  if (offset === "Z") return 0;
  const digits = offset.replace(":", "");
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5) || 0);
  return (digits[0] === "-" ? -minutes : minutes) * 60_000;
}
