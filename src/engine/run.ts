/** `millrace sync`: recover, plan, guard, open, deliver, settle, close; one run at a time per environment. */
import type { RunDocument, SyncedSync } from "../core.ts";
import { exitCodes, worstExit, type ExitCode } from "../errors.ts";
import { holdConnection, ledgerLasts } from "../models/session.ts";
import { Accounts } from "./account.ts";
import type { RunResult, SyncOptions } from "./api.ts";
import { iso } from "./document.ts";
import { keepAlive, takeLock } from "./environment-lock.ts";
import { recover } from "./recover.ts";
import { newRunId } from "./run-id.ts";
import { openRunStore, type RunStore } from "./run-store.ts";
import { runLocked, type RunContext } from "./run-syncs.ts";

export async function runSyncs(options: SyncOptions): Promise<RunResult> {
  const { ports, project, onEvent } = options;
  const runId = newRunId(ports.clock, ports.random);
  const startedAt = ports.clock.now();
  const durable = ledgerLasts(project);
  onEvent({
    event: "run.start",
    level: "info",
    fields: { run: runId, environment: project.environment.name, syncs: options.selected.length },
  });
  const lock = durable ? await takeLock(options, runId) : null;
  const abort = new AbortController();
  const signal = options.signal === undefined ? abort.signal : AbortSignal.any([options.signal, abort.signal]);
  const force = afterGrace(signal);
  const accounts = new Accounts(options);
  const heart = lock === null ? null : keepAlive(lock, (error) => abort.abort(error));
  let store: RunStore | null = null;
  let letGo: (() => Promise<void>) | null = null;
  try {
    const fence = lock?.fence ?? 1;
    store = await openRunStore(options, runId);
    letGo = await holdConnection(project, { env: options.env, run: runId });
    const before = { runId, fence, previous: lock?.previous ?? null, store };
    const known = durable ? await recover({ ...options, ...before }) : null;
    const context: RunContext = { options, runId, fence, lock, store, accounts, signal, force, durable, startedAt };
    const ran = await runLocked(context, known);
    // No run ends before it began, whatever happens to the clock meanwhile.
    const finishedAt = Math.max(startedAt, ports.clock.now());
    const exit = exitOf(ran.syncs, options.signal);
    const document: RunDocument = {
      schema: "millrace/run/v1",
      run_id: runId,
      environment: project.environment.name,
      status: statusOf(ran.syncs, options.signal),
      exit,
      plan: ran.plan,
      started_at: iso(startedAt),
      finished_at: iso(finishedAt),
      git: options.git,
      actor: options.actor,
      syncs: ran.syncs,
      overrides: ran.overrides,
    };
    await ran.record(document);
    onEvent({
      event: "run.done",
      level: exit === 0 ? "info" : "warn",
      fields: { run: runId, status: document.status, seconds: Math.round((finishedAt - startedAt) / 1000), exit },
    });
    return { document, exit };
  } finally {
    await accounts.close();
    await store?.close();
    await letGo?.();
    heart?.stop();
    await lock?.release().catch(() => undefined);
  }
}

function exitOf(syncs: readonly SyncedSync[], signal: AbortSignal | undefined): ExitCode {
  const codes = syncs.map((sync): ExitCode => {
    if (sync.status === "failed") return exitCodes.failed;
    if (sync.status === "stopped") return exitCodes.guard;
    if (sync.status === "locked") return exitCodes.locked;
    return sync.error?.code === "E430" ? exitCodes.rejected : exitCodes.ok;
  });
  return signal?.aborted === true ? interruptedExit(signal) : worstExit(codes);
}

const interruptedExit = (signal: AbortSignal): ExitCode =>
  signal.reason === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted;

function statusOf(syncs: readonly SyncedSync[], signal: AbortSignal | undefined): RunDocument["status"] {
  if (signal?.aborted === true) return "interrupted";
  const is = (status: SyncedSync["status"]): boolean => syncs.some((sync) => sync.status === status);
  if (is("failed"))
    return syncs.every(({ status }) => status === "failed" || status === "skipped") ? "failed" : "partial";
  if (is("stopped")) return syncs.some(({ status }) => status === "ok" || status === "partial") ? "partial" : "stopped";
  return is("partial") || is("locked") ? "partial" : "ok";
}

/** What is in flight when a run is interrupted gets this long to end by itself (F03). */
const graceMs = 10_000;

/** Aborts `graceMs` after the signal does. */
function afterGrace(signal: AbortSignal): AbortSignal {
  const force = new AbortController();
  signal.addEventListener("abort", () => setTimeout(() => force.abort(signal.reason), graceMs).unref(), { once: true });
  return force.signal;
}
