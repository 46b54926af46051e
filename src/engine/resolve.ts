/** `millrace resolve`: a person says what became of requests that were never answered (R13). */
import type { SentIdentifier } from "../core.ts";
import { failure } from "../errors.ts";
import { answered, hasIdentifier, unansweredOf, type LedgerRow, type Policy, type Verdict } from "../ledger/rules.ts";
import { updateState, type SyncState } from "../ledger/state.ts";
import { sharedTable } from "../ledger/tables.ts";
import type { EngineOptions } from "./api.ts";
import { shapeOf } from "./shape.ts";
import { Staging } from "./staging.ts";
import { unsettledRows } from "./unsettled.ts";
import { underLock, type Operation } from "./under-lock.ts";
import { openWorkspace, sourceOf, type Workspace } from "./workspace.ts";

export interface ResolveOptions extends EngineOptions {
  readonly sync: string;
  /** `delivered`: the platform has them; `lost`: it has them not, and the next run sends today's data. */
  readonly as: "delivered" | "lost";
}

/** Settles every held row of the sync; gives how many there were. */
export function resolveHeld(options: ResolveOptions): Promise<{ readonly rows: number }> {
  return underLock(options, async (operation) => {
    const workspace = await openWorkspace({ ...options, write: true });
    try {
      return { rows: await resolveIn(workspace, options, operation) };
    } finally {
      await workspace.close();
    }
  });
}

async function resolveIn(workspace: Workspace, options: ResolveOptions, operation: Operation): Promise<number> {
  const { warehouse, ferry, ledger, project, states } = workspace;
  const sync = project.syncs.get(options.sync);
  if (sync === undefined) throw failure("E020", `no sync is called "${options.sync}"`, { exit: 64 });
  const state = states.get(options.sync);
  if (state === undefined) return 0;
  const { policy } = shapeOf(project, sync, sourceOf(workspace, sync).columns);
  const rows = await unsettledRows(warehouse, ledger, state.id, "state = 'held' OR doubt_at IS NOT NULL");
  const held = rows.filter((row) => row.state === "held");
  if (held.length === 0) return 0;
  const now = options.ports.clock.now();
  const { runId } = operation;
  const staging = new Staging(
    ferry,
    ledger,
    { id: state.id, tag: 0 },
    { sync: sync.name, plan: "resolve", runId, now, holds: { fence: operation.fence, openPlan: null } },
  );
  await staging.open();
  for (const row of held) staging.replace(row.k, resolved(row, options.as, policy, rows));
  await operation.assertHeld();
  await moveOn(workspace, state, operation);
  await staging.apply();
  await staging.close();
  await remember(workspace, held, options, runId, now);
  return held.length;
}

/** The row as its requests' fate leaves it; null: the ledger forgets the key, so that the next plan adds it. */
function resolved(
  row: LedgerRow,
  as: ResolveOptions["as"],
  policy: Policy,
  rows: readonly LedgerRow[],
): LedgerRow | null {
  const parts = unansweredOf(row)?.parts ?? [];
  const verdict: Verdict = as === "delivered" ? "accepted" : "rejected";
  const doubtOf = (id: SentIdentifier): number | null => {
    // Young when our request left, or younger than it: the order of the two at the platform is not known (R8).
    const left = Math.min(...parts.filter((part) => hasIdentifier([id], part.id)).map((part) => part.at));
    const doubts = rows
      .filter((other) => other.k !== row.k && hasIdentifier(other.ids, id))
      .map(({ doubtAt }) => doubtAt ?? 0);
    const young = doubts.filter((at) => at > left - policy.lateMs);
    return young.length === 0 ? null : Math.max(...young);
  };
  return answered(
    row,
    parts.map(() => verdict),
    policy,
    doubtOf,
  );
}

/** Plans saved before the answer no longer fit: the serial says so, under the fence. */
async function moveOn(
  { warehouse, ledger }: Workspace,
  { id, serial }: SyncState,
  { fence }: Operation,
): Promise<void> {
  const moved = await updateState(warehouse, ledger, id, { fence, openPlan: null }, { serial: serial + 1, fence });
  if (!moved)
    throw failure("E502", "the ledger was taken over by another run", { exit: 5, hint: "run the command again" });
}

/** Who said so stands in the history of each row. */
async function remember(
  { warehouse, ledger }: Workspace,
  held: readonly LedgerRow[],
  { sync, as, actor }: ResolveOptions,
  runId: string,
  now: number,
): Promise<void> {
  const line = (k: string, index: number) => [
    runId,
    "resolve",
    sync,
    k,
    index,
    0,
    "resolve",
    as,
    null,
    `said by ${actor}`,
    now,
  ];
  await warehouse.append(sharedTable(ledger, "changes"), [held.map(({ k }, index) => line(k, index))]);
}
