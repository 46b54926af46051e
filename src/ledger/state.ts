/** The one mutable row of each sync: whose ledger it is, how far it is, what is open (R22, R31). */
import type { Warehouse } from "../warehouse/warehouse.ts";
import { createSyncTables, stateTable, type Ledger } from "./tables.ts";
import { wordsOf } from "./words.ts";

export interface SyncState {
  /** Internal id: names the tables; the first name the sync had. */
  readonly id: string;
  readonly sync: string;
  /** What the ledger speaks of: destination type, account, object, as JSON text. */
  readonly target: string;
  readonly remoteId: string | null;
  readonly fence: number;
  /** Settled plans so far; 0 = nothing was ever sent. */
  readonly serial: number;
  readonly openPlan: string | null;
  readonly openRun: string | null;
  /** Mapping version of the newest plan; 0 before the first. */
  readonly m: number;
  readonly keySignature: string | null;
}

/** Names of the tables that hold states. */
export const statePrefix = "state__";

/** The states of all syncs this ledger knows, by sync name; also of syncs that are no longer in the project. */
export async function readStates(
  warehouse: Warehouse,
  ledger: Ledger,
  tables: readonly string[],
): Promise<ReadonlyMap<string, SyncState>> {
  const ids = tables.filter((name) => name.startsWith(statePrefix)).map((name) => name.slice(statePrefix.length));
  const states = new Map<string, SyncState>();
  if (ids.length === 0) return states;
  const query = ids.map((id) => `SELECT * FROM ${stateTable(ledger, id)}`).join(" UNION ALL ");
  for (const row of await warehouse.rows(query)) states.set(row["sync"], stateOf(row));
  return states;
}

/** A state out of a row of its table. */
export const stateOf = (row: Readonly<Record<string, any>>): SyncState => ({
  id: row["id"],
  sync: row["sync"],
  target: row["target"],
  remoteId: row["remote_id"],
  fence: Number(row["fence"]),
  serial: Number(row["serial"]),
  openPlan: row["open_plan"],
  openRun: row["open_run"],
  m: Number(row["m"]),
  keySignature: row["key_signature"],
});

/** Names of the ledger's tables. */
export async function ledgerTables(warehouse: Warehouse, ledger: Ledger): Promise<readonly string[]> {
  const rows = await warehouse.rows(wordsOf(ledger.dialect).tables(ledger.schema));
  return rows.map((row) => String(row["name"]));
}

/** Makes a sync's tables and its state row. */
export async function createState(warehouse: Warehouse, ledger: Ledger, state: SyncState): Promise<void> {
  for (const statement of createSyncTables(ledger, state.id)) await warehouse.execute(statement);
  const { literal } = warehouse.dialect;
  const table = stateTable(ledger, state.id);
  const { id, sync, target, remoteId, fence, serial, m, keySignature } = state;
  const values = [id, sync, target, remoteId, fence, serial, null, null, null, m, keySignature].map(literal).join(", ");
  await warehouse.execute(
    `INSERT INTO ${table} SELECT ${values} FROM ${wordsOf(ledger.dialect).oneRow} WHERE NOT EXISTS (SELECT 1 FROM ${table})`,
  );
}

/** Sets columns of a state row, only while the fence is ours and the open plan is the one named; false when it is not. */
export async function updateState(
  warehouse: Warehouse,
  ledger: Ledger,
  id: string,
  expected: { readonly fence: number; readonly openPlan: string | null },
  values: Readonly<Record<string, string | number | null>>,
): Promise<boolean> {
  return (await warehouse.execute(updateStatement(warehouse, ledger, id, expected, values))) === 1;
}

/** The statement of {@link updateState}, for use inside a transaction. */
export function updateStatement(
  { dialect: { literal, quote } }: Warehouse,
  ledger: Ledger,
  id: string,
  expected: { readonly fence: number; readonly openPlan: string | null },
  values: Readonly<Record<string, string | number | null>>,
): string {
  const sets = Object.entries(values).map(([name, value]) => `${quote(name)} = ${literal(value)}`);
  const open = expected.openPlan === null ? "open_plan IS NULL" : `open_plan = ${literal(expected.openPlan)}`;
  return `UPDATE ${stateTable(ledger, id)} SET ${sets.join(", ")} WHERE fence <= ${expected.fence} AND ${open}`;
}

/** What the error of {@link heldStatement} says. */
export const takenOver = "the ledger was taken over by another run";

/** A statement that fails, and with it its transaction, unless the state row still has our fence and names our plan (R22). */
export function heldStatement(
  { dialect: { literal } }: Warehouse,
  ledger: Ledger,
  id: string,
  { holds }: { readonly holds: { readonly fence: number; readonly openPlan: string | null } },
): string {
  const open = holds.openPlan === null ? "open_plan IS NULL" : `open_plan = ${literal(holds.openPlan)}`;
  return `SELECT CASE WHEN count(*) = 0 THEN ${wordsOf(ledger.dialect).fail(literal(takenOver))} END
FROM ${stateTable(ledger, id)} WHERE fence <= ${holds.fence} AND ${open}`;
}

export interface MappingVersion {
  readonly m: number;
  readonly hash: string;
  /** {@link MappingDefinition} as JSON text. */
  readonly definition: string;
}
