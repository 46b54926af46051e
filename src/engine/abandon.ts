/** `millrace state retarget --abandon`: a ledger is put aside, and its sync begins anew elsewhere (R31). */
import { rejectionsTable, sentTable, sharedTable, stateTable, tablesById } from "../ledger/tables.ts";
import type { EngineOptions } from "./api.ts";
import { withLedger } from "./open-ledger.ts";
import { expirePlans, operate, rowsOf, stateOf } from "./operate.ts";
import { underLock } from "./under-lock.ts";

/**
 * Puts the ledger of a sync aside under the name `<id>__abandoned_<serial>`, so that its next run begins anew with the
 * target that the project names today. What the old target holds stays there; the ledger goes on knowing it. E595.
 */
export function abandonState(
  options: EngineOptions & { readonly sync: string; readonly reason: string },
): Promise<{ readonly rows: number; readonly archived: string }> {
  const { sync, reason } = options;
  const now = options.ports.clock.now();
  return underLock(options, (operation) =>
    withLedger(options, "write", async (view) => {
      const state = stateOf(view, sync);
      const { warehouse, ledger, tables } = view;
      const archived = freeName(`${state.id}__abandoned_${state.serial}`, tables);
      const { literal, quote } = warehouse.dialect;
      const rows = await rowsOf(view, state);
      const statements = [
        // First: DuckDB cannot read back a log in which a table is changed and then renamed in one transaction.
        ...[sentTable, rejectionsTable, stateTable].map(
          (table, index) => `ALTER TABLE ${table(ledger, state.id)} RENAME TO ${quote(`${kinds[index]}__${archived}`)}`,
        ),
        `UPDATE ${stateTable(ledger, archived)} SET id = ${literal(archived)}, sync = ${literal(archived)} WHERE TRUE`,
        ...tablesById.map(
          (name) =>
            `UPDATE ${sharedTable(ledger, name)} SET sync = ${literal(archived)} WHERE sync = ${literal(state.id)}`,
        ),
        `UPDATE ${sharedTable(ledger, "changes")} SET sync = ${literal(archived)} WHERE sync = ${literal(sync)}`,
        expirePlans(view, sync, now),
      ];
      await operate(view, options, operation, state, statements, { sync: archived, name: "abandon", reason, rows });
      return { rows, archived };
    }),
  );
}

const kinds = ["sent", "rejections", "state"] as const;

function freeName(name: string, tables: readonly string[]): string {
  if (!tables.includes(`state__${name}`)) return name;
  const numbers = tables.map((table) =>
    table.startsWith(`state__${name}_`) ? Number(table.slice(`state__${name}_`.length)) : 1,
  );
  return `${name}_${Math.max(...numbers.filter(Number.isSafeInteger)) + 1}`;
}
