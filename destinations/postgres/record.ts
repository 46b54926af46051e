/** Rows of a table. A batch is one transaction, with a statement for the changes that have the same columns. */
import type { Batch, Change, Context, Effect, Exchange, Json, Outcome } from "millrace/destination";
import { accepted, all, anyValue, defineObject, skipped, stop } from "millrace/destination";
import { type Config, remote, type Table, tableOf } from "./settings.ts";
import { type Cells, remove, type Rows, update, upsert } from "./statements.ts";
import { transaction } from "./transaction.ts";

/** Changes that share statements, and their cells in the same order. */
interface Group extends Rows {
  readonly changes: readonly Change[];
}

const keyText = ({ key }: Change): string => JSON.stringify(key);
const keyParts = ({ key }: Change): readonly Json[] => [key].flat();

function cellsOf(change: Change, { keys }: Table): Cells {
  const parts = keyParts(change);
  return { ...change.fields, ...Object.fromEntries(keys.map((name, index) => [name, parts[index] ?? null])) };
}

/** Changes by the columns they have: what a row does not mention stays as it is in the table. */
function byColumns(changes: Iterable<Change>, table: Table): readonly Group[] {
  const groups = new Map<string, { columns: readonly string[]; changes: Change[]; cells: Cells[] }>();
  for (const change of changes) {
    const columns = Object.keys(change.fields).filter((name) => !table.keys.includes(name));
    const name = JSON.stringify(columns.toSorted());
    const group = groups.get(name) ?? { columns, changes: [], cells: [] };
    groups.set(name, group);
    group.changes.push(change);
    group.cells.push(cellsOf(change, table));
  }
  return [...groups.values()];
}

type Way = (batch: Batch, table: Table, groups: readonly Group[]) => Exchange<readonly Outcome[]>;

const upsertRows: Way = function* (batch, table, groups) {
  const statements = groups.map((group) => upsert(table, group));
  const results = yield* transaction(table, statements);
  if ("status" in results) return all(batch, results);
  const inserted = results.flatMap(({ rows }) => rows.filter((row) => row["inserted"] === true)).length;
  yield { report: { name: "inserted", value: inserted } } satisfies Effect;
  return all(batch, accepted());
};

/** Mode `update`: what is not there is told. */
const updateRows: Way = function* (batch, table, groups) {
  const statements = groups.flatMap((group) => update(table, group));
  const results = yield* transaction(table, statements);
  if ("status" in results) return all(batch, results);
  const asked = results.filter((_, index) => statements[index]?.text.startsWith("SELECT"));
  const there = asked.flatMap(({ rows }, index) => rows.map(({ row }) => groups[index]?.changes[Number(row)]));
  const found = new Set(there.filter((change) => change !== undefined).map(keyText));
  return batch.changes.map((change) => (found.has(keyText(change)) ? accepted() : skipped("not_found")));
};

const deleteRows: Way = function* (batch, table, groups) {
  const statements = groups.map((group) => remove(table, group));
  const results = yield* transaction(table, statements);
  return all(batch, "status" in results ? results : accepted());
};

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const table = tableOf(ctx);
  const [first] = batch.changes;
  const columns = first === undefined ? table.keys.length : keyParts(first).length;
  if (columns !== table.keys.length)
    return stop("target", `the model's key has ${columns} columns, remote.key names ${table.keys.length}`);
  // The same key twice in one statement is an error (21000): the last one counts.
  const last = new Map(batch.changes.map((change) => [keyText(change), change]));
  const way = batch.op === "remove" ? deleteRows : ctx.mode === "update" ? updateRows : upsertRows;
  return yield* way(batch, table, byColumns(last.values(), table));
}

/** `record`: rows of the table that the sync's `remote:` names. */
export const record = defineObject<Config, string>({
  describe: "A row of a table",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  refusal: "atomic",
  identify: "key",
  identifiers: {},
  fields: {},
  openFields: anyValue({ describe: "A column of the table, read by its type" }),
  remote,
  // One value of JSON a statement, so the limit of 65,535 parameters (facts D3) is far.
  limits: { rows: 1000, bytes: 8_000_000, concurrency: 2 },
  // Only a COMMIT can be in doubt, and the server carries it out at once or never.
  lateMs: 60_000,
  deliver,
});
