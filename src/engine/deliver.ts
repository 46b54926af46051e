/** Streams one frozen plan to its destination: rows become parcels, and a few of them travel at a time. */
import type { Parcel } from "./batch.ts";
import { plainParcels } from "./line-parcels.ts";
import { renderedParcels, type ParcelInput } from "./parcels.ts";
import { isPlain } from "./plain.ts";
import { seqOf } from "./rows.ts";
import { replaceTarget, type Replaced } from "./replace-target.ts";
import { offersMembers, replacesTarget } from "./shape.ts";
import type { SendContext, Stopped } from "./send-batch.ts";
import { sendParcel } from "./send.ts";

export interface DeliverInput extends ParcelInput {
  readonly onProgress: (done: number) => void;
}

/** Batches of one sync in flight when the object does not say. */
const defaultConcurrency = 4;

/** Sends everything the plan asks for; `stopped` says why it had to stop, or null. */
export async function deliver(input: DeliverInput): Promise<Replaced> {
  const { shape, journal } = input.send;
  const replaced = replacesTarget(shape) ? await replaceTarget(input) : null;
  const sent = replaced ?? { replaced: false, stopped: await deliverChanges(input) };
  await journal.sync();
  return sent;
}

/** A target that is to be replaced by nobody is emptied of those the ledger knows: a session without rows is none. */
async function deliverChanges(input: DeliverInput): Promise<Stopped | null> {
  const { shape } = input.send;
  const lanes = new Lanes(input, shape.object.limits.concurrency ?? defaultConcurrency);
  const leaving = replacesTarget(shape);
  const parcels = (await isPlain(input.source)) ? plainParcels(input.source) : renderedParcels(input, leaving);
  for await (const parcel of parcels) {
    await lanes.take(parcel);
    if (lanes.stopped !== null || input.send.signal.aborted) break;
  }
  await lanes.drain();
  return lanes.stopped;
}

/**
 * The end of a run that went well to its end, called when the destination has closed what it kept open. A target that was
 * replaced is accepted as a whole, here and nowhere else. Those that left a snapshot are gone once the new one stands; with
 * nobody in it none was written, and the leavers of the old one are still there.
 */
export async function endWell({ shape, tally, journal, clock }: SendContext, replaced: boolean): Promise<void> {
  if (replaced) await journal.commit([{ t: "e", at: clock.now() }], { verdict: true });
  if (!offersMembers(shape) || replacesTarget(shape) || tally.done === 0) return;
  const range = { b: "", a: seqOf("remove", 0), z: seqOf("refresh", 0) - 1, s: "accepted", at: clock.now() } as const;
  await journal.append(
    [0, 1].map((p) => ({ t: "v", p, ...range })),
    { verdict: true },
  );
}

/** Sends parcels side by side, never more than `most`; the first reason to stop is kept. */
class Lanes {
  stopped: Stopped | null = null;
  readonly #input: DeliverInput;
  readonly #most: number;
  readonly #flying = new Set<Promise<void>>();
  #failure: unknown;

  constructor(input: DeliverInput, most: number) {
    this.#input = input;
    this.#most = most;
  }

  async take(parcel: Parcel): Promise<void> {
    while (this.#flying.size >= this.#most) await Promise.race(this.#flying);
    if (this.stopped !== null || this.#failure !== undefined || this.#input.send.signal.aborted) return;
    const flight: Promise<void> = this.#fly(parcel).finally(() => this.#flying.delete(flight));
    this.#flying.add(flight);
  }

  async #fly(parcel: Parcel): Promise<void> {
    try {
      const stopped = await sendParcel(this.#input.send, parcel);
      if (stopped !== null) this.stopped ??= stopped;
      this.#input.onProgress(this.#input.send.tally.done);
    } catch (error) {
      this.#failure ??= error;
    }
  }

  /** Waits for what is in flight; a journal or lock that failed is thrown here. */
  async drain(): Promise<void> {
    await Promise.all(this.#flying);
    if (this.#failure !== undefined) throw this.#failure;
  }
}
