import { askedWait } from "../destination/index.ts";
import type { Random } from "../ports.ts";

const baseMs = 500;
const capMs = 60_000;
/** Platforms that ask for more than a day are asked again by the next run. */
const longestAskMs = 86_400_000;

/** Full jitter: anything between 0 and 0.5 s, 1 s, 2 s … 60 s. https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter */
export function backoffMs(attempt: number, random: Random): number {
  return random.next() * Math.min(capMs, baseMs * 2 ** (attempt - 1));
}

/**
 * What `Retry-After` asks for, in milliseconds, or null when it says nothing usable (RFC 9110, 10.2.3). Dates are read
 * against the answer's own `Date`, so that a wrong clock here does not matter.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | null {
  const text = askedWait(headers) ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, longestAskMs);
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) return null;
  const answered = Date.parse(headers["date"] ?? "");
  const wait = at - (Number.isNaN(answered) ? now : answered);
  return wait <= 0 ? null : Math.min(wait, longestAskMs);
}

/** Never less than asked, up to a fifth more, so that waiting clients do not come back in one wave. */
export const spread = (askedMs: number, random: Random): number => askedMs * (1 + 0.2 * random.next());

/**
 * How long the remaining quota asks us to pause: `RateLimit-Remaining: 0` with a `-Reset` in seconds or as an epoch
 * time; 0 when there is quota left or nothing is said.
 */
export function quotaPauseMs(headers: Readonly<Record<string, string>>, now: number): number {
  for (const prefix of ["ratelimit", "x-ratelimit", "x-rate-limit"]) {
    const reset = Number(headers[`${prefix}-reset`] ?? Number.NaN);
    if (Number(headers[`${prefix}-remaining`] ?? 1) > 0 || !Number.isFinite(reset)) continue;
    const wait = reset > 1e12 ? reset - now : reset > 1e9 ? reset * 1000 - now : reset * 1000;
    return Math.min(Math.max(0, wait), capMs);
  }
  return 0;
}

/**
 * The retry budget of one account: two retries for every success and a stock of 32, so that flapping platforms are
 * ridden out and dead ones are not hammered.
 */
export class RetryBudget {
  #left = 32;

  credit(): void {
    this.#left = Math.min(32, this.#left + 2);
  }

  /** False when the budget is spent. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
