import type { Outcome } from "../core.ts";
import { MillraceError } from "../errors.ts";
import type { Batch, Exchange } from "./index.ts";
import { all, unknown } from "./outcomes.ts";

/** A conversation that ends in one outcome per change, whatever the platform answered; only a `stop` passes through. */
export function* guarded(batch: Batch, conversation: Exchange<readonly Outcome[]>): Exchange<readonly Outcome[]> {
  try {
    const outcomes = yield* conversation;
    if (outcomes.length === batch.changes.length) return outcomes;
    return all(batch, unknown(`the destination gave ${outcomes.length} outcomes for ${batch.changes.length} changes`));
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    return all(batch, unknown(`broken answer: ${error instanceof Error ? error.message : String(error)}`));
  }
}
