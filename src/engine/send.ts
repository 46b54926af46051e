/**
 * Sends the parcels of one sync: horizon, intent, conversation, verdict, in that order (R7, R33). A batch that was
 * refused as a whole is halved until the rows that spoil it are found.
 */
import type { Json, Outcome } from "../core.ts";
import type { Batch, Context } from "../destination/index.ts";
import type { Verdict } from "../ledger/rules.ts";
import type { Journal } from "../ledger/journal.ts";
import type { Clock } from "../ports.ts";
import { batchId, bytesOf, digestOf, halves, partOf, type BatchItem, type Parcel } from "./batch.ts";
import { BatchWords } from "./batch-words.ts";
import type { Line } from "./converse.ts";
import type { DeliveryRecord, RowsRecord } from "./records.ts";
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

/** Refusals of single rows without one acceptance after which halving a batch further tells nothing new. */
const hopeless = 24;

/** What became of a parcel: a reason to stop, refused as a whole and not yet told of its rows, or told. */
type Sent = Stopped | typeof halved | null;
const halved = "halved";
const unsent = { s: "unsent" } as const;

/**
 * Sends one parcel to its end; gives why the sync must stop, or null. Never throws for what a platform answers.
 *
 * The first row that spoils a refused parcel is found by halving what holds it, the rows behind it travel together again:
 * k such rows among n cost at most k · log2(n) + 2k further requests.
 */
export async function sendParcel(send: SendContext, parcel: Parcel): Promise<Stopped | null> {
  let rest = parcel;
  for (;;) {
    const sent = await sendOnce(send, rest);
    if (sent !== halved) return sent;
    const behind = await pastTheFirst(send, rest);
    if (!("items" in behind)) return behind;
    if (behind.items.length === 0) return null;
    rest = behind;
  }
}

/** Tells the rows of a refused parcel up to and with the first that spoils it; gives those behind it. */
async function pastTheFirst(send: SendContext, refused: Parcel): Promise<Stopped | Parcel> {
  let suspect = refused;
  let behind: Parcel["items"] = [];
  while (suspect.items.length > 1) {
    const [left, right] = halves(suspect);
    const sent = await sendOnce(send, left);
    if (sent === halved) {
      suspect = left;
      behind = right.items.concat(behind);
    } else if (sent !== null) return sent;
    else suspect = right;
  }
  const sent = await sendOnce(send, suspect);
  return sent === null || sent === halved ? partOf(refused, behind) : sent;
}

async function sendOnce(send: SendContext, parcel: Parcel): Promise<Sent> {
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
  const conversation = await send.line.converse(object.deliver(batchOf(send.shape, parcel, id, bytes), context), {
    once: policy.delivery === "once",
    signal: send.force,
    idempotencyKey: id,
    maySend: () => send.maySend() && (begun ||= send.gate.isOpen()),
    words: (text) => words.without(text),
    onCheckpoint: (state) => send.journal.commit([{ t: "c", b: id, d: digest, state, at: send.clock.now() }]),
  });
  switch (conversation.status) {
    case "answered":
      return await answered(send, parcel, range, conversation, words);
    case "unsent":
      return await whole(send, parcel, range, "unsent", "unsent", conversation.reason);
    case "throttled":
      return await whole(send, parcel, range, "deferred", "throttled", "the destination asked us to slow down");
    case "unknown":
      return await whole(send, parcel, range, "unknown", "unknown", conversation.message);
    case "failed":
      send.gate.shut();
      await whole(
        send,
        parcel,
        range,
        conversation.mayHaveApplied ? "unknown" : "unsent",
        conversation.code,
        conversation.message,
      );
      return {
        code: conversation.code,
        message: conversation.message,
        ...(conversation.hint === undefined ? {} : { hint: conversation.hint }),
      };
  }
}

function batchOf(shape: Shape, parcel: Parcel, id: string, ndjson: Uint8Array): Batch {
  const { op, items } = parcel;
  const kind = kindOfPart(shape.object, parcel.part);
  const changes = items.map((item) => item.change);
  if (items[0]?.line === undefined) return { id, op, index: 0, changes, ...(kind === undefined ? {} : { kind }) };
  let lines: readonly string[] | null = null;
  return {
    id,
    op,
    index: 0,
    changes,
    ...(kind === undefined ? {} : { kind }),
    ndjson,
    // Most take the bytes.
    get lines() {
      return (lines ??= items.map(({ line }) => line ?? ""));
    },
  };
}

type Range = { readonly b: string; readonly p: number; readonly a: number; readonly z: number; readonly at: number };

/** One verdict for every row of the parcel. */
async function whole(send: SendContext, parcel: Parcel, range: Range, s: Verdict, c: string, m: string): Promise<null> {
  await write(send, [{ t: "v", ...range, s, ...(s === "accepted" ? {} : { c, m }) }]);
  send.tally.count(parcel.op, s, parcel.items.length, c, m);
  return null;
}

/**
 * A `set` request that was repeated after silence is accepted, but its first try may still land after the next run's
 * opposite one: the rows stay in doubt (R8). Under a key the platform tells the two apart.
 */
function certainOnly({ shape }: SendContext, outcomes: readonly Outcome[], repeated: boolean): readonly Outcome[] {
  const { delivery, lateMs } = shape.policy;
  if (!repeated || delivery !== "set" || lateMs === 0) return outcomes;
  const late: Outcome = { status: "unknown", message: "accepted, but an earlier try may still take effect" };
  return outcomes.map((outcome) => (outcome.status === "accepted" ? late : outcome));
}

async function answered(
  send: SendContext,
  parcel: Parcel,
  range: Range,
  { value: given, repeated }: { readonly value: readonly Outcome[]; readonly repeated: boolean },
  words: BatchWords,
): Promise<typeof halved | null> {
  if (!Array.isArray(given) || given.length !== parcel.items.length) {
    return await whole(
      send,
      parcel,
      range,
      "unknown",
      "broken_answer",
      "the destination's code gave another number of outcomes than rows",
    );
  }
  const outcomes = certainOnly(send, readableOf(given), repeated);
  if (mayHalve(send, parcel, outcomes)) {
    // Smaller batches speak for the rows from here on. Refused as a whole, nothing of it was applied; in part, some of it was.
    const told = outcomes.some(isPartly)
      ? ({ s: "unknown", m: "refused in part, and not told which" } as const)
      : unsent;
    await write(send, [{ t: "v", ...range, ...told, c: halved }]);
    return halved;
  }
  const plain = outcomes.every((outcome) => outcome.status === "accepted" && outcome.remoteId === undefined);
  if (plain) return await whole(send, parcel, range, "accepted", "", "");
  const alone = parcel.items.length === 1;
  const rows = parcel.items.map((item, index) => rowVerdict(item, outcomes[index] as Outcome, words, alone));
  await write(send, [{ t: "r", b: range.b, p: range.p, at: range.at, rows }]);
  for (const [, status, code, message] of rows) send.tally.count(parcel.op, status, 1, code, message);
  return null;
}

/** Platforms that answer per request give every row the same outcome: it is looked at once. */
function readableOf(given: readonly Outcome[]): readonly Outcome[] {
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

/** Some of the rows that were told this may have been taken. */
const isPartly = (outcome: Outcome): boolean => outcome.status === "rejected" && outcome.partly === true;

function rowVerdict(item: BatchItem, outcome: Outcome, words: BatchWords, alone: boolean): RowsRecord["rows"][number] {
  const { seq } = item;
  switch (outcome.status) {
    case "accepted":
      return [seq, "accepted", "", "", outcome.remoteId ?? null];
    case "rejected":
      // Alone it is the one that was refused.
      return [
        seq,
        isPartly(outcome) && !alone ? "unknown" : "rejected",
        outcome.code,
        words.without(outcome.message, item),
        null,
      ];
    case "skipped":
      return [seq, "skipped", outcome.reason, "", null];
    case "deferred":
      return [seq, "deferred", "deferred", words.without(outcome.message, item), null];
    case "unknown":
      return [seq, "unknown", "unknown", words.without(outcome.message, item), null];
  }
}

/** All rows refused in the same words: the platform refused the request, perhaps for one row of it. Or some were, unnamed. */
function mayHalve(send: SendContext, parcel: Parcel, outcomes: readonly Outcome[]): boolean {
  const [first] = outcomes;
  const { delivery } = send.shape.policy;
  if (parcel.items.length < 2 || (send.tally.refusedAlone >= hopeless && send.tally.accepted === 0)) return false;
  if (delivery === "set" && outcomes.some(isPartly)) return true;
  if (first?.status !== "rejected" || first.each === true) return false;
  if (delivery === "once" && send.shape.object.refusal !== "atomic") return false;
  return outcomes.every((one) => one.status === "rejected" && one.code === first.code && one.message === first.message);
}

function write(send: SendContext, records: readonly DeliveryRecord[]): Promise<void> {
  return send.journal.append(records, { verdict: true });
}
