/** What a run leaves to be read: its document, one line per sync, the members of its audiences. */
import type { RunDocument } from "../core.ts";
import { advanceMembers, createMembers, membersTable } from "../audience/members.ts";
import { sharedTable, type Ledger } from "../ledger/tables.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { keepDefinition } from "./definitions.ts";
import type { Plans } from "./plan-all.ts";
import type { Outgoing, RunContext } from "./run-syncs.ts";
import type { Workspace } from "./workspace.ts";

/** The ledger as it is open at the end of a run. */
export interface OpenLedger {
  readonly warehouse: Warehouse;
  readonly ledger: Ledger;
}

/** Advances the history of every audience that at least one sync goes out with, once a run (R42, decision 48). */
export async function advanceHistories(
  run: RunContext,
  workspace: Workspace,
  plans: Plans,
  outgoing: readonly Outgoing[],
): Promise<void> {
  const { warehouse, session } = workspace;
  const used = new Set(outgoing.flatMap(({ judged }) => judged.plan.sync.spec.audience ?? []));
  for (const [name, audience] of plans.audiences) {
    const { before, enter, leave } = audience.delta;
    // Nobody moved: the history is that of today's definition as well.
    if (before > 0 && enter + leave === 0) await keepDefinition(workspace, name, run.startedAt);
    if (!used.has(name)) continue;
    const relation = session.ledger(membersTable(name));
    await warehouse.execute(createMembers(warehouse.dialect, relation));
    await warehouse.script(
      advanceMembers(warehouse.dialect, relation, audience.keys, { id: run.runId, at: workspace.asOf.ms }),
    );
    await keepDefinition(workspace, name, run.startedAt);
  }
}

/** Writes `runs` and `sync_runs`; again with the same run changes nothing. */
export async function recordRun(
  { warehouse, ledger }: OpenLedger,
  document: RunDocument,
  people: ReadonlyMap<string, number>,
): Promise<void> {
  const { literal } = warehouse.dialect;
  const values = (cells: readonly (string | number | null)[]): string =>
    `(${cells.map((cell) => literal(cell)).join(", ")})`;
  const runs = sharedTable(ledger, "runs");
  const syncRuns = sharedTable(ledger, "sync_runs");
  const started = Date.parse(document.started_at);
  const finished = Date.parse(document.finished_at);
  const lines = document.syncs.map((sync) =>
    values([
      document.run_id,
      sync.sync,
      sync.status,
      finished,
      people.get(sync.sync) ?? null,
      sync.accepted.add,
      sync.accepted.update,
      sync.accepted.remove,
      sync.outcomes.rejected,
      null,
      sync.error === null ? null : `${sync.error.code}: ${sync.error.message}`,
    ]),
  );
  await warehouse.script([
    `DELETE FROM ${runs} WHERE run_id = ${literal(document.run_id)}`,
    `INSERT INTO ${runs} VALUES ${values([document.run_id, started, finished, document.status, document.exit, JSON.stringify(document)])}`,
    `DELETE FROM ${syncRuns} WHERE run_id = ${literal(document.run_id)}`,
    ...(lines.length === 0 ? [] : [`INSERT INTO ${syncRuns} VALUES ${lines.join(", ")}`]),
  ]);
}
