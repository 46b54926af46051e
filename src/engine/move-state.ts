/** `millrace state mv`: a ledger follows its sync to a new name (R31). */
import { failure } from "../errors.ts";
import { rejectionsTable, sentTable, sharedTable, stateTable } from "../ledger/tables.ts";
import type { EngineOptions } from "./api.ts";
import { withLedger, type LedgerView } from "./open-ledger.ts";
import { expirePlans, operate, rowsOf, stateOf } from "./operate.ts";
import { underLock } from "./under-lock.ts";

/**
 * Gives the ledger of sync `from` to sync `to`: nothing is sent again, nobody is forgotten. The tables keep their names.
 * E595 where there is no such ledger or the project has no sync `to`, E596 where `to` has sent already.
 */
export function moveState(
  options: EngineOptions & { readonly from: string; readonly to: string },
): Promise<{ readonly rows: number }> {
  const { from, to, project } = options;
  const now = options.ports.clock.now();
  return underLock(options, (operation) =>
    withLedger(options, "write", async (view) => {
      const state = stateOf(view, from);
      if (!project.syncs.has(to)) {
        throw failure("E595", `no sync is called "${to}"`, {
          exit: 64,
          hint: "rename it in its YAML first, then move its ledger",
        });
      }
      const rows = await rowsOf(view, state);
      const other = from === to ? undefined : view.states.get(to);
      if (other !== undefined && (other.serial > 0 || (await rowsOf(view, other)) > 0)) {
        throw failure("E596", `sync "${to}" has a ledger of its own, with what it sent`, {
          hint: "two ledgers cannot become one: give the sync another name",
        });
      }
      const { literal } = view.warehouse.dialect;
      const statements = [
        ...(other === undefined ? [] : dropTables(view, other.id)),
        `UPDATE ${stateTable(view.ledger, state.id)} SET sync = ${literal(to)} WHERE TRUE`,
        // Guards of a day and the history of people go by the sync's name.
        ...(["changes", "sync_runs", "operations"] as const).map(
          (name) => `UPDATE ${sharedTable(view.ledger, name)} SET sync = ${literal(to)} WHERE sync = ${literal(from)}`,
        ),
        expirePlans(view, from, now),
        expirePlans(view, to, now),
      ];
      await operate(view, options, operation, state, statements, { sync: to, name: "mv", reason: `was ${from}`, rows });
      return { rows };
    }),
  );
}

/** Statements that take a sync's own tables away. */
export const dropTables = ({ ledger }: Pick<LedgerView, "ledger">, id: string): readonly string[] =>
  [sentTable, rejectionsTable, stateTable].map((table) => `DROP TABLE ${table(ledger, id)}`);
