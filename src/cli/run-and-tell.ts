/** A run from its options to everything that is told of it: sync and retry are the same but for what they select. */
import { join, resolve } from "node:path";
import type { PlanDocument, RunDocument } from "../core.ts";
import { diskFailure, type ExitCode, exitCodes, MillraceError } from "../errors.ts";
import type { RunResult, SyncOptions } from "../engine/api.ts";
import { writeArtifact } from "./artifacts.ts";
import type { CommandContext } from "./command.ts";
import { engineOptions, loadEngine } from "./engine.ts";
import { syncsToRetry } from "./find-run.ts";
import { appendSummary, runSummary } from "./github-summary.ts";
import { syncLabel } from "./labels.ts";
import { ping } from "./ping.ts";
import { canAsk } from "./prompt.ts";
import { safeJson } from "./safe-text.ts";
import { selectSyncs } from "./selection.ts";
import { openProject, type OpenProject } from "./session.ts";
import { readPlanId, readSyncFlags } from "./sync-options.ts";
import { runText } from "./text/run.ts";
import { tellDone } from "./tell-done.ts";
import { type Watch, watchRun } from "./watch-run.ts";

export interface RunRequest {
  readonly due?: boolean;
  readonly full?: boolean;
  readonly again?: boolean;
  /** A plan's file or id. */
  readonly plan?: string;
  /** Words of retry: a run's id or names of syncs. */
  readonly retry?: readonly string[];
}

export async function runAndTell(context: CommandContext, request: RunRequest): Promise<ExitCode> {
  const url = context.values.text("ping");
  const monitor = url === undefined ? null : ping(url, (message) => context.terminal.error(message));
  await monitor?.start();
  try {
    const { exit, summary } = await run(context, request);
    await monitor?.end(exit, summary);
    return exit;
  } catch (error) {
    await monitor?.end(
      error instanceof MillraceError ? error.exit : exitCodes.bug,
      error instanceof MillraceError ? error.message : "a bug in millrace",
    );
    throw error;
  }
}

async function run(context: CommandContext, request: RunRequest): Promise<{ exit: ExitCode; summary: string }> {
  const flags = readSyncFlags(context);
  const opened = await openProject(context);
  const planId = request.plan === undefined ? undefined : await readPlanId(context, request.plan);
  const names = request.retry === undefined ? context.words : await syncsToRetry(context, opened, request.retry);
  if (request.retry !== undefined && names.length === 0) {
    const message = `Nothing to retry: every sync of ${request.retry.join(", ")} is done`;
    tellDone(context, { command: "retry", message, next: `millrace status${opened.environmentFlag}` });
    return { exit: exitCodes.ok, summary: message };
  }
  const selected = await selectSyncs(context, opened, { purpose: "sync", words: names });
  const watch = await watchRun(context, opened, { lines: true });
  let planned: PlanDocument | null = null;
  try {
    const options: SyncOptions = {
      ...(await engineOptions(context, opened, { selected: selected.syncs, onEvent: watch.onEvent })),
      ...flags,
      whySelected: selected.why,
      interactive: canAsk(context),
      confirm: (question) => watch.ask(() => confirm(context, question)),
      onPlan: (plan) => {
        planned = plan;
        tellPlan(context, opened, watch, plan);
      },
      ...(request.due === true ? { due: true } : {}),
      ...(request.full === true ? { full: true } : {}),
      ...(request.again === true ? { again: true } : {}),
      ...(planId === undefined ? {} : { planId }),
      ...(request.retry === undefined ? {} : { retry: request.retry }),
    };
    const result = await runEngine(options, request);
    watch.close();
    await tellRun(context, opened, result, planned);
    return {
      exit: result.exit,
      summary: runText(result.document, { paint: (_, text) => text, label: (sync) => syncLabel(opened.project, sync) }),
    };
  } finally {
    watch.close();
  }
}

async function runEngine(options: SyncOptions, request: RunRequest): Promise<RunResult> {
  const engine = await loadEngine();
  const result = await engine.runSyncs(options);
  // Overlapping ticks of cron are no failure: the next one finds the lock free (decision 33).
  return request.due === true && result.exit === exitCodes.locked ? { ...result, exit: exitCodes.ok } : result;
}

async function confirm(context: CommandContext, question: string): Promise<boolean> {
  const { askYes } = await import("./prompt.ts");
  return askYes(context, question);
}

/** sync shows its plan first, on stderr: the answer of sync is the run. */
function tellPlan(context: CommandContext, opened: OpenProject, watch: Watch, plan: PlanDocument): void {
  if (
    !context.terminal.errorIsInteractive ||
    context.globals.logFormat === "json" ||
    context.globals.logLevel === "warn"
  )
    return;
  const lines = plan.syncs.map((sync) => {
    const { add, update, remove } = sync.planned;
    return `  ${syncLabel(opened.project, sync.sync)}: ${sync.status === "changes" ? `${add} to add, ${update} to update, ${remove} to remove` : sync.status}`;
  });
  watch.print([`Plan ${plan.id.slice(0, 6)} · ${plan.environment}`, ...lines, ""].join("\n"));
}

async function tellRun(
  context: CommandContext,
  opened: OpenProject,
  result: RunResult,
  plan: PlanDocument | null,
): Promise<void> {
  const { terminal, globals } = context;
  const { document } = result;
  try {
    await fileRun(context, opened, document);
  } catch (error) {
    // What was sent is sent: a report that could not be filed must not turn a good run into a failed one.
    const refused = diskFailure(error, opened.target);
    if (refused === null) throw error;
    terminal.error(`the report of this run could not be filed: ${refused.diagnostics[0]?.message ?? ""}`);
  }
  await writeMetricsFile(context, opened, document, plan);
  if (globals.json) terminal.json(document);
  else terminal.out(runText(document, { paint: terminal.paintOut, label: (sync) => syncLabel(opened.project, sync) }));
}

/** The run below target/, in run_results.json, and in GitHub's summary. */
async function fileRun(context: CommandContext, opened: OpenProject, document: RunDocument): Promise<void> {
  const { terminal, env } = context;
  const folder = join(opened.target, "runs", document.run_id);
  await writeArtifact(join(folder, "run.json"), terminal.masked(`${safeJson(document)}\n`));
  await writeArtifact(join(folder, "summary.md"), terminal.masked(runSummary(document)));
  await writeRejected(context, opened, document, folder);
  await opened.recordResults(
    context,
    document.syncs.map((sync) => ({
      unique_id: `sync:${sync.sync}`,
      status: sync.status,
      timing_ms: sync.duration_ms,
      counts: { ...sync.outcomes },
      message: sync.error?.message ?? "",
      code: sync.error?.code ?? null,
      file: opened.project.syncs.get(sync.sync)?.file ?? null,
      line: sync.error?.at?.line ?? null,
    })),
  );
  if (env["GITHUB_ACTIONS"] === "true") await appendSummary(env, runSummary(document));
}

/** Rejected rows of this run, a line each: persons as HMAC prefixes, the platform's words masked. */
async function writeRejected(
  context: CommandContext,
  opened: OpenProject,
  document: RunDocument,
  folder: string,
): Promise<void> {
  if (!document.syncs.some((sync) => sync.outcomes.rejected > 0)) return;
  const engine = await loadEngine();
  const rows = await engine.readRejected({ ...(await engineOptions(context, opened)), runId: document.run_id });
  const lines = rows.map((row) => context.terminal.masked(safeJson(row, 0)));
  await writeArtifact(join(folder, "rejected.ndjson"), lines.map((line) => `${line}\n`).join(""));
}

async function writeMetricsFile(
  context: CommandContext,
  opened: OpenProject,
  document: RunDocument,
  plan: PlanDocument | null,
): Promise<void> {
  const file = context.values.text("metricsFile");
  if (file === undefined) return;
  try {
    const { writeMetrics } = await import("./metrics.ts");
    const { sourceAges } = await import("./source-ages.ts");
    await writeMetrics(resolve(context.folder, file), document, plan, await sourceAges(opened.project, context.env));
  } catch (error) {
    // What was sent is sent: figures that could not be written must not turn a good run into a failed one.
    context.terminal.error(
      `--metrics-file could not be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
