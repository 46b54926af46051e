/** `millrace state retarget --abandon`: a ledger is put aside, and its sync begins anew elsewhere (R31). */
import { sharedTable, tablesById } from "../ledger/tables.ts";
import type { EngineOptions } from "./api.ts";
import { withLedger } from "./open-ledger.ts";
import { expirePlans, operate, rowsOf, stateOf } from "./operate.ts";
import { putAside } from "./sync-tables.ts";
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
      const { warehouse, ledger, states } = view;
      const archived = freeName(
        `${state.id}__abandoned_${state.serial}`,
        [...states.values()].map(({ id }) => id),
      );
      const { literal } = warehouse.dialect;
      const rows = await rowsOf(view, state);
      const statements = [
        ...tablesById.map(
          (name) =>
            `UPDATE ${sharedTable(ledger, name)} SET sync = ${literal(archived)} WHERE sync = ${literal(state.id)}`,
        ),
        `UPDATE ${sharedTable(ledger, "changes")} SET sync = ${literal(archived)} WHERE sync = ${literal(sync)}`,
        expirePlans(view, sync, now),
      ];
      const deed = { sync: archived, name: "abandon", reason, rows } as const;
      await operate(view, options, operation, state, statements, deed, putAside(view, state.id, archived));
      return { rows, archived };
    }),
  );
}

function freeName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  const numbers = taken.map((id) => (id.startsWith(`${name}_`) ? Number(id.slice(`${name}_`.length)) : 1));
  return `${name}_${Math.max(...numbers.filter(Number.isSafeInteger)) + 1}`;
}
