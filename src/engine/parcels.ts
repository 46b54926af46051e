/** From the rows of a plan to parcels: read in blocks, rendered and encoded row by row, cut at the object's limits. */
import type { Op } from "../core.ts";
import { lineOf } from "../destination/index.ts";
import { Cutter, lean, limitsOf, type BatchItem, type Parcel } from "./batch.ts";
import type { PlanOp } from "./diff.ts";
import type { RowsRecord } from "./records.ts";
import { renderer, type RenderContext, type Rendered } from "./render.ts";
import { addressed, asker, type RowRequest } from "./requests.ts";
import { readPlan, type PlanRow, type PlanSource } from "./rows.ts";
import type { SendContext } from "./send-batch.ts";
import { offersMembers } from "./shape.ts";

export interface ParcelInput {
  readonly source: PlanSource;
  readonly send: SendContext;
  readonly render: RenderContext;
  /** `retry`: what earlier refusals hold back is sent all the same. */
  readonly retry: boolean;
  /** Hold-backs are judged as of then. */
  readonly deliveredAt: number;
}

/**
 * Every row looked at in Node; those that cannot be rendered are in the journal before a batch reaches over them.
 * `leaving`: only what takes somebody out.
 */
export async function* renderedParcels(input: ParcelInput, leaving = false): AsyncGenerator<Parcel> {
  const { source, send, deliveredAt, retry } = input;
  const requestsOf = asker(send.shape, deliveredAt, retry);
  const itemOf = packer(input);
  const refusals = new Refusals(send, deliveredAt);
  const cutter = new Cutter(limitsOf(send.shape.object));
  const writing = !leaving && offersMembers(send.shape);
  let last: PlanOp | null = null;
  for await (const { op, rows } of readPlan(source)) {
    if (last !== null && op !== last) yield* cutter.flush();
    last = op;
    // Whoever left a snapshot is simply not in it: see endWell.
    if (op === "remove" && writing) continue;
    for (const row of rows) {
      for (const request of requestsOf(row)) {
        if ((writing && request.op === "remove") || (leaving && request.op !== "remove")) continue;
        const packed = itemOf(row, request);
        if ("reject" in packed) {
          refusals.add(row, request.op, packed.reject);
          continue;
        }
        const full = cutter.add(request.op, request.part, packed);
        if (full === null) continue;
        await refusals.tell();
        yield full;
      }
    }
    await refusals.tell();
  }
  yield* cutter.flush();
}

/** Renders what a request asks; where lines travel, nothing but the line is kept of it. */
function packer({
  send,
  render,
}: ParcelInput): (row: PlanRow, request: RowRequest) => BatchItem | Extract<Rendered, { reject: unknown }> {
  const toChange = renderer(send.shape, render);
  const asLines = send.shape.object.passThrough === true;
  return (row, request) => {
    const { op, part, only } = request;
    const key = asLines ? "" : `${send.plan}-${row.seq}-${part}`;
    const rendered = toChange(addressed(row, request), op, only, key);
    if ("reject" in rendered) return rendered;
    const { change } = rendered;
    return asLines ? { seq: row.seq, change: lean[op], line: lineOf(change) } : { seq: row.seq, change };
  };
}

/**
 * Rows refused before sending. They are in the journal before a batch whose range reaches over them: no crash may leave
 * that range alone to speak for them.
 */
class Refusals {
  readonly #send: SendContext;
  readonly #at: number;
  #rows: RowsRecord["rows"][number][] = [];

  constructor(send: SendContext, at: number) {
    this.#send = send;
    this.#at = at;
  }

  add({ seq }: PlanRow, op: Op, { code, message }: { readonly code: string; readonly message: string }): void {
    const { tally } = this.#send;
    this.#rows.push([seq, "rejected", code, message, null]);
    tally.count(op, "rejected", 1, code, message);
    tally.refusedAlone = 0;
  }

  async tell(): Promise<void> {
    if (this.#rows.length === 0) return;
    // Only writes render fields, so the part is a write; kinds share the refusal.
    const record: RowsRecord = { t: "r", b: "", p: -1, at: this.#at, rows: this.#rows };
    this.#rows = [];
    await this.#send.journal.append([record], { verdict: true });
  }
}
