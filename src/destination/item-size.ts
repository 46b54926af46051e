import type { Outcome } from "../core.ts";
import type { Batch, Change, Exchange } from "./index.ts";
import { rejected } from "./outcomes.ts";
import { only } from "./row-by-row.ts";

/**
 * For platforms that limit the bytes of one row: rows whose item is larger as JSON are refused before anything is sent, the
 * others go on together with their items, in order.
 */
export function* withinBytes(
  batch: Batch,
  bytes: number,
  itemOf: (change: Change) => object,
  send: (batch: Batch, items: readonly object[]) => Exchange<readonly Outcome[]>,
): Exchange<readonly Outcome[]> {
  const items = new Map(batch.changes.map((change) => [change, itemOf(change)]));
  const refusal = rejected("too_large", `larger than the ${bytes / 1000} KB that the platform takes of one row`);
  return yield* only(
    batch,
    (change) => (Buffer.byteLength(JSON.stringify(items.get(change))) > bytes ? refusal : undefined),
    (rest) =>
      send(
        rest,
        rest.changes.map((change) => items.get(change) ?? {}),
      ),
  );
}
