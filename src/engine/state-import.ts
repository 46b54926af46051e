/** `millrace state import`: an exported ledger read into an empty one, all of it or nothing. */
import { createMembers } from "../audience/members.ts";
import { failure, MillraceError } from "../errors.ts";
import { createSyncTables, ledgerVersion, sentTable, sharedTable, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { integer } from "../warehouse/row.ts";
import type { EngineOptions, StateExport } from "./api.ts";
import { keepFence } from "./environment-lock.ts";
import { audienceOf, layoutOf, syncIdOf, type LedgerColumn } from "./ledger-layout.ts";
import { withLedger, type LedgerView } from "./open-ledger.ts";
import { underLock, type Operation } from "./under-lock.ts";

type Table = StateExport["tables"][number];

/** Rows read. E592 for what no export wrote, E593 where the ledger is not empty or the export holds an open plan. */
export async function importState(
  options: EngineOptions & { readonly state: StateExport },
): Promise<{ readonly rows: number }> {
  return underLock(options, (operation) =>
    withLedger(options, "write", async (view) => {
      const tables = checked(view.ledger, options.state);
      await refuseUnlessEmpty(view);
      const rows = await load(view, tables, operation);
      await keepFence(options, Math.max(operation.fence, newestFence(tables)));
      return { rows };
    }),
  );
}

/** Tables that are read: all but `meta`, which says whose ledger this is. */
function checked(ledger: Ledger, { tables }: StateExport): readonly Table[] {
  for (const { name, columns, rows } of tables) {
    const layout = layoutOf(ledger, name);
    if (layout === null) throw notExport(`it has a table ${JSON.stringify(name)}, which no ledger has`);
    if (layout.map((column) => column.name).join() !== columns.join())
      throw notExport(`its table ${name} has other columns`);
    if (rows.some((row) => row.length !== columns.length))
      throw notExport(`a row of its table ${name} has another length`);
  }
  const versions = columnOf(tables, "meta", "ledger_version").map(Number);
  if (versions.some((version) => version > ledgerVersion)) {
    throw failure("E511", "the export was written by a newer version of millrace", {
      hint: "use that version, or a later one",
    });
  }
  const open = tables.filter(({ name }) => name.startsWith("state__")).flatMap((table) => cells(table, "open_plan"));
  if (open.some((plan) => plan !== null)) {
    throw failure("E593", "the export was made in the middle of a run: a plan of it is open", {
      hint: "finish the run where it began (millrace sync), then export again",
    });
  }
  return tables.filter(({ name }) => name !== "meta");
}

function notExport(why: string): MillraceError {
  return failure("E592", `this is not an export of a ledger: ${why}`, {
    hint: "give the file that `millrace state export` wrote, unchanged",
  });
}

/** Syncs that were planned and never sent leave tables without rows: those may be replaced. */
async function refuseUnlessEmpty({ warehouse, ledger, states, tables }: LedgerView): Promise<void> {
  const relations = [
    sharedTable(ledger, "runs"),
    sharedTable(ledger, "changes"),
    ...[...states.values()].map(({ id }) => sentTable(ledger, id)),
  ];
  const members = tables
    .filter((table) => audienceOf(table) !== null)
    .map((table) => warehouse.dialect.relation(...ledger.schema, table));
  const counts = [...relations, ...members].map((relation) => `(SELECT count(*) FROM ${relation})`);
  const [row] = await warehouse.rows(`SELECT ${counts.join(" + ")} AS total`);
  const settled = [...states.values()].some(({ serial }) => serial > 0);
  if (integer(row, "total") === 0 && !settled) return;
  throw failure("E593", "the ledger is not empty, and importing would forget what it knows", {
    hint:
      warehouse.type === "duckdb"
        ? "export it, move its file and log away (.millrace/ENVIRONMENT.duckdb and .wal), then import"
        : "export it, give the environment another `ledger_schema`, then import",
  });
}

/** Rows wait in memory, so that one transaction makes the tables and fills them. */
async function load(view: LedgerView, tables: readonly Table[], operation: Operation): Promise<number> {
  const { warehouse, ledger, session } = view;
  const made = emptyTables(view, tables);
  const filled: string[] = [];
  for (const [index, table] of tables.entries()) {
    if (table.rows.length === 0) continue;
    const waiting = session.ferry.scratch(`import_${index}`);
    const layout = layoutOf(ledger, table.name) as readonly LedgerColumn[];
    const text = wordsOf(ledger.dialect).types.text;
    await warehouse.execute(`CREATE TABLE ${waiting} (${layout.map((_, at) => `c${at} ${text}`).join(", ")})`);
    await warehouse.append(waiting, [imported(table, layout)]);
    const values = layout.map(({ fromText }, at) => fromText(`c${at}`)).join(", ");
    filled.push(`INSERT INTO ${session.ledger(table.name)} SELECT ${values} FROM ${waiting}`);
  }
  await operation.assertHeld();
  try {
    if (warehouse.capabilities.transactionalDdl) await warehouse.script([...made, ...filled]);
    else {
      // Tables without rows are no ledger yet: a cut before the script leaves what can be imported again.
      for (const statement of made) await warehouse.execute(statement);
      await warehouse.script(filled);
    }
  } catch (error) {
    if (error instanceof MillraceError && error.diagnostics.some(({ code }) => misfits.has(code))) {
      throw notExport("a value of it does not fit its column");
    }
    throw error;
  }
  return tables.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** What warehouses say of a value that is none of its column's. */
const misfits: ReadonlySet<string> = new Set(["E701", "E720"]);

/** Statements that make the tables of the export, without rows; those of a sync that was planned and never sent give way. */
function emptyTables({ warehouse, ledger, session, states }: LedgerView, tables: readonly Table[]): readonly string[] {
  const kept = [...states.values()].flatMap(({ id }) =>
    ["sent", "rejections", "state"].map((kind) => `DROP TABLE IF EXISTS ${session.ledger(`${kind}__${id}`)}`),
  );
  const ids = new Set(tables.flatMap(({ name }) => syncIdOf(name) ?? []));
  const members = tables.filter(({ name }) => audienceOf(name) !== null);
  return [
    ...kept,
    ...[...ids].flatMap((id) => createSyncTables(ledger, id)),
    ...members.map(({ name }) => createMembers(warehouse.dialect, session.ledger(name))),
  ];
}

/** The rows as texts that this warehouse's columns are read from. E592 for what is no print. */
function imported({ rows }: Table, layout: readonly LedgerColumn[]): readonly (readonly (string | null)[])[] {
  try {
    return rows.map((row) =>
      row.map((cell, at) => (cell === null ? null : (layout[at] as LedgerColumn).imported(cell))),
    );
  } catch (error) {
    if (error instanceof SyntaxError) throw notExport("a value of it does not fit its column");
    throw error;
  }
}

const newestFence = (tables: readonly Table[]): number =>
  Math.max(
    0,
    ...tables.filter(({ name }) => name.startsWith("state__")).flatMap((table) => cells(table, "fence").map(Number)),
  );

const columnOf = (tables: readonly Table[], name: string, column: string): readonly (string | null)[] =>
  tables.filter((table) => table.name === name).flatMap((table) => cells(table, column));

function cells({ columns, rows }: Table, column: string): readonly (string | null)[] {
  const at = columns.indexOf(column);
  return rows.map((row) => row[at] ?? null);
}
