/**
 * The plan as texts of thousands of rows each. What Node pays for reading a text hardly grows with its length, and its
 * warehouse computes the next window while the rows of this one travel.
 */
import { ahead } from "./ahead.ts";
import type { PlanOp } from "./diff.ts";
import { planCounts, planLength } from "./plan-size.ts";
import type { PlanSource } from "./rows.ts";

/** Rows of one op, ascending `n`, as one JSON list. */
export interface ListBlock {
  readonly op: PlanOp;
  readonly rows: number;
  readonly list: string;
}

/** Rows of one op, ascending `n`: their JSON, which has no newline of its own, a line each, as the bytes that travel. */
export interface LineBlock {
  readonly op: PlanOp;
  readonly rows: number;
  readonly lines: Uint8Array;
  /** `n` of each line. */
  readonly places: readonly number[];
}

/** A query of `n` and "text" of an op's rows with n in [from, to). */
export type TextQuery = (op: PlanOp, from: number, to: number) => string;

/** Places of the plan that one query reads, at first and at most. */
const firstPlaces = 4_096;
const windowPlaces = 65_536;
/** Characters or bytes a window should have at most: two of them are in memory. */
const windowSize = 1 << 24;
/** Rows a block has where ops are spread evenly over the plan. */
const blockRows = 2_048;

/** Removes first: withdrawals never wait for a backfill. No order is promised or needed (R12). */
const readingOrder: readonly PlanOp[] = ["remove", "update", "add", "refresh"];

/** All asked rows as lists; `most` places of the plan at a time. */
export const readLists = (source: PlanSource, query: TextQuery, most = windowPlaces): AsyncGenerator<ListBlock> =>
  readBlocks<ListBlock>(source, {
    query,
    most,
    cells: `'[' || string_agg("text", ',' ORDER BY n) || ']'`,
    blockOf: (op, rows, [list]) => ({ op, rows, list: list as string }),
    sizeOf: ({ list }) => list.length,
  });

/** All asked rows as lines. Nobody looks into them, so they are never made into texts of Node. */
export const readLines = (source: PlanSource, query: TextQuery, most = windowPlaces): AsyncGenerator<LineBlock> =>
  readBlocks<LineBlock>(source, {
    query,
    most,
    cells: `${source.warehouse.dialect.utf8(`string_agg("text", chr(10) ORDER BY n) || chr(10)`)}, list(CAST(n AS DOUBLE) ORDER BY n)`,
    blockOf: (op, rows, [lines, places]) => ({
      op,
      rows,
      lines: lines as Uint8Array,
      places: places as readonly number[],
    }),
    sizeOf: ({ lines }) => lines.length,
  });

interface Reading<Block> {
  readonly query: TextQuery;
  /** Places of the plan that are read at a time. */
  readonly most: number;
  /** What is selected of the rows of a block, and the block that it makes. */
  readonly cells: string;
  blockOf(op: PlanOp, rows: number, cells: readonly unknown[]): Block;
  /** Characters or bytes. */
  sizeOf(block: Block): number;
}

/** One op after the other; throws when reading did not give every row that the plan has (P8). */
async function* readBlocks<Block extends { readonly rows: number }>(
  source: PlanSource,
  reading: Reading<Block>,
): AsyncGenerator<Block> {
  const counts = await planCounts(source);
  const length = await planLength(source);
  for (const op of readingOrder) {
    if (counts[op] === 0) continue;
    const places = Math.max(1, Math.round((blockRows * length) / counts[op]));
    let seen = 0;
    for await (const blocks of ahead(windows(source, op, { ...reading, length, places }))) {
      for (const block of blocks) {
        seen += block.rows;
        yield block;
      }
    }
    if (seen !== counts[op])
      throw new Error(`read ${seen} rows of op ${op} from the plan of ${source.id}, it has ${counts[op]}`);
  }
}

/** Whole windows at a time: the next is computed while the rows of this one travel. `places` of the plan go into a block. */
async function* windows<Block>(
  { warehouse }: PlanSource,
  op: PlanOp,
  reading: Reading<Block> & { readonly length: number; readonly places: number },
): AsyncGenerator<readonly Block[]> {
  const { query, most, cells, length, places } = reading;
  let span = Math.min(firstPlaces, most);
  for (let from = 1; from <= length;) {
    const to = from + span;
    const blocks: Block[] = [];
    const window = `SELECT CAST(count(*) AS DOUBLE), ${cells}
FROM (${query(op, from, to)}) GROUP BY (n - ${from}) // ${places} ORDER BY min(n)`;
    for await (const { rows, columns } of warehouse.read(window, { bytes: true })) {
      for (let at = 0; at < rows; at += 1) {
        const [count, ...rest] = columns.map((column) => column[at]);
        blocks.push(reading.blockOf(op, count as number, rest));
      }
    }
    yield blocks;
    from = to;
    const size = blocks.reduce((sum, block) => sum + reading.sizeOf(block), 0);
    span = nextSpan(span, size, most);
  }
}

/** As many places as fit, by the rows of the last window; four times as many at most, since the next ones may be wider. */
function nextSpan(span: number, size: number, most: number): number {
  const fits = Math.floor((span * windowSize) / Math.max(size, 1));
  return Math.max(1, Math.min(fits, 4 * span, most));
}
