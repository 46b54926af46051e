/** What the journal of one sync's plan says, record by record: an intent before a batch leaves, verdicts after. */
import type { Json } from "../core.ts";
import type { Verdict } from "../ledger/rules.ts";

/** A batch is about to leave: every row of this op between `a` and `z` (seq, inclusive) that has part `p`. */
export interface IntentRecord {
  readonly t: "i";
  /** Batch id: the idempotency key. */
  readonly b: string;
  readonly p: number;
  readonly a: number;
  readonly z: number;
  /** SHA-256 of the changes, cut to 32 hex. */
  readonly d: string;
  /** When it left, milliseconds. */
  readonly at: number;
}

/** One verdict for the whole of a range; the latest record that covers a row and part counts. */
export interface RangeRecord {
  readonly t: "v";
  readonly b: string;
  readonly p: number;
  readonly a: number;
  readonly z: number;
  readonly s: Verdict;
  readonly at: number;
  readonly c?: string;
  readonly m?: string;
}

/** Verdicts of single rows of a batch: seq, status, code, message, remote id. */
export interface RowsRecord {
  readonly t: "r";
  readonly b: string;
  readonly p: number;
  readonly at: number;
  readonly rows: readonly (readonly [
    seq: number,
    status: Verdict,
    code: string,
    message: string,
    remoteId: string | null,
  ])[];
}

/** What a destination must know to go on with a batch's job after the end of this process. */
export interface CheckpointRecord {
  readonly t: "c";
  readonly b: string;
  /** Digest of the changes, as in the intent. */
  readonly d: string;
  readonly state: Json;
  readonly at: number;
}

/**
 * A run that replaces its target ended well: what has an intent and no verdict was accepted. One record, so that a crash
 * leaves all of it or nothing.
 */
export interface EndRecord {
  readonly t: "e";
  readonly at: number;
}

export type DeliveryRecord = IntentRecord | RangeRecord | RowsRecord | CheckpointRecord | EndRecord;
