/** What a run leaves to be read: its document, one line per sync, the members of its audiences. */
import type { RunDocument } from "../core.ts";
import { advanceMembers, createMembers, membersTable } from "../audience/members.ts";
import { sharedTable, type Ledger } from "../ledger/tables.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { definitionKept, keepDefinition } from "./definitions.ts";
import type { Plans } from "./plan-all.ts";
import type { Outgoing, RunContext } from "./run-syncs.ts";
import type { Workspace } from "./workspace.ts";

/** The ledger as it is open at the end of a run. */
export interface OpenLedger {
  readonly warehouse: Warehouse;
  readonly ledger: Ledger;
}

/**
 * The statements that advance the history of a sync's audience, for the transaction that opens its plan (R42, decision 48);
 * none where another sync of this run has done it. The table is made here where it is missing. `advanced` is told by the caller.
 */
export async function historyStatements(
  run: RunContext,
  workspace: Workspace,
  plans: Plans,
  name: string | undefined,
  advanced: ReadonlySet<string>,
): Promise<readonly string[]> {
  const audience = name === undefined ? undefined : plans.audiences.get(name);
  if (name === undefined || audience === undefined || advanced.has(name)) return [];
  const { warehouse, session, tables } = workspace;
  const relation = session.ledger(membersTable(name));
  if (!tables.includes(membersTable(name))) await warehouse.execute(createMembers(warehouse.dialect, relation));
  return [
    ...advanceMembers(warehouse.dialect, relation, audience.keys, { id: run.runId, at: workspace.asOf.ms }),
    ...keepDefinition(workspace, name, run.startedAt),
  ];
}

/** Advances the history of every audience that at least one sync goes out with, once a run, where its opening has not done it. */
export async function advanceHistories(
  run: RunContext,
  workspace: Workspace,
  plans: Plans,
  outgoing: readonly Outgoing[],
  advanced: Set<string>,
): Promise<void> {
  const { warehouse } = workspace;
  const used = new Set(outgoing.flatMap(({ judged }) => judged.plan.sync.spec.audience ?? []));
  for (const [name, audience] of plans.audiences) {
    if (!advanced.has(name)) {
      const { before, enter, leave } = audience.delta;
      // Nobody moved: the history is that of today's definition as well.
      const still = before > 0 && enter + leave === 0;
      const kept = still ? keepDefinition(workspace, name, run.startedAt) : [];
      const statements = used.has(name) ? await historyStatements(run, workspace, plans, name, advanced) : kept;
      if (statements.length === 0) continue;
      await warehouse.script(statements);
    }
    definitionKept(workspace, name);
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
