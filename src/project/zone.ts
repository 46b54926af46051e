/** Wall clocks of time zones: where an instant stands on the calendar there, and back. Milliseconds since the epoch throughout. */

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

export const dayMs = 86_400_000;

/** The wall clock of a zone at an instant, as the milliseconds a UTC clock with the same hands would show. */
export function wallClock(instant: number, timezone: string): number {
  if (timezone === "UTC") return instant;
  const seconds = Math.floor(instant / 1000) * 1000;
  const parts: Record<string, number> = {};
  for (const { type, value } of formatter(timezone).formatToParts(seconds)) parts[type] = Number(value);
  const wall =
    utc(parts.year!, parts.month!, parts.day!) + ((parts.hour! * 60 + parts.minute!) * 60 + parts.second!) * 1000;
  return wall + (instant - seconds);
}

/**
 * The instant at which a zone's clock shows `wall`: the earlier one where an hour comes twice, the first instant after
 * the gap where it never comes.
 */
export function instantAt(wall: number, timezone: string): number {
  if (timezone === "UTC") return wall;
  const offsets = [wall - dayMs, wall + dayMs].map((around) => wallClock(around, timezone) - around);
  const exact = offsets.map((offset) => wall - offset).filter((instant) => wallClock(instant, timezone) === wall);
  return exact.length > 0 ? Math.min(...exact) : endOfGap(wall, Math.min(...offsets), Math.max(...offsets), timezone);
}

/** The date a zone's calendar shows at an instant. */
export function dateAt(instant: number, timezone: string): CivilDate {
  return civil(wallClock(instant, timezone));
}

/** The first instant of a date in a zone: its midnight, or the end of the gap where clocks skip midnight. */
export function midnight(date: CivilDate, timezone: string): number {
  return instantAt(utc(date.year, date.month, date.day), timezone);
}

/** The date so many days later; months and years roll over. */
export function addDays(date: CivilDate, days: number): CivilDate {
  return civil(utc(date.year, date.month, date.day + days));
}

/** `2026-01-05`. */
export function dateText(date: CivilDate): string {
  return `${String(date.year).padStart(4, "0")}-${pad(date.month)}-${pad(date.day)}`;
}

/** Milliseconds of a UTC midnight; unlike `Date.UTC` it leaves the years 0 to 99 as they are. */
export function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

/** Whether the zone is one this runtime knows. */
export function isTimezone(name: string): boolean {
  try {
    formatter(name);
    return true;
  } catch {
    return false;
  }
}

/** In a gap the wall clock jumps; the jump is found by halving between an instant before and one after it. */
function endOfGap(wall: number, smallest: number, largest: number, timezone: string): number {
  let before = wall - largest;
  let after = wall - smallest;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (wallClock(middle, timezone) < wall) before = middle;
    else after = middle;
  }
  return after;
}

function civil(wall: number): CivilDate {
  const date = new Date(wall);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Formatters are slow to make (about 50 µs), so each zone keeps one. */
function formatter(timezone: string): Intl.DateTimeFormat {
  let made = formatters.get(timezone);
  if (made === undefined) {
    made = new Intl.DateTimeFormat("en-US-u-ca-iso8601-nu-latn", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formatters.set(timezone, made);
  }
  return made;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
