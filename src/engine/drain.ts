/** `millrace state retarget --drain`: everybody a ledger holds is taken out of its target, then it is empty (R31). */
import type { ExitCode } from "../errors.ts";
import { failure } from "../errors.ts";
import { guardCodes } from "./guards.ts";
import type { SyncState } from "../ledger/state.ts";
import { sentTable, sharedTable, stateTable, tablesById } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import type { EngineOptions } from "./api.ts";
import { dropTables } from "./move-state.ts";
import { emptyingProject, oldTargetOf } from "./old-target.ts";
import { withLedger, type LedgerView } from "./open-ledger.ts";
import { expirePlans, operate, rowsOf, stateOf } from "./operate.ts";
import { runSyncs } from "./run.ts";
import { underLock, type Operation } from "./under-lock.ts";

export interface Drained {
  /** The run that sent the removals. */
  readonly runId: string;
  readonly exit: ExitCode;
  readonly removed: number;
  /** Rows whose removal was refused or never answered: the ledger keeps them, the same command tries again. */
  readonly remaining: number;
}

type DrainOptions = EngineOptions & { readonly sync: string; readonly reason: string };

/**
 * Removes at the target of the ledger, whatever the project names today, everybody who may be there, those kept on leaving
 * too; no guard stops it. Once nobody is left the ledger is forgotten and the sync's next run is a first run.
 *
 * E595 where there is no such sync or ledger, E597 where the target cannot be emptied.
 */
export async function drainState(options: DrainOptions): Promise<Drained> {
  const project = await underLock(options, (operation) => prepared(options, operation));
  const { document, exit } = await runSyncs({
    ...options,
    project,
    selected: [options.sync],
    yes: true,
    interactive: false,
    overrides: guardCodes.map((guard) => ({ guard, sync: options.sync, reason: options.reason })),
    waitMs: 0,
    skipTests: true,
    failFast: false,
    // A person asks: what was refused a minute ago is asked again.
    retry: [options.sync],
  });
  const [report] = document.syncs;
  if (report?.error) throw failure(report.error.code, report.error.message, withoutCode(report.error, options.sync));
  const remaining = await underLock(options, (operation) => forgotten(options, operation, document.run_id));
  return { runId: document.run_id, exit, removed: report?.accepted.remove ?? 0, remaining };
}

function withoutCode({ hint }: { readonly hint?: string }, sync: string) {
  const leave = `or leave there what is there: millrace state retarget ${sync} --abandon --reason TEXT`;
  return { hint: hint === undefined ? leave : `${hint}; ${leave}` };
}

/** The project of the run, and the ledger ready for it: those kept on leaving are owed a removal now. */
function prepared(options: DrainOptions, { fence, assertHeld, runId }: Operation) {
  const { project } = options;
  return withLedger(options, "write", async (view) => {
    const sync = project.syncs.get(options.sync);
    const state = stateOf(view, options.sync);
    if (sync === undefined) {
      throw failure("E595", `no sync is called "${options.sync}"`, {
        exit: 64,
        hint: "its ledger can be emptied while the project has the sync; to leave there what is there: --abandon",
      });
    }
    const old = oldTargetOf(project, sync, state);
    const { warehouse, ledger } = view;
    const sent = sentTable(ledger, state.id);
    const [held] = await warehouse.rows(`SELECT count(*) AS total FROM ${sent} WHERE state = 'held'`);
    if (Number(held?.["total"] ?? 0) > 0) {
      throw failure(
        "E597",
        `the old target of sync "${sync.name}" cannot be emptied: rows are held after a request that was never answered`,
        {
          hint: `say what became of them first: millrace resolve ${sync.name} --delivered | --lost`,
        },
      );
    }
    const kinds = await kindsOf(view, state);
    const rows = await rowsOf(view, state);
    const owed = [
      `UPDATE ${sent} SET state = 'owed' WHERE state = 'left'`,
      `UPDATE ${stateTable(ledger, state.id)} SET serial = serial + 1, fence = ${fence} WHERE TRUE`,
    ];
    const deed = { sync: sync.name, name: "drain", reason: options.reason, rows } as const;
    await operate(view, options, { fence, assertHeld, runId }, state, owed, deed);
    return emptyingProject(project, sync, old, { keyFamilies: (state.keySignature ?? "text").split(","), kinds });
  });
}

/** Kinds of identifiers the ledger holds; objects that are matched on several at once name them together. */
async function kindsOf({ warehouse, ledger }: LedgerView, { id }: SyncState): Promise<readonly string[]> {
  const rows = await warehouse.rows(
    `SELECT DISTINCT kind FROM ${wordsOf(ledger.dialect).eachId(sentTable(ledger, id), [])} u WHERE kind <> 'key'`,
  );
  return [...new Set(rows.flatMap((row) => String(row["kind"]).split("+")))].toSorted();
}

/** Forgets a ledger that holds nobody; gives how many it holds still. */
function forgotten(options: DrainOptions, operation: Operation, runId: string): Promise<number> {
  const { sync, reason } = options;
  const now = options.ports.clock.now();
  return withLedger(options, "write", async (view) => {
    const state = stateOf(view, sync);
    const remaining = await rowsOf(view, state);
    if (remaining > 0) return remaining;
    const { literal } = view.warehouse.dialect;
    const drained = literal(`${state.id}__drained_${state.serial}`);
    const statements = [
      // The guard of a day must not count them against the new target.
      `UPDATE ${sharedTable(view.ledger, "changes")} SET sync = ${drained} WHERE sync = ${literal(sync)}`,
      ...tablesById.map((name) => `DELETE FROM ${sharedTable(view.ledger, name)} WHERE sync = ${literal(state.id)}`),
      expirePlans(view, sync, now),
      ...dropTables(view, state.id),
    ];
    await operate(view, options, operation, state, statements, { sync, name: "drain", reason, rows: 0, runId });
    return 0;
  });
}
