import { DuckDBInstance } from "@duckdb/node-api";
import { join } from "node:path";

/** Rows of the ledger of a project in `root`, read with plain SQL while no run is under way. */
export async function ledgerRows(root: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const instance = await DuckDBInstance.create(join(root, ".millrace/dev.duckdb"), { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRows();
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}

/** Key -> state of a sync's rows. */
export async function ledgerStates(root: string, sync: string): Promise<Readonly<Record<string, string>>> {
  const rows = await ledgerRows(root, `SELECT k, state FROM millrace.sent__${sync} ORDER BY k`);
  return Object.fromEntries(rows.map(([k, state]) => [String(k), String(state)]));
}
