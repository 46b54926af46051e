/** What became of a run that replaces its target as a whole, by the journal. */
import type { Replacement } from "../ledger/rules.ts";
import type { DeliveryRecord, IntentRecord } from "./records.ts";

/** Batches that left and whose fate no verdict tells: the end of the run speaks for them. Removals are no part of a replacement. */
export class OpenBatches {
  readonly #open = new Map<string, IntentRecord>();

  take(record: DeliveryRecord): void {
    if (record.t === "i" && record.p % 2 === 0) this.#open.set(record.b, record);
    if ((record.t === "v" && record.s !== "unknown") || record.t === "r") this.#open.delete(record.b);
  }

  get intents(): readonly IntentRecord[] {
    return [...this.#open.values()];
  }
}

/**
 * Null: no batch of it reached the platform, which holds what it held before. `horizon`: up to where rows may have left
 * where the journal is lost (R7), else null.
 */
export function replacementOf(records: readonly DeliveryRecord[], horizon: number | null): Replacement | null {
  const open = new OpenBatches();
  for (const record of records) open.take(record);
  const [first] = open.intents;
  if (first === undefined) return horizon === null || horizon <= 0 ? null : { fate: "broken" };
  return records.some(({ t }) => t === "e") ? { fate: "closed", at: first.at } : { fate: "broken" };
}
