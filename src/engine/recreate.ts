/** `millrace state recreate`: the platform lost the target; a new one is found or made and filled again (R31). */
import { failure } from "../errors.ts";
import { rejectionsTable, sentTable, sharedTable, stateTable } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import type { EngineOptions } from "./api.ts";
import { objectOf } from "./account.ts";
import { withLedger } from "./open-ledger.ts";
import { expirePlans, operate, rowsOf, stateOf } from "./operate.ts";
import { snapshot } from "./snapshot.ts";
import { underLock } from "./under-lock.ts";

/**
 * Takes back everything the ledger says of what stood there: rows are in doubt without identifiers, remote ids and earlier
 * refusals are gone. The next run looks for the target anew, sends whoever is wanted and forgets whoever is not.
 *
 * E595 where there is no such sync or ledger, E598 for events.
 */
export function recreateState(
  options: EngineOptions & { readonly sync: string; readonly reason: string },
): Promise<{ readonly rows: number }> {
  const { project, sync: name, reason } = options;
  const now = options.ports.clock.now();
  return underLock(options, (operation) =>
    withLedger(options, "write", async (view) => {
      const state = stateOf(view, name);
      const sync = project.syncs.get(name);
      if (sync === undefined) {
        throw failure("E595", `no sync is called "${name}"`, { exit: 64, hint: "put it back in its YAML first" });
      }
      const destination = project.destinations.get(sync.spec.destination);
      if (destination !== undefined && objectOf(destination, sync.spec.object)?.kind === "event") {
        throw failure("E598", `sync "${name}" sends events, each of them once`, {
          hint: `to send all of them again: millrace state retarget ${name} --abandon --reason TEXT`,
        });
      }
      const { ledger } = view;
      const rows = await rowsOf(view, state);
      const { literal } = view.warehouse.dialect;
      const id = literal(state.id);
      const statements = [
        `UPDATE ${sentTable(ledger, state.id)} SET state = 'doubt', h = NULL, h_fast = NULL, h_tag = NULL, ids = ${wordsOf(ledger.dialect).noIds}, doubt_at = NULL, remote_id = NULL, idem = NULL, fields = NULL WHERE TRUE`,
        `DELETE FROM ${rejectionsTable(ledger, state.id)} WHERE TRUE`,
        `DELETE FROM ${sharedTable(ledger, "jobs")} WHERE sync = ${id}`,
        `UPDATE ${stateTable(ledger, state.id)} SET remote_id = NULL, serial = serial + 1, fence = ${operation.fence} WHERE TRUE`,
        expirePlans(view, name, now),
      ];
      await snapshot(view, { state, runId: operation.runId, onEvent: options.onEvent });
      await operate(view, options, operation, state, statements, { sync: name, name: "recreate", reason, rows });
      return { rows };
    }),
  );
}
