/**
 * A sync's own tables put aside or taken away as part of an operation: in its transaction where DDL rolls back with it; elsewhere they
 * are copied before it, emptied in it and dropped after it, so that a cut at any place leaves one whole ledger.
 */
import { rejectionsTable, sentTable, stateTable } from "../ledger/tables.ts";
import type { LedgerView } from "./open-ledger.ts";

/** Statements around and within the transaction of an operation. */
export interface Rearrangement {
  readonly before: readonly string[];
  /** First of the transaction. */
  readonly inside: readonly string[];
  readonly after: readonly string[];
}

export const nothingMoved: Rearrangement = { before: [], inside: [], after: [] };

type View = Pick<LedgerView, "warehouse" | "ledger">;

const kinds = ["sent", "rejections", "state"] as const;
const tableOf = { sent: sentTable, rejections: rejectionsTable, state: stateTable } as const;

/** Gives the ledger of a sync another internal id and, as its sync's name, the same. */
export function putAside({ warehouse, ledger }: View, id: string, aside: string): Rearrangement {
  const { literal, quote } = warehouse.dialect;
  const named = `UPDATE ${stateTable(ledger, aside)} SET id = ${literal(aside)}, sync = ${literal(aside)} WHERE TRUE`;
  if (warehouse.capabilities.transactionalDdl) {
    // Renamed first: DuckDB cannot read back a log in which a table is changed and then renamed in one transaction.
    const renamed = kinds.map(
      (kind) => `ALTER TABLE ${tableOf[kind](ledger, id)} RENAME TO ${quote(`${kind}__${aside}`)}`,
    );
    return { before: [], inside: [...renamed, named], after: [] };
  }
  // The copy of the state has no row until the transaction: nobody takes it for a ledger.
  const copied = kinds.map(
    (kind) =>
      `CREATE OR REPLACE TABLE ${tableOf[kind](ledger, aside)} AS SELECT * FROM ${tableOf[kind](ledger, id)}${kind === "state" ? " WHERE FALSE" : ""}`,
  );
  const state = `INSERT INTO ${stateTable(ledger, aside)} SELECT * FROM ${stateTable(ledger, id)}`;
  const { inside, after } = takeAway({ warehouse, ledger }, id);
  return { before: copied, inside: [state, named, ...inside], after };
}

/** Forgets the ledger of a sync. */
export function takeAway({ warehouse, ledger }: View, id: string): Rearrangement {
  const tables = kinds.map((kind) => tableOf[kind](ledger, id));
  if (warehouse.capabilities.transactionalDdl)
    return { before: [], inside: tables.map((table) => `DROP TABLE ${table}`), after: [] };
  return {
    before: [],
    inside: tables.map((table) => `DELETE FROM ${table} WHERE TRUE`),
    after: tables.map((table) => `DROP TABLE IF EXISTS ${table}`),
  };
}
