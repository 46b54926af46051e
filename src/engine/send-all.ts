/** The second half of a run: the ledger closed while rows travel, opened again to settle them (decision 11). */
import PQueue from "p-queue";
import type { SyncedSync } from "../core.ts";
import { diskFailure, MillraceError } from "../errors.ts";
import type { Ledger } from "../ledger/tables.ts";
import { openSession } from "../models/session.ts";
import { openDuckDB } from "../warehouse/duckdb.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { OpenLedger } from "./history.ts";
import { quietReport, syncReport } from "./report.ts";
import { runFile } from "./run-store.ts";
import type { Outgoing, RunContext } from "./run-syncs.ts";
import { keepSerials } from "./serials.ts";
import { keepMeasured } from "./measure.ts";
import { recordsOf, settleFrozen } from "./settle-frozen.ts";
import { tellUnfolded } from "./unfolded.ts";
import type { Workspace } from "./workspace.ts";

export interface SentAll {
  readonly reports: readonly SyncedSync[];
  /** Opens the ledger where it is closed, does the work and cleans up after the run. */
  record(work: (ledger: OpenLedger) => Promise<void>): Promise<void>;
}

/** Rows are read while they travel: the run's file alone, or the open session of an environment in memory. */
interface Reader {
  readonly warehouse: Warehouse;
  readonly target: string;
  close(): Promise<void>;
}

interface Settler {
  readonly ferry: Ferry;
  readonly warehouse: Warehouse;
  readonly ledger: Ledger;
  close(): Promise<void>;
}

export async function sendAll(run: RunContext, workspace: Workspace, outgoing: readonly Outgoing[]): Promise<SentAll> {
  const reader = await readerOf(run, workspace);
  const failed = await deliverAll(run, reader, outgoing).finally(() => reader.close());
  const settler = await settlerOf(run, workspace);
  const reports: SyncedSync[] = [];
  const serials = new Map([...workspace.states.values()].map(({ id, serial }) => [id, serial]));
  for (const each of outgoing) {
    const { id, serial } = each.judged.plan.state;
    serials.set(id, serial);
    const hadJobs = workspace.known.jobs.has(each.frozen.id);
    const report = failed.get(each.frozen.sync) ?? (await settleOne(run, settler, each, hadJobs));
    if (!failed.has(each.frozen.sync)) serials.set(id, serial + 1);
    reports.push(report);
    if (report.warning !== undefined) {
      const { code, message } = report.warning;
      run.options.onEvent({ event: "sync.refused", level: "warn", fields: { sync: report.sync, code, message } });
    }
    const { status, accepted, outcomes, duration_ms } = report;
    run.options.onEvent({
      event: "sync.done",
      level: status === "ok" || status === "unchanged" ? "info" : "warn",
      fields: {
        sync: report.sync,
        status,
        added: accepted.add,
        updated: accepted.update,
        removed: accepted.remove,
        rejected: outcomes.rejected,
        secs: duration_ms / 1000,
      },
    });
  }
  return {
    reports,
    async record(work) {
      try {
        await work(settler);
        if (run.durable) await keepSerials(run.options, serials);
      } finally {
        await settler.close();
      }
      if (![...failed.values()].some(({ status }) => status === "failed")) await run.store.forget(run.runId);
    },
  };
}

async function readerOf(run: RunContext, workspace: Workspace): Promise<Reader> {
  if (!run.durable) {
    const { desk: warehouse, target } = workspace.ferry;
    return { warehouse, target, close: async () => undefined };
  }
  await workspace.close();
  const warehouse = await openDuckDB();
  await warehouse.attach(runFile(run.options.project, run.runId), "run");
  return { warehouse, target: '"run"."main"', close: () => warehouse.close() };
}

async function settlerOf(run: RunContext, workspace: Workspace): Promise<Settler> {
  const { options } = run;
  const { ledger, ferry, warehouse } = workspace;
  if (!run.durable) return { ferry, warehouse, ledger, close: () => workspace.close() };
  const session = await openSession(options.project, {
    write: true,
    env: options.env,
    runFile: runFile(options.project, run.runId),
    run: run.runId,
    waitMs: 60_000,
    clock: options.ports.clock,
    onUnfolded: tellUnfolded(options.onEvent),
  });
  return { ferry: session.ferry, warehouse: session.warehouse, ledger, close: () => session.close() };
}

/** Syncs side by side, those named in `after:` first. Gives the reports of those that must not be settled now. */
async function deliverAll(
  run: RunContext,
  reader: Reader,
  outgoing: readonly Outgoing[],
): Promise<ReadonlyMap<string, SyncedSync>> {
  const queue = new PQueue({ concurrency: run.options.project.environment.threads });
  const failed = new Map<string, SyncedSync>();
  const ends = new Map<string, Promise<boolean>>();
  for (const { judged, frozen, delivery } of outgoing) {
    const { sync } = judged.plan;
    const before = sync.spec.after.flatMap((name) => ends.get(name) ?? []);
    const work = async (): Promise<boolean> => {
      if ((await Promise.all(before)).includes(false)) return false;
      try {
        const source = judged.plan.source;
        await delivery.send(source, reader.warehouse, reader.target, frozen);
        return delivery.stopped === null;
      } catch (error) {
        // The journal or the lock failed: nothing more may be written about this plan now; the next run recovers it.
        const told = error instanceof MillraceError ? error : diskFailure(error);
        const diagnostic = told?.diagnostics[0];
        if (diagnostic === undefined) throw error;
        failed.set(
          sync.name,
          quietReport(sync, "failed", { planned: judged.summary.planned, guards: judged.guards, error: diagnostic }),
        );
        return false;
      }
    };
    // Waiting for `after:` must not occupy a place in the queue.
    ends.set(sync.name, Promise.allSettled(before).then(() => queue.add(work)) as Promise<boolean>);
  }
  await Promise.all(ends.values());
  return failed;
}

/** Where the ledger cannot be written it is closed: the run ends here, and the next one settles what this one sent. */
async function settleOne(run: RunContext, settler: Settler, outgoing: Outgoing, hadJobs: boolean): Promise<SyncedSync> {
  try {
    return await settleSent(run, settler, outgoing, hadJobs);
  } catch (error) {
    await settler.close().catch(() => undefined);
    throw error;
  }
}

async function settleSent(
  run: RunContext,
  settler: Settler,
  { judged, frozen, delivery }: Outgoing,
  hadJobs: boolean,
): Promise<SyncedSync> {
  const { options, runId, fence } = run;
  const { ferry, ledger } = settler;
  const { desk: warehouse, target } = ferry;
  const journal = await run.store.read({ runId, id: frozen.id });
  const now = options.ports.clock.now();
  const counts = await settleFrozen({
    ferry,
    source: { ...judged.plan.source, warehouse, target },
    frozen,
    records: recordsOf(journal),
    ledger,
    fence,
    runId,
    serial: judged.plan.state.serial,
    hadJobs,
    now,
    doubtAt: now,
    horizon: null,
    render: delivery.render,
  });
  await keepMeasured(settler, frozen.id, delivery.measured, now);
  return syncReport(judged.plan.sync, judged.summary.planned, judged.guards, {
    counts,
    requests: delivery.requests,
    durationMs: delivery.durationMs,
    refusals: delivery.tally.refusals,
    stopped: delivery.stopped,
  });
}
