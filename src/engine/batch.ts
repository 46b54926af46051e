/** Cuts changes into batches at the object's limits: rows, bytes, one op, one part. */
import { createHash } from "node:crypto";
import type { Op } from "../core.ts";
import type { Change } from "../destination/index.ts";

/** One change on its way: its place in the plan and either the change or the line built in SQL. */
export interface BatchItem {
  readonly seq: number;
  readonly change: Change;
  readonly line?: string;
}

/** Items of one op and one part, ascending seq. */
export interface Parcel {
  readonly op: Op;
  readonly part: number;
  readonly items: readonly BatchItem[];
}

export interface CutLimits {
  readonly rows: number;
  readonly bytes?: number;
}

/** Collects items per op and part; `add` gives the parcels that are full, `flush` the rest. At most one open parcel per op and part. */
export class Cutter {
  readonly #limits: CutLimits;
  readonly #open = new Map<string, { op: Op; part: number; items: BatchItem[]; bytes: number }>();

  constructor(limits: CutLimits) {
    this.#limits = limits;
  }

  add(op: Op, part: number, item: BatchItem): Parcel | null {
    const key = `${op} ${part}`;
    const bytes = this.#limits.bytes === undefined ? 0 : sizeOf(item);
    let open = this.#open.get(key);
    let full: Parcel | null = null;
    if (open !== undefined && this.#limits.bytes !== undefined && open.bytes + bytes > this.#limits.bytes) {
      full = open;
      open = undefined;
    }
    if (open === undefined) {
      open = { op, part, items: [], bytes: 0 };
      this.#open.set(key, open);
    }
    open.items.push(item);
    open.bytes += bytes;
    if (full === null && open.items.length >= this.#limits.rows) {
      this.#open.delete(key);
      full = open;
    }
    return full;
  }

  flush(): readonly Parcel[] {
    const rest = [...this.#open.values()];
    this.#open.clear();
    return rest;
  }
}

const sizeOf = (item: BatchItem): number => Buffer.byteLength(textOf(item)) + 1;

const textOf = ({ change, line }: BatchItem): string => line ?? textOfChange(change);

/** The body of one change as text: what digests cover, and what a row in doubt keeps for its replay. */
export function textOfChange({ op, key, identifiers, fields, before }: Change): string {
  const remoteId = before?.remoteId === undefined ? {} : { remoteId: before.remoteId };
  return JSON.stringify(
    op === "remove" ? { key, identifiers, ...remoteId } : { key, identifiers, fields, ...remoteId },
  );
}

/** SHA-256 over the changes in order, cut to 32 hex: the same body, the same digest (R33). */
export function digestOf(items: readonly BatchItem[]): string {
  const hash = createHash("sha256");
  for (const item of items) hash.update(textOf(item)).update("\n");
  return hash.digest("hex").slice(0, 32);
}

/** The batch's id, equal whenever plan, part, rows and body are: hash(plan, ordered seqs, digest), cut to 32 hex. */
export function batchId(plan: string, sync: string, parcel: Parcel, digest: string): string {
  const seqs = parcel.items.map(({ seq }) => seq).join(" ");
  const text = `${plan} ${sync} ${parcel.op} ${parcel.part} ${digest} ${seqs}`;
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** Halves of a refused parcel, to find the rows that made the platform refuse it. */
export function halves(parcel: Parcel): readonly [Parcel, Parcel] {
  const middle = Math.ceil(parcel.items.length / 2);
  return [
    { ...parcel, items: parcel.items.slice(0, middle) },
    { ...parcel, items: parcel.items.slice(middle) },
  ];
}
