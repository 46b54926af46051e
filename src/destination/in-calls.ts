import type { Outcome } from "../core.ts";
import type { Batch, Change, Exchange } from "./index.ts";
import { chunks } from "./parts.ts";

/** Calls refused as a whole after which the rest of a batch is not cut smaller any more: what all rows share is wrong. */
const hopeless = 24;

/**
 * A batch larger than one call of the platform, call by call. A batch of one call is halved by the engine when it is refused as
 * a whole; of several, the refused one is halved here, since the others have been taken. A refusal as a whole is one and the
 * same outcome (`all`) for every row.
 */
export function* inCalls(
  batch: Batch,
  size: number,
  send: (part: Batch) => Exchange<readonly Outcome[]>,
): Exchange<readonly Outcome[]> {
  if (batch.changes.length <= size) return yield* send(batch);
  const outcomes: Outcome[] = [];
  const waiting: (readonly Change[])[] = [...chunks(batch.changes, size)];
  let refusals = 0;
  for (let changes = waiting.shift(); changes !== undefined; changes = waiting.shift()) {
    const found = yield* send({ ...batch, changes });
    const [first] = found;
    const whole = first?.status === "rejected" && found.length > 1 && found.every((outcome) => outcome === first);
    if (whole && (refusals += 1) <= hopeless) waiting.unshift(...chunks(changes, Math.ceil(changes.length / 2)));
    else outcomes.push(...found);
  }
  return outcomes;
}
