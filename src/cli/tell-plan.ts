/** Everything that is told of a plan: its file, artifacts, GitHub's summary, the document or the text. */
import { isAbsolute, join, relative, resolve } from "node:path";
import type { PlanDocument } from "../core.ts";
import { fileName, writeArtifact } from "./artifacts.ts";
import type { CommandContext } from "./command.ts";
import { engineOptions, loadEngine } from "./engine.ts";
import { fileChanges } from "./git-changes.ts";
import { syncLabel } from "./labels.ts";
import { compare, readPlanFile } from "./plan-against.ts";
import { safeJson } from "./safe-text.ts";
import type { OpenProject } from "./session.ts";
import type { ProjectChanges } from "./text/changes.ts";
import { diagnosticsText } from "./text/diagnostics.ts";
import { planText } from "./text/plan.ts";
import { usage, wholeNumber } from "./usage.ts";

export async function tellPlan(
  context: CommandContext,
  opened: OpenProject,
  document: PlanDocument,
  queries: ReadonlyMap<string, string>,
): Promise<void> {
  const { terminal, globals, values } = context;
  const out = values.text("out");
  if (out !== undefined) await savePlan(context, opened, document, out);
  await recordPlan(context, opened, document, queries);
  const changes = values.off("diff") ? null : await changesSinceLastRun(context, opened);
  await tellGithub(context, opened, document, changes);
  const file = values.text("against");
  const against = file === undefined ? null : compare(document, await readPlanFile(context, "--against", file));
  if (globals.json) return terminal.json(against === null ? document : { ...document, against });
  if (document.diagnostics.length > 0 && globals.logLevel !== "error")
    terminal.error(diagnosticsText(document.diagnostics, opened.project.root, terminal.errorColours));
  terminal.out(
    planText(document, {
      paint: terminal.paintOut,
      sampleRows: sampleRows(context),
      label: (sync) => syncLabel(opened.project, sync.sync),
      warehouse: opened.project.environment.warehouse.type,
      next: nextCommand(document, out, opened),
      cost: values.flag("cost"),
      ...(changes === null ? {} : { changes }),
      ...(against === null ? {} : { against }),
      ...(out === undefined ? {} : { savedTo: out }),
    }),
  );
}

/** How many rows of the sample: `--limit`, or 5, or 50 with -v. */
export function sampleRows(context: CommandContext): number {
  const text = context.values.text("limit");
  if (text !== undefined) return wholeNumber("--limit", text, 0);
  return context.globals.verbosity > 0 ? 50 : 5;
}

function nextCommand(document: PlanDocument, file: string | undefined, opened: OpenProject): string {
  const environment = opened.environmentFlag;
  if (document.syncs.some((sync) => sync.error !== null)) return `millrace validate --online${environment}`;
  if (!document.changes) return `millrace status${environment}`;
  return file === undefined ? `millrace sync${environment}` : `millrace sync${environment} --plan ${file}`;
}

/** run_results.json, manifest.json, and the SQL that was planned with. */
async function recordPlan(
  context: CommandContext,
  opened: OpenProject,
  document: PlanDocument,
  queries: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [name, sql] of queries)
    await writeArtifact(join(opened.target, `compiled/${fileName(name)}.sql`), `${sql}\n`);
  await opened.recordResults(
    context,
    document.syncs.map((sync) => ({
      unique_id: `sync:${sync.sync}`,
      status: sync.status,
      timing_ms: 0,
      counts: { ...sync.planned },
      message: sync.error ?? "",
      code: null,
      file: opened.project.syncs.get(sync.sync)?.file ?? null,
      line: null,
    })),
  );
}

/** Since the newest run that stood in git; null without git, without such a run, or where its commit is not here. */
async function changesSinceLastRun(context: CommandContext, opened: OpenProject): Promise<ProjectChanges | null> {
  if (opened.git === null) return null;
  const runs = await (await loadEngine()).readRuns({ ...(await engineOptions(context, opened)), limit: 20 });
  const last = runs.find((run) => run.git !== null)?.git;
  if (last === undefined || last === null) return null;
  const files = await fileChanges(opened.project.root, last.sha);
  if (files === null) return null;
  return { since: `the last run in ${opened.project.environment.name}`, commit: last.sha.slice(0, 7), files };
}

async function tellGithub(
  context: CommandContext,
  opened: OpenProject,
  document: PlanDocument,
  changes: ProjectChanges | null,
): Promise<void> {
  const { env, values, terminal } = context;
  if (!values.flag("github") && env["GITHUB_ACTIONS"] !== "true") return;
  const { appendOutputs, appendSummary, planSummary } = await import("./github-summary.ts");
  await appendSummary(env, terminal.masked(planSummary(document, changes)));
  await appendOutputs(env, document);
  const { githubAnnotations } = await import("./reporters/github.ts");
  const notes = githubAnnotations([...opened.warnings, ...document.diagnostics]);
  // Workflow commands are read from both streams; stdout stays the answer.
  if (notes !== "") terminal.error(notes);
}

/** The plan's document where `-o` says; the rows themselves are in the ledger. */
async function savePlan(
  context: CommandContext,
  opened: OpenProject,
  document: PlanDocument,
  out: string,
): Promise<void> {
  await writeArtifact(planPath(context, opened, out), context.terminal.masked(`${safeJson(document)}\n`));
}

/** The absolute path of `-o`; E005 outside the project, its allowed folders and the folder one is in. */
export function planPath(context: CommandContext, { project }: OpenProject, out: string): string {
  const path = resolve(context.folder, out);
  const allowed = project.allowPaths.map((folder) => resolve(project.root, folder));
  const inside = [project.root, context.folder, ...allowed].some((root) => {
    const way = relative(root, path);
    return way !== "" && !way.startsWith("..") && !isAbsolute(way);
  });
  if (inside) return path;
  throw usage(
    `-o ${JSON.stringify(out)} lies outside the project`,
    "choose a path in the project, or list its folder under allow_paths in millrace.yml",
    "E005",
  );
}
