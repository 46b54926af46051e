import type { Outcome } from "../core.ts";
import { askedWait, type HttpResponse } from "./http.ts";
import type { Batch, Change } from "./index.ts";
import { stop } from "./stop.ts";
import { withoutPersons } from "./words.ts";

/** The platform took it; `remoteId` is its own id of the record, kept in the ledger. */
export const accepted = (remoteId?: string): Outcome =>
  remoteId === undefined ? { status: "accepted" } : { status: "accepted", remoteId };

/** Definitely not applied. The platform's words are kept without the e-mails, numbers and hashes they may quote. */
export const rejected = (code: string, message: string): Outcome => ({
  status: "rejected",
  code,
  message: withoutPersons(message),
});

/** The same where every row of a batch was looked at and refused: it is not halved to find the rows that spoil it. */
export const rejectedEach = (code: string, message: string): Outcome => ({
  status: "rejected",
  code,
  message: withoutPersons(message),
  each: true,
});

/**
 * For every row of a batch of which the platform refused some and does not tell which: it is halved until they are alone; rows
 * that this does not come to are in doubt.
 */
export const rejectedPartly = (code: string, message: string): Outcome => ({
  status: "rejected",
  code,
  message: withoutPersons(message),
  partly: true,
});

/** Definitely not applied, through no fault of the row: throttled, busy, updating. */
export const deferred = (message: string, retryAfterMs?: number): Outcome =>
  retryAfterMs === undefined
    ? { status: "deferred", message: withoutPersons(message) }
    : { status: "deferred", message: withoutPersons(message), retryAfterMs };

/** Not ours to do: `not_found` in mode update. */
export const skipped = (reason: string): Outcome => ({ status: "skipped", reason });

/** May or may not have been applied. */
export const unknown = (message: string): Outcome => ({ status: "unknown", message: withoutPersons(message) });

/** `Retry-After` in milliseconds, from seconds or an HTTP date; undefined when absent or nonsense. `now`: for dates. */
export function retryAfter(response: HttpResponse, now: number): number | undefined {
  const header = askedWait(response.headers);
  if (header === undefined || header === "") return undefined;
  const ms = /^\d+(?:\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/**
 * The fate of everything in one request, by its status. 2xx accepted; 429 and 401 deferred (never applied); 408 and 5xx
 * unknown, except 503 with Retry-After; other 4xx rejected. Throws {@link stop} where no row can ever get through: 3xx
 * (an endpoint that moved), 403 (permission), 404 and 410 (the target is gone).
 */
export function byStatus(response: HttpResponse, message?: string): Outcome {
  const { status, headers } = response;
  const words = typeof message === "string" && message !== "" ? message : `HTTP ${status}`;
  if (isSuccess(status)) return accepted();
  if (status === 429 || status === 401 || status === 425 || (status === 503 && headers["retry-after"] !== undefined)) {
    const seconds = Number(askedWait(headers));
    return deferred(words, seconds >= 0 ? seconds * 1000 : undefined);
  }
  if (status === 408 || status >= 500 || status < 300) return unknown(words);
  if (status < 400)
    return stop(
      "redirected",
      `the destination answered with a redirect (HTTP ${status})`,
      "set the address it moved to",
    );
  if (status === 403)
    return stop("permission", `the destination refused permission: ${words}`, "check the scopes of the credentials");
  if (status === 404 || status === 410) return stop("target_gone", `what the sync writes to is gone: ${words}`);
  return rejected(`http_${status}`, words);
}

/** One outcome for all: for platforms that answer per request. */
export function together(batch: Batch, response: HttpResponse, message?: string): readonly Outcome[] {
  return all(batch, byStatus(response, message));
}

/** The same outcome for every change. */
export function all(batch: Batch, outcome: Outcome): readonly Outcome[] {
  return batch.changes.map(() => outcome);
}

function read<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/**
 * Verdicts that stand in the order of the changes. Anything but a list of exactly as many is a broken answer: all unknown;
 * an item that cannot be read is unknown alone.
 */
// oxlint-disable-next-line no-explicit-any -- items of a response body
export function byIndex(
  batch: Batch,
  items: unknown,
  verdict: (item: any, change: Change) => Outcome | undefined,
): readonly Outcome[] {
  if (!Array.isArray(items) || items.length !== batch.changes.length) {
    return all(
      batch,
      unknown(`broken answer: ${Array.isArray(items) ? items.length : "no"} results for ${batch.changes.length} rows`),
    );
  }
  return batch.changes.map(
    (change, index) =>
      read(() => verdict(items[index], change)) ?? unknown("broken answer: a result without a verdict"),
  );
}

/** Verdicts found by a key of the change; a change without one gets `missing`. */
export function byKey(
  batch: Batch,
  keyOf: (change: Change, index: number) => string | undefined,
  verdicts: ReadonlyMap<string, Outcome>,
  missing: Outcome = unknown("broken answer: no verdict for this row"),
): readonly Outcome[] {
  return batch.changes.map((change, index) => {
    const key = keyOf(change, index);
    return (key === undefined ? undefined : verdicts.get(key)) ?? missing;
  });
}
