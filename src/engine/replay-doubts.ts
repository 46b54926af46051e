import { exitCodes, MillraceError } from "../errors.ts";
import type { Resource, SyncSpec } from "../project/project.ts";
import { integer } from "../warehouse/row.ts";
import { Delivery, type DeliveredSync } from "./delivery.ts";
import { replay } from "./replay.ts";
import { marked } from "./marked.ts";
import type { RunContext } from "./run-syncs.ts";
import { shapeOf } from "./shape.ts";
import { targetOf } from "./target.ts";
import { sourceOf, type Workspace } from "./workspace.ts";

/** Unanswered keyed requests go first, so that the plan sees their rows as they are (R33). */
export async function replayDoubts(
  run: RunContext,
  workspace: Workspace,
  syncs: readonly Resource<SyncSpec>[],
): Promise<void> {
  const { ledger, states, known } = workspace;
  for (const sync of syncs) {
    const own = marked(workspace, { sync: sync.name });
    const { warehouse, ferry } = own;
    const state = states.get(sync.name);
    if (state === undefined || state.serial === 0) continue;
    if (known.rows.get(state.id)?.replayable === 0) continue;
    const [row] = await warehouse.rows(
      `SELECT count(*) AS total FROM ${ledger.dialect.relation(...ledger.schema, `sent__${state.id}`)} WHERE state = 'doubt' AND idem IS NOT NULL`,
    );
    if (integer(row, "total") === 0) continue;
    const shape = shapeOf(workspace.project, sync, sourceOf(workspace, sync).columns);
    // Another target than the one they were meant for (R31): planning says so, nobody's rows go there.
    if (targetOf(shape) !== state.target) continue;
    const delivery = await openOrLeave(run, own, { sync, shape, state, ledger });
    if (delivery === null) continue;
    const { context, line } = delivery;
    const { clock } = run.options.ports;
    const { runId, fence, force: signal } = run;
    const { onEvent } = run.options;
    const where = { ferry, ledger, id: state.id, shape };
    await replay({ ...where, context, line, clock, runId, fence, signal, onEvent });
  }
}

/** Null where there is no way to the platform today: the sync's own plan, in which these rows stand, says why. */
async function openOrLeave(run: RunContext, workspace: Workspace, plan: DeliveredSync): Promise<Delivery | null> {
  try {
    return await Delivery.open(run, workspace, plan, { sends: true });
  } catch (error) {
    if (error instanceof MillraceError && error.exit === exitCodes.failed) return null;
    throw error;
  }
}
