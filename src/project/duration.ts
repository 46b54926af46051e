const units = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, mo: null, y: null } as const;

export type DurationUnit = keyof typeof units;

/** `30d` taken apart; months and years go by the calendar and have no fixed length. */
export interface ParsedDuration {
  readonly count: number;
  readonly unit: DurationUnit;
}

/** Reads `s, min, h, d, w, mo, y` (decision 3); the text says why where it is none: `m` could be two things. */
export function parseDuration(text: string): ParsedDuration | { readonly problem: string } {
  const match = /^(\d{1,9})\s*([a-zA-Z]+)$/.exec(text);
  const unit = match?.[2];
  if (match === null || unit === undefined) return { problem: `expected a duration like 30d, found "${text}"` };
  if (unit === "m")
    return { problem: `"${text}" could mean two things: write ${match[1]}min for minutes or ${match[1]}mo for months` };
  if (!Object.hasOwn(units, unit))
    return { problem: `unknown unit "${unit}" in "${text}": one of s, min, h, d, w, mo, y` };
  return { count: Number(match[1]), unit: unit as DurationUnit };
}

/** Milliseconds of a duration with a fixed length; null for months, years and what is no duration. */
export function durationMs(text: string): number | null {
  const parsed = parseDuration(text);
  if ("problem" in parsed) return null;
  const unit = units[parsed.unit];
  return unit === null ? null : parsed.count * unit;
}

/** So long before `now` (milliseconds since the epoch), months and years by the UTC calendar, the day clamped to the month's last. */
export function before(now: number, duration: ParsedDuration): number {
  const length = units[duration.unit];
  if (length !== null) return now - duration.count * length;
  const date = new Date(now);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - duration.count * (duration.unit === "y" ? 12 : 1));
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, last));
}
