/**
 * The plan as texts of thousands of rows each. What Node pays for reading a text hardly grows with its length, and its
 * warehouse computes the next window while the rows of this one travel.
 */
import { ahead } from "./ahead.ts";
import type { PlanOp } from "./diff.ts";
import { planCounts, planLength } from "./plan-size.ts";
import type { PlanSource } from "./rows.ts";

/** Rows of one op, ascending `n`. Their texts are JSON, which has no newline of its own. */
export interface Block {
  readonly op: PlanOp;
  readonly texts: string;
  readonly rows: number;
}

/** How the texts of a block stand together: one a line, or as one JSON list. */
export type Form = "lines" | "list";

const packed: Readonly<Record<Form, string>> = {
  lines: `string_agg("text", chr(10) ORDER BY n)`,
  list: `'[' || string_agg("text", ',' ORDER BY n) || ']'`,
};

/** A query of `n` and "text" of an op's rows with n in [from, to). */
export type TextQuery = (op: PlanOp, from: number, to: number) => string;

/** Places of the plan that one query reads, at first and at most. */
const firstPlaces = 4_096;
const windowPlaces = 65_536;
/** Characters a window should have at most: two of them are in memory, one on its way. */
const windowCharacters = 1 << 24;
/** Rows a block has where ops are spread evenly over the plan. */
const blockRows = 2_048;

/** Removes first: withdrawals never wait for a backfill. No order is promised or needed (R12). */
const readingOrder: readonly PlanOp[] = ["remove", "update", "add", "refresh"];

/**
 * All asked rows, one op after the other; throws when reading did not give every row that the plan has (P8).
 * `most` rows of the plan at a time.
 */
export async function* readBlocks(
  source: PlanSource,
  form: Form,
  query: TextQuery,
  most = windowPlaces,
): AsyncGenerator<Block> {
  const counts = await planCounts(source);
  const length = await planLength(source);
  for (const op of readingOrder) {
    if (counts[op] === 0) continue;
    const places = Math.max(1, Math.round((blockRows * length) / counts[op]));
    let seen = 0;
    for await (const block of ahead(windows(source, op, { form, query, length, most, places }))) {
      seen += block.rows;
      yield block;
    }
    if (seen !== counts[op])
      throw new Error(`read ${seen} rows of op ${op} from the plan of ${source.id}, it has ${counts[op]}`);
  }
}

interface Reading {
  readonly form: Form;
  readonly query: TextQuery;
  readonly length: number;
  /** Places of the plan that are read at a time, and that go into a block. */
  readonly most: number;
  readonly places: number;
}

async function* windows(
  { warehouse }: PlanSource,
  op: PlanOp,
  { form, query, length, most, places }: Reading,
): AsyncGenerator<Block> {
  let span = Math.min(firstPlaces, most);
  for (let from = 1; from <= length;) {
    const to = from + span;
    let characters = 0;
    const blocks = `SELECT ${packed[form]}, CAST(count(*) AS DOUBLE)
FROM (${query(op, from, to)}) GROUP BY (n - ${from}) // ${places} ORDER BY min(n)`;
    for await (const { rows, columns } of warehouse.read(blocks)) {
      for (let at = 0; at < rows; at += 1) {
        const texts = columns[0]?.[at] as string;
        characters += texts.length;
        yield { op, texts, rows: columns[1]?.[at] as number };
      }
    }
    from = to;
    span = nextSpan(span, characters, most);
  }
}

/** As many places as fit, by the rows of the last window; four times as many at most, since the next ones may be wider. */
function nextSpan(span: number, characters: number, most: number): number {
  const fits = Math.floor((span * windowCharacters) / Math.max(characters, 1));
  return Math.max(1, Math.min(fits, 4 * span, most));
}
