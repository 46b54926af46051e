/** /users/track, which takes users and events: it answers 201 and names the rows it did not take. */
import type { Batch, Change, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, all, rejected, unknown, withinBytes } from "millrace/destination";
import { api, type Config } from "./api.ts";

/** 75 items and 4 MB a request, 3,000 requests in 3 s (facts B3); the rest of the 4 MB is for the words around. */
export const limits = { rows: 75, bytes: 3_900_000, rate: { requests: 3000, perSeconds: 3 } };

/** 100 KB an item (facts B3). */
const itemBytes = 100_000;

/** What a request calls the list of its items. */
type List = "attributes" | "events";

/** Sends one item a row, to the fate of each. */
export const track = (
  batch: Batch,
  ctx: Context<Config>,
  list: List,
  itemOf: (change: Change, ctx: Context<Config>) => object,
): Exchange<readonly Outcome[]> =>
  withinBytes(
    batch,
    itemBytes,
    (change) => itemOf(change, ctx),
    function* (rest, items) {
      return verdicts(rest, yield* api.post(ctx, "users/track", { [list]: items }), list);
    },
  );

/** Rows that no error names were taken, unless an error does not say which row it means. */
function verdicts(batch: Batch, response: HttpResponse, list: List): readonly Outcome[] {
  const { body } = response;
  if (api.outcome(response).status !== "accepted" || body?.message !== "success")
    return all(batch, api.broken(response));

  const errors: readonly any[] = [body.errors ?? []].flat();
  const refused = new Map<number, Outcome>();
  let others = accepted();
  for (const error of errors) {
    const namesRow = (error?.input_array ?? list) === list && batch.changes[error?.index] !== undefined;
    if (namesRow) refused.set(error.index, rejected("invalid", String(error.type ?? "refused")));
    else others = unknown("Braze refused a row and did not say which");
  }
  return batch.changes.map((_, index) => refused.get(index) ?? others);
}
