/** Cuts changes into batches at the object's limits: rows, bytes, one op, one part. */
import { createHash } from "node:crypto";
import type { Op } from "../core.ts";
import type { Change, ObjectSpec } from "../destination/index.ts";

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
  /** {@link bytesOf} it, where they were there before it was. */
  readonly bytes?: Uint8Array;
}

/** What stands for a change that travels as its line. */
const leanOf = (op: Op): Change => Object.freeze({ op, key: null, identifiers: {}, fields: {}, idempotencyKey: "" });
export const lean: Readonly<Record<Op, Change>> = {
  add: leanOf("add"),
  update: leanOf("update"),
  remove: leanOf("remove"),
};

export interface CutLimits {
  readonly rows: number;
  readonly bytes?: number;
}

export function limitsOf({ limits: { rows, bytes } }: Pick<ObjectSpec<any>, "limits">): CutLimits {
  return bytes === undefined ? { rows } : { rows, bytes };
}

interface OpenParcel extends Omit<Parcel, "bytes"> {
  readonly items: BatchItem[];
  size: number;
}

/** Collects items per op and part; `add` gives the parcels that are full, `flush` the rest. At most one open parcel per op and part. */
export class Cutter {
  readonly #limits: CutLimits;
  /** A few at most: looking through them is faster than a key for each item. */
  readonly #open: OpenParcel[] = [];

  constructor(limits: CutLimits) {
    this.#limits = limits;
  }

  add(op: Op, part: number, item: BatchItem): Parcel | null {
    const size = this.#limits.bytes === undefined ? 0 : sizeOf(item);
    let open = this.#open.find((one) => one.part === part && one.op === op);
    let full: Parcel | null = null;
    if (open !== undefined && this.#limits.bytes !== undefined && open.size + size > this.#limits.bytes)
      full = this.#close(open);
    if (open === undefined || full !== null) {
      open = { op, part, items: [], size: 0 };
      this.#open.push(open);
    }
    open.items.push(item);
    open.size += size;
    return full === null && open.items.length >= this.#limits.rows ? this.#close(open) : full;
  }

  flush(): readonly Parcel[] {
    return this.#open.splice(0);
  }

  #close(open: OpenParcel): Parcel {
    this.#open.splice(this.#open.indexOf(open), 1);
    return open;
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

/** The texts of the changes in order as UTF-8, a newline after each. */
export const bytesOf = ({ items, bytes }: Pick<Parcel, "items" | "bytes">): Uint8Array =>
  bytes ?? Buffer.from(`${items.map(textOf).join("\n")}\n`);

/** SHA-256 over the {@link bytesOf} a parcel, cut to 32 hex: the same body, the same digest (R33). */
export const digestOf = (bytes: Uint8Array): string => sha256(bytes);

/** The batch's id, equal whenever plan, part, rows and body are: hash(plan, ordered seqs, digest), cut to 32 hex. */
export function batchId(plan: string, sync: string, parcel: Parcel, digest: string): string {
  // As bytes: thousands of numbers of fifteen digits are slow to spell.
  const seqs = new Float64Array(parcel.items.map(({ seq }) => seq));
  return sha256(`${plan} ${sync} ${parcel.op} ${parcel.part} ${digest} `, seqs);
}

function sha256(...parts: readonly (string | NodeJS.ArrayBufferView)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, 32);
}

/** Some items of a parcel as one of their own. */
export const partOf = ({ op, part }: Parcel, items: readonly BatchItem[]): Parcel => ({ op, part, items });

/** Halves of a refused parcel, to find the rows that made the platform refuse it. */
export function halves(parcel: Parcel): readonly [Parcel, Parcel] {
  const middle = Math.ceil(parcel.items.length / 2);
  return [partOf(parcel, parcel.items.slice(0, middle)), partOf(parcel, parcel.items.slice(middle))];
}
