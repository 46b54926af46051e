/** Parcels of lines built in SQL (./plain.ts): their bytes are cut where lines end, and a line becomes a text only for those who ask. */
import type { Op } from "../core.ts";
import type { Change } from "../destination/index.ts";
import { lean, limitsOf, type BatchItem, type CutLimits, type Parcel } from "./batch.ts";
import { readLines, type LineBlock } from "./blocks.ts";
import { lineOp, lineQuery } from "./plain.ts";
import { seqOf, type PlanSource } from "./rows.ts";
import type { Shape } from "./shape.ts";

/** The whole plan, one op after the other. */
export async function* plainParcels(source: PlanSource): AsyncGenerator<Parcel> {
  const limits = limitsOf(source.shape.object);
  let open: OpenParcel | null = null;
  for await (const block of readLines(source, (...window) => lineQuery(source, ...window))) {
    if (open !== null && open.of !== block.op) yield open.close();
    if (open?.of !== block.op) open = new OpenParcel(source.shape, block.op);
    yield* open.take(block, limits);
  }
  if (open !== null) yield open.close();
}

const newline = 10;

/** Lines of one op until they are enough. */
class OpenParcel {
  readonly of: LineBlock["op"];
  readonly #op: Op;
  #items: BatchItem[] = [];
  /** Bytes of the items: lines that stood together, block by block. */
  #pieces: Uint8Array[] = [];
  #size = 0;

  constructor({ object }: Shape, op: LineBlock["op"]) {
    this.of = op;
    this.#op = lineOp(object, op);
  }

  /** Gives the parcels that are full before the last line of the block. */
  *take({ op, lines, places }: LineBlock, { rows, bytes = Number.POSITIVE_INFINITY }: CutLimits): Generator<Parcel> {
    let start = 0;
    let from = 0;
    for (const place of places) {
      const end = lines.indexOf(newline, from) + 1;
      if (end === 0) throw new Error("a block has fewer lines than rows");
      if (this.#items.length >= rows || (this.#items.length > 0 && this.#size + end - from > bytes)) {
        this.#pieces.push(lines.subarray(start, from));
        yield this.close();
        start = from;
      }
      this.#items.push(new LineItem(seqOf(op, place), lean[this.#op], lines, from, end - 1));
      this.#size += end - from;
      from = end;
    }
    this.#pieces.push(lines.subarray(start, from));
  }

  close(): Parcel {
    const [first, ...rest] = this.#pieces;
    const bytes = first !== undefined && rest.length === 0 ? first : Buffer.concat(this.#pieces);
    const parcel = { op: this.#op, part: this.#op === "remove" ? 1 : 0, items: this.#items, bytes };
    this.#items = [];
    this.#pieces = [];
    this.#size = 0;
    return parcel;
  }
}

const utf8 = new TextDecoder();

class LineItem implements BatchItem {
  readonly seq: number;
  readonly change: Change;
  readonly #bytes: Uint8Array;
  readonly #from: number;
  readonly #to: number;

  constructor(seq: number, change: Change, bytes: Uint8Array, from: number, to: number) {
    this.seq = seq;
    this.change = change;
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
  }

  get line(): string {
    return utf8.decode(this.#bytes.subarray(this.#from, this.#to));
  }
}
