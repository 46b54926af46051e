/** Streams one frozen plan to its destination: rows become requests, requests travel in parcels, a few at a time. */
import { lineOf, type Change } from "../destination/index.ts";
import { Cutter, type BatchItem, type Parcel } from "./batch.ts";
import type { PlanOp } from "./diff.ts";
import { isPlain, lineQuery } from "./plain.ts";
import type { RowsRecord } from "./records.ts";
import { renderer, type RenderContext } from "./render.ts";
import { addressed, requestsOf } from "./requests.ts";
import { planCounts, planLength, readPlan, seqOf, type PlanRow, type PlanSource } from "./rows.ts";
import { offersMembers } from "./shape.ts";
import { sendParcel, type SendContext, type Stopped } from "./send.ts";

export interface DeliverInput {
  readonly source: PlanSource;
  readonly send: SendContext;
  readonly render: RenderContext;
  /** `retry`: what earlier refusals hold back is sent all the same. */
  readonly retry: boolean;
  /** Hold-backs are judged as of then. */
  readonly deliveredAt: number;
  readonly onProgress: (done: number) => void;
}

/** Batches of one sync in flight when the object does not say. */
const defaultConcurrency = 4;

/** Sends everything the plan asks for; gives why it had to stop, or null when all was sent. */
export async function deliver(input: DeliverInput): Promise<Stopped | null> {
  const { object } = input.send.shape;
  const lanes = new Lanes(input, object.limits.concurrency ?? defaultConcurrency);
  const parcels = (await isPlain(input.source)) ? plainParcels(input) : parcelsOf(input);
  for await (const parcel of parcels) {
    await lanes.take(parcel);
    if (lanes.stopped !== null || input.send.signal.aborted) break;
  }
  await lanes.drain();
  await input.send.journal.sync();
  return lanes.stopped;
}

/**
 * Snapshots: those that left are gone once the new one stands. Called when the destination has closed it; with nobody in
 * it none was written, and the leavers of the old one are still there.
 */
export async function leaveOut({ shape, tally, journal, clock }: SendContext): Promise<void> {
  if (!offersMembers(shape) || tally.done === 0) return;
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

async function* parcelsOf({ source, send, render, retry, deliveredAt: now }: DeliverInput): AsyncGenerator<Parcel> {
  const toChange = renderer(send.shape, render);
  const cutter = new Cutter(limitsOf(send));
  let op: PlanOp | null = null;
  for await (const chunk of readPlan(source)) {
    if (op !== null && chunk.op !== op) yield* cutter.flush();
    ({ op } = chunk);
    // Whoever left a snapshot is simply not in it: see leaveOut.
    if (op === "remove" && offersMembers(send.shape)) continue;
    let refused: RowsRecord["rows"][number][] = [];
    // In the journal before a batch whose range reaches over them: no crash may leave that range alone to speak for them.
    const tell = async (): Promise<void> => {
      if (refused.length > 0) await send.journal.append(byPart(refused, now), { verdict: true });
      refused = [];
    };
    for (const row of chunk.rows) {
      for (const parcel of cutRow(row)) {
        await tell();
        yield parcel;
      }
    }
    await tell();

    function* cutRow(row: PlanRow): Generator<Parcel> {
      for (const request of requestsOf(send.shape, row, now, retry).requests) {
        const key = `${send.plan}-${row.seq}-${request.part}`;
        const rendered = toChange(addressed(row, request), request.op, request.only, key);
        if ("reject" in rendered) {
          const { code, message } = rendered.reject;
          refused.push([row.seq, "rejected", code, message, null]);
          send.tally.count(request.op, "rejected", 1, code, message);
          send.tally.refusedAlone = 0;
          continue;
        }
        const line = send.shape.object.passThrough === true ? { line: lineOf(rendered.change) } : {};
        const full = cutter.add(request.op, request.part, { seq: row.seq, change: rendered.change, ...line });
        if (full !== null) yield full;
      }
    }
  }
  yield* cutter.flush();
}

/** Rows refused before sending: only writes render fields, so the part is a write; kinds share the refusal. */
function byPart(rows: readonly RowsRecord["rows"][number][], at: number): readonly RowsRecord[] {
  return [{ t: "r", b: "", p: -1, at, rows }];
}

const limitsOf = (send: SendContext): { rows: number; bytes?: number } => {
  const { rows, bytes } = send.shape.object.limits;
  return bytes === undefined ? { rows } : { rows, bytes };
};

const lean: Change = Object.freeze({ op: "add", key: null, identifiers: {}, fields: {}, idempotencyKey: "" });

/** Rows per window of the fast path. */
const windowRows = 131_072;

async function* plainParcels({ source, send }: DeliverInput): AsyncGenerator<Parcel> {
  const counts = await planCounts(source);
  const length = await planLength(source);
  const cutter = new Cutter(limitsOf(send));
  for (const op of ["remove", "update", "add", "refresh"] as const) {
    if (counts[op] === 0) continue;
    const out =
      op === "remove" ? "remove" : op === "update" && send.shape.object.ops.includes("update") ? "update" : "add";
    const change: Change = op === "add" ? lean : Object.freeze({ ...lean, op: out });
    let seen = 0;
    for (let from = 1; from <= length; from += windowRows) {
      for await (const { rows, columns } of source.warehouse.read(lineQuery(source, op, from, from + windowRows))) {
        seen += rows;
        for (let row = 0; row < rows; row += 1) {
          const item: BatchItem = {
            seq: seqOf(op, Number(columns[0]?.[row])),
            change,
            line: columns[1]?.[row] as string,
          };
          const full = cutter.add(out, op === "remove" ? 1 : 0, item);
          if (full !== null) yield full;
        }
      }
    }
    if (seen !== counts[op])
      throw new Error(`read ${seen} rows of op ${op} from the plan of ${source.id}, it has ${counts[op]}`);
    yield* cutter.flush();
  }
}
