/**
 * Sends one plan that replaces its target as a whole: batches in order, one at a time, each told its place. Nothing is
 * journalled as accepted before the run's end (./deliver.ts); a batch that is not accepted breaks the replacement off.
 */
import type { Outcome } from "../core.ts";
import type { RunPart } from "../destination/index.ts";
import type { Parcel } from "./batch.ts";
import type { DeliverInput } from "./deliver.ts";
import { renderedParcels } from "./parcels.ts";
import { planCounts } from "./plan-size.ts";
import { converse, readableOf, reasonOf, whole, type SendContext, type Spoken, type Stopped } from "./send-batch.ts";

/** `replaced`: every batch was accepted, the last one as the last. */
export interface Replaced {
  readonly replaced: boolean;
  readonly stopped: Stopped | null;
}

/** Null where there is nobody to send. */
export async function replaceTarget(input: DeliverInput): Promise<Replaced | null> {
  const { send, source, onProgress } = input;
  const { add, update, refresh } = await planCounts(source);
  const common = {
    rows: add + update + refresh,
    kinds: send.shape.identifiers.map(({ kind }) => kind),
    fields: send.shape.fields.map(({ to }) => to),
  };
  let number = 0;
  const next = async (parcel: Parcel, last: boolean): Promise<Replaced> => {
    number += 1;
    const sent = await sendPart(send, parcel, { ...common, number, last });
    onProgress(send.tally.done);
    return sent;
  };
  // The last batch says that it is the last: each waits until another one is there.
  let waiting: Parcel | null = null;
  for await (const parcel of renderedParcels(input)) {
    if (waiting !== null) {
      const sent = await next(waiting, false);
      if (!sent.replaced) return sent;
    }
    waiting = parcel;
  }
  return waiting === null ? null : await next(waiting, true);
}

async function sendPart(send: SendContext, parcel: Parcel, run: RunPart): Promise<Replaced> {
  const spoken = await converse(send, parcel, run);
  if (spoken === null) return { replaced: false, stopped: null };
  const { range, conversation, words } = spoken;
  if (isAccepted(conversation, parcel)) {
    send.tally.count(parcel.op, "accepted", parcel.items.length, "", "");
    return { replaced: true, stopped: null };
  }
  send.gate.shut();
  const { verdict, code, message } = failureOf(conversation);
  const said = words.without(message);
  await whole(send, parcel, range, verdict, code, said);
  if (conversation.status === "failed") return { replaced: false, stopped: reasonOf(conversation) };
  const begun = run.number > 1 || verdict === "unknown";
  return { replaced: false, stopped: begun ? brokenOff(run.number, said) : notBegun(said) };
}

function isAccepted(conversation: Spoken["conversation"], { items }: Parcel): boolean {
  if (conversation.status !== "answered" || conversation.value.length !== items.length) return false;
  return readableOf(conversation.value).every(({ status }) => status === "accepted");
}

interface Failure {
  readonly verdict: "unsent" | "deferred" | "unknown";
  readonly code: string;
  readonly message: string;
}

/** What a batch that was not accepted leaves of its rows: in doubt unless it certainly changed nothing. */
function failureOf(conversation: Spoken["conversation"]): Failure {
  switch (conversation.status) {
    case "answered":
      return answeredNo(conversation.value);
    case "unsent":
      return { verdict: "unsent", code: "unsent", message: conversation.reason };
    case "throttled":
      return { verdict: "deferred", code: "throttled", message: "the destination asked us to slow down" };
    case "unknown":
      return { verdict: "unknown", code: "unknown", message: conversation.message };
    case "failed": {
      const { code, message, mayHaveApplied } = conversation;
      return { verdict: mayHaveApplied ? "unknown" : "unsent", code, message };
    }
  }
}

/** Put off as a whole, it has not begun; refused, nobody knows what a platform made of the session. */
function answeredNo(given: readonly Outcome[]): Failure {
  const outcomes = readableOf(given);
  const no = outcomes.find(({ status }) => status !== "accepted");
  const message = no === undefined ? "a broken answer" : "message" in no ? no.message : no.status;
  const putOff = outcomes.length > 0 && outcomes.every(({ status }) => status === "deferred");
  return putOff ? { verdict: "deferred", code: "deferred", message } : { verdict: "unknown", code: "refused", message };
}

const brokenOff = (number: number, words: string): Stopped => ({
  code: "E821",
  message: `the replacement broke off at batch ${number}: ${words}`,
  hint: "nobody counts as sent; the next run offers everybody again",
});

const notBegun = (words: string): Stopped => ({
  code: "E821",
  message: `the replacement did not begin: ${words}`,
  hint: "the target is as it was; the next run tries again",
});
