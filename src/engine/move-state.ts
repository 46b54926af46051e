/** `millrace state mv | retarget`: a ledger follows its sync to a new name, or is put aside for a new target (R31). */
import { failure } from "../errors.ts";
import type { SyncState } from "../ledger/state.ts";
import { rejectionsTable, sentTable, sharedTable, stateTable } from "../ledger/tables.ts";
import type { EngineOptions } from "./api.ts";
import { withLedger, type LedgerView } from "./open-ledger.ts";
import { underLock } from "./under-lock.ts";

/**
 * Gives the ledger of sync `from` to sync `to`: nothing is sent again, nobody is forgotten. The tables keep their names.
 * E595 where there is no such ledger or the project has no sync `to`, E596 where `to` has sent already.
 */
export function moveState(
  options: EngineOptions & { readonly from: string; readonly to: string },
): Promise<{ readonly rows: number }> {
  const { from, to, project } = options;
  return underLock(options, ({ assertHeld }) =>
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
      await assertHeld();
      const { literal } = view.warehouse.dialect;
      await view.warehouse.script([
        ...(other === undefined ? [] : dropTables(view, other.id)),
        `UPDATE ${stateTable(view.ledger, state.id)} SET sync = ${literal(to)}`,
        // Guards of a day and the history of people go by the sync's name.
        ...(["changes", "sync_runs"] as const).map(
          (name) => `UPDATE ${sharedTable(view.ledger, name)} SET sync = ${literal(to)} WHERE sync = ${literal(from)}`,
        ),
      ]);
      return { rows };
    }),
  );
}

/**
 * Puts the ledger of a sync aside under the name `<id>__abandoned_<serial>`, so that its next run begins anew with the
 * target that the project names today. What the old target holds stays there; the ledger goes on knowing it.
 */
export function retargetState(
  options: EngineOptions & { readonly sync: string },
): Promise<{ readonly rows: number; readonly archived: string }> {
  const now = options.ports.clock.now();
  return underLock(options, ({ assertHeld }) =>
    withLedger(options, "write", async (view) => {
      const state = stateOf(view, options.sync);
      const { warehouse, ledger, tables } = view;
      const archived = freeName(`${state.id}__abandoned_${state.serial}`, tables);
      const { literal, quote } = warehouse.dialect;
      const rows = await rowsOf(view, state);
      await assertHeld();
      await warehouse.script([
        `UPDATE ${stateTable(ledger, state.id)} SET id = ${literal(archived)}, sync = ${literal(archived)}`,
        ...[sentTable, rejectionsTable, stateTable].map(
          (table, index) => `ALTER TABLE ${table(ledger, state.id)} RENAME TO ${quote(`${kinds[index]}__${archived}`)}`,
        ),
        `UPDATE ${sharedTable(ledger, "mappings")} SET sync = ${literal(archived)} WHERE sync = ${literal(state.id)}`,
        `UPDATE ${sharedTable(ledger, "changes")} SET sync = ${literal(archived)} WHERE sync = ${literal(state.sync)}`,
        // Plans saved on the old ledger must not fit the new one by chance.
        `UPDATE ${sharedTable(ledger, "plans")} SET expires_at = ${now - 1} WHERE used_by IS NULL AND contains(document, ${literal(`${JSON.stringify(state.sync)}:`)})`,
      ]);
      return { rows, archived };
    }),
  );
}

const kinds = ["sent", "rejections", "state"] as const;

function stateOf({ states }: LedgerView, sync: string): SyncState {
  const state = states.get(sync);
  if (state !== undefined) return state;
  const known = [...states.keys()].toSorted();
  throw failure("E595", `the ledger knows no sync "${sync}"`, {
    exit: 64,
    hint: known.length === 0 ? "it is empty" : `it knows ${known.join(", ")}`,
  });
}

/** Rows the ledger of a sync holds. */
async function rowsOf({ warehouse, ledger }: LedgerView, { id }: SyncState): Promise<number> {
  const [row] = await warehouse.rows(`SELECT count(*) AS rows FROM ${sentTable(ledger, id)}`);
  return Number(row?.["rows"] ?? 0);
}

const dropTables = ({ ledger }: LedgerView, id: string): readonly string[] =>
  [sentTable, rejectionsTable, stateTable].map((table) => `DROP TABLE ${table(ledger, id)}`);

function freeName(name: string, tables: readonly string[]): string {
  if (!tables.includes(`state__${name}`)) return name;
  const numbers = tables.map((table) =>
    table.startsWith(`state__${name}_`) ? Number(table.slice(`state__${name}_`.length)) : 1,
  );
  return `${name}_${Math.max(...numbers.filter(Number.isSafeInteger)) + 1}`;
}
