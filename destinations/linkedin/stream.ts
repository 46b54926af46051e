/** Rows streamed into a segment: LinkedIn answers for each of them, in order. */
import type { Batch, Change, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, all, byIndex, deferred, rejected, unknown } from "millrace/destination";
import { api, type Config } from "./api.ts";

/**
 * Sends rows. A new segment can be read before it can be filled, "404 for 1-2 min" (facts A8): while it can be read, the rows
 * are tried again.
 */
function* stream(ctx: Context<Config>, path: string, elements: readonly object[]): Exchange<HttpResponse | Outcome> {
  const segment = `dmpSegments/${ctx.remote.id}`;
  const headers = { "x-restli-method": "BATCH_CREATE" };
  for (const afterMs of [0, 5_000, 15_000, 40_000, 60_000]) {
    const response = yield* api.post(ctx, `${segment}/${path}`, { elements }, { headers, afterMs });
    if (response.status !== 404) return response;
    const found = yield* api.get(ctx, segment);
    if (found.body?.id === undefined) return api.broken(found);
  }
  return deferred("the segment is new and cannot be filled yet");
}

interface RowResult {
  readonly status?: number;
  readonly error?: { readonly message?: string };
}

function verdict({ status = Number.NaN, error }: RowResult, { op }: Change): Outcome | undefined {
  const words = String(error?.message ?? `HTTP ${status}`);
  if ((status >= 200 && status < 300) || (status === 404 && op === "remove")) return accepted();
  if (status === 401 || status === 409 || status === 429) return deferred(words);
  if (status >= 500) return unknown(words);
  return status >= 400 ? rejected(`http_${status}`, words) : undefined;
}

/** `deliver` of an object whose rows go to this path of its segment. */
export const streaming = (path: string, rowOf: (change: Change) => object) =>
  function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
    const action = batch.op === "remove" ? "REMOVE" : "ADD";
    const rows = batch.changes.map((change) => ({ action, ...rowOf(change) }));
    const answer = yield* stream(ctx, path, rows);
    if (!("text" in answer)) return all(batch, answer);
    const outcome = api.outcome(answer);
    return outcome.status === "accepted" ? byIndex(batch, answer.body?.elements, verdict) : all(batch, outcome);
  };
