import type { Batch, Change, Op } from "../../src/destination/index.ts";

/** A change of key `key` with what the test says of it. */
export function change(key: string, more: Partial<Change> = {}): Change {
  return { op: "add", key, identifiers: {}, fields: {}, idempotencyKey: `row-${key}`, ...more };
}

/** A batch of one op; changes get that op too. */
export function batch(op: Op, changes: readonly Change[], more: Partial<Batch> = {}): Batch {
  return { id: `batch-${op}-0`, op, index: 0, changes: changes.map((each) => ({ ...each, op })), ...more };
}
