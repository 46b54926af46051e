import type { PlanDocument } from "../../core.ts";
import { type ExitCode, exitCodes } from "../../errors.ts";
import type { Command, CommandContext } from "../command.ts";
import type { OpenProject } from "../session.ts";
import { usage, wholeNumber } from "../usage.ts";

export const plan: Command = {
  name: "plan",
  group: "Run",
  summary: "what would change, per destination, before it does",
  arguments: [{ name: "[name...]", describe: "syncs or audiences; default: all that are active", completes: "sync" }],
  options: [
    { flags: "-o, --out <file>", describe: "save the plan, so that `sync --plan FILE` sends exactly these rows" },
    { flags: "--detailed-exitcode", describe: "exit 2 when there are changes" },
    { flags: "--limit <n>", describe: "rows of the sample shown per sync (default: 5, 50 with -v)" },
    { flags: "--github", describe: "job summary, annotations and outputs of GitHub Actions" },
  ],
  examples: [
    "millrace plan",
    "millrace plan -e prod -s tag:paid -o plan.json",
    "millrace plan --json --github > target/plan.json",
  ],
  async run(context) {
    const { openProject } = await import("../session.ts");
    const { selectSyncs } = await import("../selection.ts");
    const opened = await openProject(context);
    const selected = await selectSyncs(context, opened, { purpose: "plan" });
    const { engineOptions, loadEngine } = await import("../engine.ts");
    const engine = await loadEngine();
    const { watchRun } = await import("../watch-run.ts");
    const watch = await watchRun(context, opened, { lines: false });
    const out = context.values.text("out");
    try {
      const options = await engineOptions(context, opened, { selected: selected.syncs, onEvent: watch.onEvent });
      const { document, exit } = await engine.planSyncs({
        ...options,
        save: out !== undefined,
        sampleRows: sampleRows(context),
        audiences: selected.audiences,
        whySelected: selected.why,
      });
      watch.close();
      await tellPlan(context, opened, document, out);
      return finalExit(context, document, exit);
    } finally {
      watch.close();
    }
  },
};

function finalExit(context: CommandContext, document: PlanDocument, exit: ExitCode): ExitCode {
  return exit === exitCodes.ok && document.changes && context.values.flag("detailedExitcode")
    ? exitCodes.changes
    : exit;
}

function sampleRows(context: CommandContext): number {
  const text = context.values.text("limit");
  if (text !== undefined) return wholeNumber("--limit", text, 0);
  return context.globals.verbosity > 0 ? 50 : 5;
}

async function tellPlan(
  context: CommandContext,
  opened: OpenProject,
  document: PlanDocument,
  out: string | undefined,
): Promise<void> {
  const { terminal, globals, env } = context;
  const file = out === undefined ? undefined : await savePlan(context, opened, document, out);
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
  if (context.values.flag("github") || env["GITHUB_ACTIONS"] === "true") {
    const { appendOutputs, appendSummary, planSummary } = await import("../github-summary.ts");
    await appendSummary(env, planSummary(document));
    await appendOutputs(env, document);
    const { githubAnnotations } = await import("../reporters/github.ts");
    const notes = githubAnnotations([...opened.warnings, ...document.diagnostics]);
    // Workflow commands are read from both streams; stdout stays the answer.
    if (notes !== "") terminal.error(notes);
  }
  if (globals.json) return terminal.json(document);
  const { planText } = await import("../text/plan.ts");
  const { syncLabel } = await import("../labels.ts");
  terminal.out(
    planText(document, {
      paint: terminal.paintOut,
      sampleRows: sampleRows(context),
      label: (sync) => syncLabel(opened.project, sync.sync),
      warehouse: opened.project.environment.warehouse.type,
      next: nextCommand(document, file, opened),
      ...(file === undefined ? {} : { savedTo: file }),
    }),
  );
}

function nextCommand(document: PlanDocument, file: string | undefined, opened: OpenProject): string {
  const environment = opened.environmentFlag;
  if (!document.changes) return `millrace status${environment}`;
  return file === undefined ? `millrace sync${environment}` : `millrace sync${environment} --plan ${file}`;
}

/** The plan's document where `-o` says; the rows themselves are in the ledger. */
async function savePlan(
  context: CommandContext,
  opened: OpenProject,
  document: PlanDocument,
  out: string,
): Promise<string> {
  const { isAbsolute, relative, resolve } = await import("node:path");
  const { safeJson } = await import("../safe-text.ts");
  const { writeArtifact } = await import("../artifacts.ts");
  const path = resolve(context.folder, out);
  const roots = [
    opened.project.root,
    context.folder,
    ...opened.project.allowPaths.map((allowed) => resolve(opened.project.root, allowed)),
  ];
  const inside = roots.some((root) => {
    const way = relative(root, path);
    return way !== "" && !way.startsWith("..") && !isAbsolute(way);
  });
  if (!inside)
    throw usage(
      `-o ${JSON.stringify(out)} lies outside the project`,
      "choose a path in the project, or list its folder under allow_paths in millrace.yml",
      "E005",
    );
  await writeArtifact(path, context.terminal.masked(`${safeJson(document)}\n`));
  return out;
}
