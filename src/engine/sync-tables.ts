/**
 * A sync's own tables put aside or taken away as part of an operation: in its transaction where DDL rolls back with it; elsewhere they
 * are made before it, filled and emptied in it and dropped after it, so that a cut at any place leaves one whole ledger.
 */
import { createSyncTables, rejectionsTable, sentTable, stateTable, syncColumns } from "../ledger/tables.ts";
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
  // Made as every ledger's tables are, and empty: a cut leaves what nobody takes for a ledger, and the next attempt fills.
  const filled = kinds.flatMap((kind) => {
    const columns = syncColumns(ledger, kind)
      .map(([column]) => quote(column))
      .join(", ");
    const table = tableOf[kind](ledger, aside);
    return [
      `DELETE FROM ${table} WHERE TRUE`,
      `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${tableOf[kind](ledger, id)}`,
    ];
  });
  const { inside, after } = takeAway({ warehouse, ledger }, id);
  return { before: createSyncTables(ledger, aside), inside: [...filled, named, ...inside], after };
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
