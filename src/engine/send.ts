/**
 * Sends the parcels of one sync whose rows are accepted one by one: a batch that was refused as a whole is halved until
 * the rows that spoil it are found.
 */
import type { Outcome } from "../core.ts";
import { halves, partOf, type BatchItem, type Parcel } from "./batch.ts";
import type { BatchWords } from "./batch-words.ts";
import type { RowsRecord } from "./records.ts";
import {
  converse,
  readableOf,
  reasonOf,
  told,
  whole,
  type Range,
  type SendContext,
  type Stopped,
} from "./send-batch.ts";

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
  const spoken = await converse(send, parcel);
  if (spoken === null) return null;
  const { range, conversation, words } = spoken;
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
      return reasonOf(conversation);
  }
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
    const verdict = outcomes.some(isPartly)
      ? ({ s: "unknown", m: "refused in part, and not told which" } as const)
      : unsent;
    await told(send, [{ t: "v", ...range, ...verdict, c: halved }]);
    return halved;
  }
  const plain = outcomes.every((outcome) => outcome.status === "accepted" && outcome.remoteId === undefined);
  if (plain) return await whole(send, parcel, range, "accepted", "", "");
  const alone = parcel.items.length === 1;
  const rows = parcel.items.map((item, index) => rowVerdict(item, outcomes[index] as Outcome, words, alone));
  await told(send, [{ t: "r", b: range.b, p: range.p, at: range.at, rows }]);
  for (const [, status, code, message] of rows) send.tally.count(parcel.op, status, 1, code, message);
  return null;
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
