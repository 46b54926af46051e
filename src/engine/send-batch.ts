/** One batch on its way: horizon, intent, conversation, verdict, in that order (R7, R33). */
import type { Json, Outcome } from "../core.ts";
import type { Batch, Context, RunPart } from "../destination/index.ts";
import type { Journal } from "../ledger/journal.ts";
import type { Verdict } from "../ledger/rules.ts";
import type { Clock } from "../ports.ts";
import { batchId, bytesOf, digestOf, type Parcel } from "./batch.ts";
import { BatchWords } from "./batch-words.ts";
import type { Conversation, Line } from "./converse.ts";
import type { DeliveryRecord } from "./records.ts";
import { kindOfPart } from "./requests.ts";
import type { Shape } from "./shape.ts";
import type { Tally } from "./tally.ts";

export interface SendContext {
  readonly plan: string;
  readonly shape: Shape;
  readonly context: Context<any>;
  readonly line: Line;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly tally: Tally;
  /** Aborted: take no further parcel. */
  readonly signal: AbortSignal;
  /** Aborted: give up what is in flight. */
  readonly force: AbortSignal;
  /** Makes everything up to this seq sendable, durably, before it returns. */
  readonly horizon: (seq: number) => Promise<void>;
  /** False once the lease is nearly over: nothing more may leave (R23). */
  readonly maySend: () => boolean;
  /** Whether batches may still begin. Those under way end first, those that only wait for their turn do not leave. */
  readonly gate: Gate;
  /** What an earlier run kept of a job with exactly these changes. */
  readonly checkpointOf: (digest: string) => Json | undefined;
}

/** Shut by a stop of the run, or by the first answer that says that nothing gets through. */
export interface Gate {
  isOpen(): boolean;
  shut(): void;
}

/** Why nothing more can be sent to this target in this run. */
export interface Stopped {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** Which rows a batch speaks of, and when it left. */
export type Range = {
  readonly b: string;
  readonly p: number;
  readonly a: number;
  readonly z: number;
  readonly at: number;
};

/** A batch that left, and how its conversation ended. */
export interface Spoken {
  readonly range: Range;
  readonly conversation: Conversation<readonly Outcome[]>;
  /** Takes texts of the batch's rows out of the platform's words. */
  readonly words: BatchWords;
}

/** Lets the destination's code send the parcel, once its intent is on disk; null where nothing may leave any more. */
export async function converse(send: SendContext, parcel: Parcel, run?: RunPart): Promise<Spoken | null> {
  const first = parcel.items[0];
  const last = parcel.items.at(-1);
  if (first === undefined || last === undefined || !send.gate.isOpen()) return null;
  const bytes = bytesOf(parcel);
  const digest = digestOf(bytes);
  const id = batchId(send.plan, send.context.sync, parcel, digest);
  const at = send.clock.now();
  const range = { b: id, p: parcel.part, a: first.seq, z: last.seq, at } as const;
  await send.horizon(last.seq);
  const checkpoint = send.checkpointOf(digest);
  // A job that goes on is remembered by this plan's journal too: its polling may be cut off again.
  const kept = checkpoint === undefined ? [] : [{ t: "c", b: id, d: digest, state: checkpoint, at } as const];
  await send.journal.commit([{ t: "i", ...range, d: digest }, ...kept]);
  const context = checkpoint === undefined ? send.context : { ...send.context, checkpoint };
  const { object, policy } = send.shape;
  let begun = false;
  const words = new BatchWords(parcel.items);
  const batch = batchOf(send.shape, parcel, { id, ndjson: bytes, ...(run && { run }) });
  const conversation = await send.line.converse(object.deliver(batch, context), {
    once: policy.delivery === "once",
    signal: send.force,
    idempotencyKey: id,
    maySend: () => send.maySend() && (begun ||= send.gate.isOpen()),
    words: (text) => words.without(text),
    onCheckpoint: (state) => send.journal.commit([{ t: "c", b: id, d: digest, state, at: send.clock.now() }]),
  });
  return { range, conversation, words };
}

function batchOf(
  shape: Shape,
  parcel: Parcel,
  more: Pick<Batch, "id" | "run"> & { readonly ndjson: Uint8Array },
): Batch {
  const { op, items } = parcel;
  const { ndjson, ...known } = more;
  const kind = kindOfPart(shape.object, parcel.part);
  const changes = items.map((item) => item.change);
  const common = { ...known, op, index: 0, changes, ...(kind === undefined ? {} : { kind }) };
  if (items[0]?.line === undefined) return common;
  let lines: readonly string[] | null = null;
  return {
    ...common,
    ndjson,
    // Most take the bytes.
    get lines() {
      return (lines ??= items.map(({ line }) => line ?? ""));
    },
  };
}

/** One verdict for every row of the parcel. */
export async function whole(
  send: SendContext,
  parcel: Parcel,
  range: Range,
  s: Verdict,
  c: string,
  m: string,
): Promise<null> {
  await told(send, [{ t: "v", ...range, s, ...(s === "accepted" ? {} : { c, m }) }]);
  send.tally.count(parcel.op, s, parcel.items.length, c, m);
  return null;
}

/** Why the sync stops after a conversation that failed. */
export const reasonOf = ({ code, message, hint }: Extract<Conversation<unknown>, { status: "failed" }>): Stopped =>
  hint === undefined ? { code, message } : { code, message, hint };

/** Platforms that answer per request give every row the same outcome: it is looked at once. */
export function readableOf(given: readonly Outcome[]): readonly Outcome[] {
  const [first] = given;
  if (first === undefined) return given;
  const known = readable(first);
  return given.map((outcome) => (outcome === first ? known : readable(outcome)));
}

/** Users' code may hand back anything: what is no outcome tells nothing. */
function readable(outcome: Outcome): Outcome {
  const { status, code, message, reason, remoteId } = Object(outcome) as Readonly<Record<string, unknown>>;
  const said =
    (status === "accepted" && (remoteId === undefined || typeof remoteId === "string")) ||
    (status === "rejected" && typeof code === "string" && typeof message === "string") ||
    (status === "skipped" && typeof reason === "string") ||
    ((status === "deferred" || status === "unknown") && typeof message === "string");
  return said ? outcome : { status: "unknown", message: "the destination's code gave something that is no outcome" };
}

/** Journals what became of a batch. */
export function told(send: SendContext, records: readonly DeliveryRecord[]): Promise<void> {
  return send.journal.append(records, { verdict: true });
}
