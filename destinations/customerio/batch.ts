/** v2 batches, which people and events travel in: they answer 207 and name what they did not take. */
import type { Batch, Change, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, all, rejected, unknown, withinBytes } from "millrace/destination";
import { api, type Config, tookAll, worded } from "./api.ts";
import { idOf, kindOf } from "./identity.ts";

/** 32 KB an item (spec, batch). */
const itemBytes = 32_000;

/** What every item begins with: whom it is about, and what becomes of them. */
export const itemHead = (change: Change, action: "identify" | "event" | "delete") => ({
  type: "person",
  identifiers: { [kindOf(change)]: idOf(change) },
  action,
});

/** Sends one item a row, to the fate of each. */
export const sendBatch = (
  batch: Batch,
  ctx: Context<Config>,
  itemOf: (change: Change) => object,
): Exchange<readonly Outcome[]> =>
  withinBytes(batch, itemBytes, itemOf, function* (rest, items) {
    return verdicts(rest, yield* api.post(ctx, "api/v2/batch", { batch: items }));
  });

/** 207: all were taken but those named, so that an error without a place leaves the others in doubt. */
function verdicts(batch: Batch, response: HttpResponse): readonly Outcome[] {
  if (tookAll(response)) return all(batch, accepted());
  const errors = response.body?.errors;
  if (response.status !== 207 || !Array.isArray(errors) || errors.length === 0) return all(batch, api.broken(response));

  const refused = new Map<number, Outcome>();
  for (const error of errors) refused.set(error.batch_index, rejected(worded(error).code, worded(error).message));
  const allPlaced = [...refused.keys()].every((index) => batch.changes[index] !== undefined);
  const others = allPlaced ? accepted() : unknown("Customer.io refused a row and did not say which");
  return batch.changes.map((_, index) => refused.get(index) ?? others);
}
