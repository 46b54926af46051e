/** `millrace plan`: what would change, person by person; nothing is sent, and nothing written unless it is to be kept. */
import { audienceRows } from "../audience/rows.ts";
import { exitCodes, MillraceError, type ExitCode } from "../errors.ts";
import { buildGraph } from "../project/graph.ts";
import type { Resource, SyncSpec } from "../project/project.ts";
import type { PlanOptions, PlanResult } from "./api.ts";
import { planDocument } from "./document.ts";
import { stops } from "./gates.ts";
import { judge } from "./judge.ts";
import { orderedSyncs, planAll, planId } from "./plan-all.ts";
import { savePlan } from "./saved.ts";
import { checkSerials } from "./serials.ts";
import { ledgersWithoutSync } from "./targets.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

/** Saved plans live for a day (decision 20). */
const savedForMs = 86_400_000;

export async function planSyncs(options: PlanOptions): Promise<PlanResult> {
  const { project, ports } = options;
  const syncs = orderedSyncs(project, options.selected);
  const workspace = await openWorkspace({ ...options, write: options.save });
  try {
    await checkSerials(options, workspace.states);
    const plans = await planAll(workspace, syncs, {
      write: options.save,
      fence: 0,
      full: false,
      now: ports.clock.now(),
      retry: false,
    });
    options.onCompiled?.(compiledQueries(workspace, syncs));
    const judged = await judge(workspace, plans, {
      clock: ports.clock,
      at: ports.clock.now(),
      sampleRows: options.sampleRows,
      retry: false,
      skipTests: false,
      // A plan sends nothing: whether a first run is wanted is asked when it is sent.
      confirmed: true,
      overrides: [],
      actor: options.actor,
    });
    const id = await planId(workspace, plans.planned);
    // A plan that is not whole is shown, never kept: sending it later would leave out what could not be planned.
    const keep = options.save && plans.planned.every((each) => "plan" in each);
    const expiresAt = keep ? ports.clock.now() + savedForMs : null;
    const withoutSync = await ledgersWithoutSync(project, workspace);
    const document = planDocument({ workspace, options, id, plans, judged, expiresAt, withoutSync });
    if (keep) await savePlan(workspace, plans, judged, document, ports.clock.now());
    return { document, exit: exitOf(document.syncs, judged) };
  } finally {
    await workspace.close();
  }
}

/** The SQL a plan looked at; what does not compile is told by the plan itself. */
function compiledQueries(workspace: Workspace, syncs: readonly Resource<SyncSpec>[]): ReadonlyMap<string, string> {
  const graph = buildGraph(workspace.project);
  const ids = new Set(syncs.flatMap(({ name }) => [...graph.upstream(`sync:${name}`)]));
  const queries = new Map<string, string>();
  for (const id of [...ids].toSorted()) {
    const name = id.slice(id.indexOf(":") + 1);
    try {
      if (id.startsWith("model:")) queries.set(name, workspace.compiler.query(name));
      if (id.startsWith("audience:")) queries.set(name, audienceRows(workspace.audiences, name));
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
    }
  }
  return queries;
}

function exitOf(
  syncs: PlanResult["document"]["syncs"],
  judged: ReadonlyMap<string, { readonly guards: Parameters<typeof stops>[0] }>,
): ExitCode {
  if (syncs.some(({ error }) => error !== null)) return exitCodes.failed;
  return [...judged.values()].some(({ guards }) => stops(guards)) ? exitCodes.guard : exitCodes.ok;
}
