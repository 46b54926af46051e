/** The inside of a run, under the lock: the selected syncs from plan to closed ledger. */
import { mkdir } from "node:fs/promises";
import type { RunDocument, SyncedSync } from "../core.ts";
import { exitCodes, MillraceError } from "../errors.ts";
import type { Knowledge } from "../ledger/knowledge.ts";
import type { Lock } from "../ledger/lock.ts";
import { buildModels } from "../models/build.ts";
import type { Resource, SyncSpec } from "../project/project.ts";
import type { Accounts } from "./account.ts";
import type { SyncOptions } from "./api.ts";
import { forgetFuture } from "./clock-back.ts";
import { closeQuietly, openAssumed, openPlan } from "./close.ts";
import { confirmFirstRuns } from "./confirm-first-runs.ts";
import { Delivery } from "./delivery.ts";
import { planDocument, type Judged } from "./document.ts";
import { dueSyncs, pausedNow } from "./due.ts";
import { freezePlan, writeFrozen, type FrozenPlan } from "./frozen.ts";
import { stops } from "./gates.ts";
import { judge } from "./judge.ts";
import { advanceHistories, historyStatements, recordRun } from "./history.ts";
import { keepMeasured } from "./measure.ts";
import { orderedSyncs, planAll, planId, type Plans } from "./plan-all.ts";
import { mappingDefinition } from "./mapping-versions.ts";
import { replayDoubts } from "./replay-doubts.ts";
import { quietReport } from "./report.ts";
import { runFile, runsFolder, type RunStore } from "./run-store.ts";
import { marked } from "./marked.ts";
import { planLength } from "./plan-size.ts";
import { consumeSaved, findSaved, restoreSaved, type SavedPlan } from "./saved.ts";
import { sendAll } from "./send-all.ts";
import { checkSerials } from "./serials.ts";
import { dropOldSnapshots, snapshotOnce } from "./snapshot.ts";
import { ledgersWithoutSync } from "./targets.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

export interface RunContext {
  readonly options: SyncOptions;
  readonly runId: string;
  readonly fence: number;
  readonly lock: Lock | null;
  readonly store: RunStore;
  readonly accounts: Accounts;
  /** Aborted: nothing new is sent. */
  readonly signal: AbortSignal;
  /** Aborted: what is in flight is given up as well. */
  readonly force: AbortSignal;
  /** The ledger is a file; else everything happens in one open session. */
  readonly durable: boolean;
  readonly startedAt: number;
}

export interface Ran {
  readonly plan: string | null;
  readonly syncs: readonly SyncedSync[];
  readonly overrides: RunDocument["overrides"];
  /** Writes the finished document into the ledger. */
  record(document: RunDocument): Promise<void>;
}

/** A sync that goes out: its plan is open in the ledger. */
export interface Outgoing {
  readonly judged: Judged;
  readonly frozen: FrozenPlan;
  readonly delivery: Delivery;
}

/** `known`: what the ledger knows, where it was read under this lock and nothing was written since. */
export async function runLocked(run: RunContext, known: Knowledge | null): Promise<Ran> {
  const { options, durable, runId } = run;
  const file = durable ? { runFile: runFile(options.project, runId) } : {};
  if (durable) await mkdir(runsFolder(options.project), { recursive: true, mode: 0o700 });
  const workspace = await openWorkspace({ ...options, write: true, run: runId, known, ...file });
  const reports: SyncedSync[] = [];
  try {
    if (durable) await checkSerials(options, workspace.states);
    const syncs = await chosen(run, workspace, reports);
    const prepared = await prepareAll(run, workspace, syncs, reports);
    const sent = await sendAll(run, workspace, prepared.outgoing);
    reports.push(...sent.reports);
    const plan = syncs.length === 0 ? null : prepared.planId;
    return {
      plan,
      syncs: reports.toSorted((a, b) => (a.sync < b.sync ? -1 : 1)),
      overrides: overridesOf(reports),
      record: (document) => sent.record((current) => recordRun(current, document, prepared.people)),
    };
  } catch (error) {
    await workspace.close();
    throw error;
  }
}

/** What is due and not paused, parents of `after:` first; the rest is reported as skipped. */
async function chosen(
  run: RunContext,
  workspace: Workspace,
  reports: SyncedSync[],
): Promise<readonly Resource<SyncSpec>[]> {
  const { project, selected, due, planId: saved } = run.options;
  const names =
    saved === undefined ? selected : Object.keys((await findSaved(workspace, saved, run.startedAt)).document.bases);
  const ordered = orderedSyncs(project, names);
  const wanted = due === true ? await dueSyncs(workspace, ordered, run.startedAt) : ordered;
  return wanted.filter((sync) => {
    const paused = pausedNow(project, sync, run.startedAt);
    if (paused) reports.push(quietReport(sync, "skipped"));
    return !paused;
  });
}

interface Prepared {
  readonly planId: string;
  readonly outgoing: readonly Outgoing[];
  /** Sync -> people wanted, for the history. */
  readonly people: ReadonlyMap<string, number>;
}

/** Plans, guards and opens; nothing of a plan is sent before its state row names it. */
async function prepareAll(
  run: RunContext,
  workspace: Workspace,
  syncs: readonly Resource<SyncSpec>[],
  reports: SyncedSync[],
): Promise<Prepared> {
  const { options, fence, startedAt } = run;
  const { project, session, compiler, built } = workspace;
  await dropOldSnapshots(workspace, startedAt);
  await buildModels(
    project,
    session,
    compiler,
    built,
    syncs.map(({ name }) => `sync:${name}`),
  );
  for (const { name } of syncs) {
    const state = workspace.states.get(name);
    if (state !== undefined) await forgetFuture(marked(workspace, { sync: name }), state.id, { fence, now: startedAt });
  }
  await replayDoubts(run, workspace, syncs);
  const plans = await planAll(workspace, syncs, {
    write: true,
    fence,
    full: options.full === true,
    now: startedAt,
    retry: options.retry !== undefined,
  });
  const saved = await fromSaved(run, workspace, plans);
  const judged = await judge(workspace, plans, {
    clock: options.ports.clock,
    sampleRows: 5,
    retry: options.retry !== undefined,
    skipTests: options.skipTests,
    confirmed: options.yes,
    overrides: options.overrides,
    actor: options.actor,
    at: startedAt,
    ...(options.maxRemove === undefined ? {} : { maxRemove: options.maxRemove }),
  });
  const confirmed = await confirmFirstRuns(options, judged);
  const id = saved?.id ?? (await planId(workspace, plans.planned));
  const withoutSync = await ledgersWithoutSync(options.project, workspace);
  options.onPlan?.(planDocument({ workspace, options, id, plans, judged: confirmed, expiresAt: null, withoutSync }));
  const outgoing: Outgoing[] = [];
  const advanced = new Set<string>();
  const stopAll = options.failFast && anyStopped(plans, confirmed);
  for (const each of plans.planned) {
    const found = confirmed.get(each.sync.name);
    if ("problems" in each || found === undefined) {
      reports.push(quietReport(each.sync, "failed", { error: "problems" in each ? (each.problems[0] ?? null) : null }));
      continue;
    }
    const more = { planned: found.summary.planned, guards: found.guards };
    if (stops(found.guards)) {
      const guard = found.guards.find(({ ok, overridden }) => !ok && overridden === undefined);
      options.onEvent({
        event: "sync.stopped",
        level: "warn",
        fields: { sync: each.sync.name, guard: guard?.code ?? "", reason: guard?.message ?? "" },
      });
      reports.push(quietReport(each.sync, "stopped", more));
      continue;
    }
    if (stopAll) {
      reports.push(quietReport(each.sync, "skipped", more));
      continue;
    }
    const own = marked(workspace, { sync: each.sync.name });
    const opened = await open(run, own, { plans, judged: found, planned: id, advanced }, reports);
    if (opened !== null) outgoing.push(opened);
  }
  await advanceHistories(run, workspace, plans, outgoing, advanced);
  if (saved !== null) await consumeSaved(workspace, saved, plans.planned, run.runId);
  return { planId: id, outgoing, people: new Map([...confirmed].map(([name, { plan }]) => [name, plan.rows.keyed])) };
}

const anyStopped = (plans: Plans, judged: ReadonlyMap<string, Judged>): boolean =>
  plans.planned.some((each) => "problems" in each) || [...judged.values()].some(({ guards }) => stops(guards));

async function fromSaved(run: RunContext, workspace: Workspace, plans: Plans): Promise<SavedPlan | null> {
  if (run.options.planId === undefined) return null;
  const saved = await findSaved(workspace, run.options.planId, run.startedAt);
  await restoreSaved(workspace, saved, plans.planned);
  return saved;
}

interface Opening {
  readonly plans: Plans;
  readonly judged: Judged;
  /** The plan's id. */
  readonly planned: string;
  /** Audiences whose history was advanced by the opening of a plan. */
  readonly advanced: Set<string>;
}

/** Account, remote target, frozen rows, state row; null (and a report) when there is nothing to send or no way to. */
async function open(
  run: RunContext,
  workspace: Workspace,
  { plans, judged, planned, advanced }: Opening,
  reports: SyncedSync[],
): Promise<Outgoing | null> {
  const { options, fence, runId, startedAt } = run;
  const { plan, summary, guards } = judged;
  const { ferry, ledger } = workspace;
  const more = { planned: summary.planned, guards };
  try {
    const length = await planLength(plan.source);
    const delivery = await Delivery.open(run, workspace, plan, { sends: length > 0 });
    if (length === 0 && plan.reprinted === 0) {
      await closeQuietly({ ferry, ledger, fence }, plan);
      await delivery.finishQuiet();
      await keepMeasured(workspace, plan.state.id, delivery.measured, startedAt);
      reports.push(quietReport(plan.sync, "unchanged", more));
      options.onEvent({ event: "sync.done", level: "info", fields: { sync: plan.sync.name, status: "unchanged" } });
      return null;
    }
    const frozen = freezePlan(plan, planned, {
      project: options.project,
      retry: options.retry !== undefined,
      asOf: workspace.asOf.text,
      deliveredAt: startedAt,
      definition: mappingDefinition(plan.shape),
    });
    await writeFrozen(ferry.desk, ferry.target, frozen);
    await delivery.startJournal(frozen, ferry);
    if (summary.planned.remove > 0)
      await snapshotOnce(workspace, { state: plan.state, runId, onEvent: options.onEvent });
    const opening = { ferry, ledger, fence, runId };
    // Last: who finds the plan open after a crash finds all that it takes to settle it.
    if (plan.assumes) await openAssumed(opening, frozen, plan.shape, startedAt);
    else {
      const { audience } = plan.sync.spec;
      await openPlan(opening, frozen, await historyStatements(run, workspace, plans, audience, advanced));
      if (audience !== undefined) advanced.add(audience);
    }
    const { add, update, remove } = summary.planned;
    options.onEvent({
      event: "sync.plan",
      level: "info",
      fields: { sync: plan.sync.name, plan: planned.slice(0, 6), add, update, remove },
    });
    return { judged, frozen, delivery };
  } catch (error) {
    if (!(error instanceof MillraceError) || error.exit !== exitCodes.failed) throw error;
    reports.push(quietReport(plan.sync, "failed", { ...more, error: error.diagnostics[0] ?? null }));
    return null;
  }
}

function overridesOf(reports: readonly SyncedSync[]): RunDocument["overrides"] {
  return reports.flatMap(({ sync, guards }) =>
    guards.flatMap(({ code, overridden }) => (overridden === undefined ? [] : [{ guard: code, sync, ...overridden }])),
  );
}
