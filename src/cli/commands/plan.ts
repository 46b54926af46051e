import type { PlanDocument } from "../../core.ts";
import { type ExitCode, exitCodes } from "../../errors.ts";
import type { Command, CommandContext } from "../command.ts";

export const plan: Command = {
  name: "plan",
  group: "Run",
  summary: "what would change, per destination, before it does",
  arguments: [{ name: "[name...]", describe: "syncs or audiences; default: all that are active", completes: "sync" }],
  options: [
    { flags: "-o, --out <file>", describe: "save the plan, so that `sync --plan FILE` sends exactly these rows" },
    { flags: "--detailed-exitcode", describe: "exit 2 when there are changes" },
    { flags: "--limit <n>", describe: "rows of the sample shown per sync (default: 5, 50 with -v)" },
    { flags: "--no-diff", describe: "leave out what changed in git since the last run" },
    { flags: "--against <file>", describe: "compare with an earlier plan's JSON" },
    { flags: "--cost", describe: "what the warehouse asks for reading the data" },
    { flags: "--github", describe: "job summary, annotations and outputs of GitHub Actions" },
  ],
  examples: [
    "millrace plan",
    "millrace plan -e prod -s tag:paid -o plan.json",
    "millrace plan --against plan.json",
    "millrace plan --json --github > target/plan.json",
  ],
  async run(context) {
    const { openProject } = await import("../session.ts");
    const { selectSyncs } = await import("../selection.ts");
    const { planPath, sampleRows, tellPlan } = await import("../tell-plan.ts");
    const { readPlanFile } = await import("../plan-against.ts");
    const { values } = context;
    const out = values.text("out");
    const against = values.text("against");
    const rows = sampleRows(context);
    // A wrong path is told before the work, not after it.
    if (against !== undefined) await readPlanFile(context, "--against", against);
    const opened = await openProject(context);
    if (out !== undefined) planPath(context, opened, out);
    const selected = await selectSyncs(context, opened, { purpose: "plan" });
    const { engineOptions, loadEngine } = await import("../engine.ts");
    const engine = await loadEngine();
    const { watchRun } = await import("../watch-run.ts");
    const watch = await watchRun(context, opened, { lines: false });
    let queries: ReadonlyMap<string, string> = new Map();
    try {
      const options = await engineOptions(context, opened, { selected: selected.syncs, onEvent: watch.onEvent });
      const { document, exit } = await engine.planSyncs({
        ...options,
        save: out !== undefined,
        sampleRows: rows,
        audiences: selected.audiences,
        whySelected: selected.why,
        onCompiled: (compiled) => (queries = compiled),
      });
      watch.close();
      await tellPlan(context, opened, document, queries);
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
