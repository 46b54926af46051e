import type { Batch, Change, Exchange, Json, Outcome } from "millrace/destination";
import { accepted, all, anyValue, defineObject, skipped } from "millrace/destination";
import { type Config, remote, remoteOf, type Where } from "./api.ts";
import { append, type Cells, deleteRows, read, type Sheet, update } from "./rows.ts";

const keyText = ({ key }: Pick<Change, "key">): string => (typeof key === "object" ? JSON.stringify(key) : String(key));

/** NULL empties a cell; what a sheet has no form for is JSON. */
const cell = (value: Json): string | number | boolean =>
  value === null ? "" : typeof value === "object" ? JSON.stringify(value) : value;

/** A row in the order of the headings. */
function cellsOf(change: Change, { headings }: Sheet, keyHeading: string): Cells {
  return headings.map((name) => {
    if (name === keyHeading) return keyText(change);
    const value = change.fields[name];
    return value === undefined ? undefined : cell(value);
  });
}

function* deliver(batch: Batch, ctx: Where): Exchange<readonly Outcome[]> {
  const wanted = new Set(batch.changes.flatMap(({ fields }) => Object.keys(fields)));
  const sheet = yield* read(ctx, [...wanted]);
  if ("status" in sheet) return all(batch, sheet);
  return yield* (batch.op === "remove" ? remove : write)(batch, ctx, sheet);
}

function* remove(batch: Batch, ctx: Where, { rows }: Sheet): Exchange<readonly Outcome[]> {
  const keys = new Set(batch.changes.map(keyText));
  const numbers = [...keys].flatMap((key) => rows.get(key) ?? []);
  return all(batch, numbers.length === 0 ? accepted() : yield* deleteRows(ctx, numbers));
}

function* write(batch: Batch, ctx: Where, sheet: Sheet): Exchange<readonly Outcome[]> {
  const { key: keyHeading } = remoteOf(ctx);
  const over: (readonly [row: number, cells: Cells])[] = [];
  const fresh: Cells[] = [];
  const twice: number[] = [];
  // Of changes of one key the last one counts.
  for (const [key, change] of new Map(batch.changes.map((each) => [keyText(each), each]))) {
    const [row, ...others] = sheet.rows.get(key) ?? [];
    const cells = cellsOf(change, sheet, keyHeading);
    if (row === undefined) fresh.push(cells);
    else over.push([row, cells]);
    // A row that was appended twice after all keeps its upper one.
    twice.push(...others);
  }
  const updated = over.length === 0 ? accepted() : yield* update(ctx, over);
  const added = ctx.mode === "update" || fresh.length === 0 ? skipped("not_found") : yield* append(ctx, fresh);
  if (twice.length > 0) yield* deleteRows(ctx, twice);
  return batch.changes.map((change) => (sheet.rows.has(keyText(change)) ? updated : added));
}

/** `record`: rows of the sheet that the sync's `remote:` names. */
export const record = defineObject<Config, string>({
  describe: "A row of a sheet",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  refusal: "atomic",
  identify: "key",
  identifiers: {},
  fields: {},
  openFields: anyValue({ describe: "The column of that heading; added where it is missing" }),
  remote,
  // Row numbers hold only while nobody else of us writes; 60 requests a minute and user (facts D6), three or four a batch.
  limits: { rows: 500, bytes: 2_000_000, concurrency: 1, rate: { requests: 60, perSeconds: 60 } },
  deliver,
});
