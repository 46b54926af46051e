import { exitCodes, failure, type MillraceError } from "../errors.ts";
import type { Limit } from "../project/project.ts";

/** A mistake in the command line itself: E001, exit 64. */
export function usage(message: string, hint?: string, code: string = "E001"): MillraceError {
  return failure(code, message, { exit: exitCodes.usage, ...(hint === undefined ? {} : { hint }) });
}

/** A whole number from `least` upwards, or E001 naming the flag. */
export function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text.replaceAll("_", ""));
  if (!/^\d[\d_]*$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw usage(`${flag} takes a whole number from ${least} upwards, not ${JSON.stringify(text)}`);
  }
  return value;
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `30s`, `10m`, `2h` in milliseconds; a bare number is seconds. */
export function waitingTime(flag: string, text: string): number {
  const match = /^(\d+)(ms|s|min|m|h|d)?$/.exec(text);
  if (match === null) throw usage(`${flag} takes a time such as 30s, 10m or 2h, not ${JSON.stringify(text)}`);
  return Number(match[1]) * unitMs[match[2] ?? "s"]!;
}

/** `50` people or `15%`. */
export function limit(flag: string, text: string): Limit {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  if (match === null)
    throw usage(`${flag} takes a number of people or a share, such as 50 or 15%, not ${JSON.stringify(text)}`);
  return match[2] === "%" ? { share: Number(match[1]) / 100 } : { rows: wholeNumber(flag, match[1]!, 0) };
}

/** A moment in ISO form, milliseconds since the epoch; a date is its midnight in UTC. */
export function moment(flag: string, text: string): number {
  const iso = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const at = /^\d{4}-\d{2}-\d{2}T/.test(iso) ? Date.parse(iso) : Number.NaN;
  if (Number.isNaN(at))
    throw usage(`${flag} takes a time such as 2026-11-22 or 2026-11-22T06:00:00Z, not ${JSON.stringify(text)}`);
  return at;
}
