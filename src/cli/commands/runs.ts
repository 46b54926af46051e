import type { Command, CommandContext } from "../command.ts";
import type { OpenProject } from "../session.ts";
import { wholeNumber } from "../usage.ts";

export const runs: Command = {
  name: "runs",
  group: "Understand",
  summary: "history; runs show <id>, runs rejected <id>",
  options: [
    { flags: "--limit <n>", describe: "how many", default: "20" },
    { flags: "--sync <name>", describe: "only runs of this sync" },
  ],
  examples: ["millrace runs", "millrace runs show 9d1f", "millrace runs rejected 9d1f"],
  commands: [
    {
      name: "show",
      summary: "the report of one run",
      arguments: [{ name: "<run>", describe: "its id, or any unique end of it" }],
      run: show,
    },
    {
      name: "rejected",
      summary: "the rows that a run's destinations refused, with their words",
      arguments: [{ name: "<run>", describe: "its id, or any unique end of it" }],
      options: [{ flags: "--limit <n>", describe: "rows shown; --json has all of them", default: "50" }],
      run: rejected,
    },
  ],
  async run(context) {
    const { readRuns } = await import("../find-run.ts");
    const opened = await open(context);
    const limit = wholeNumber("--limit", context.values.text("limit") ?? "20", 1);
    const sync = context.values.text("sync");
    const list = await readRuns(context, opened, { limit, ...(sync === undefined ? {} : { sync }) });
    if (context.globals.json)
      context.terminal.json({ schema: "millrace/runs/v1", environment: opened.project.environment.name, runs: list });
    else {
      const { runsText } = await import("../text/run.ts");
      context.terminal.out(runsText(list, context.terminal.paintOut));
    }
    return 0;
  },
};

async function show(context: CommandContext): Promise<0> {
  const { findRun } = await import("../find-run.ts");
  const opened = await open(context);
  const run = await findRun(context, opened, context.words[0]!);
  if (context.globals.json) context.terminal.json(run);
  else {
    const { runText } = await import("../text/run.ts");
    const { syncLabel } = await import("../labels.ts");
    context.terminal.out(
      runText(run, { paint: context.terminal.paintOut, label: (sync) => syncLabel(opened.project, sync) }),
    );
  }
  return 0;
}

async function rejected(context: CommandContext): Promise<0> {
  const limit = wholeNumber("--limit", context.values.text("limit") ?? "50", 1);
  const { findRun } = await import("../find-run.ts");
  const opened = await open(context);
  const run = await findRun(context, opened, context.words[0]!);
  const { engineOptions, loadEngine } = await import("../engine.ts");
  const rows = await (
    await loadEngine()
  ).readRejected({ ...(await engineOptions(context, opened)), runId: run.run_id });
  const { terminal } = context;
  if (context.globals.json) {
    terminal.json({ schema: "millrace/rejected/v1", environment: run.environment, run_id: run.run_id, rows });
    return 0;
  }
  if (rows.length === 0) {
    terminal.out(`Run ${run.run_id} has no rejected rows.`);
    return 0;
  }
  const { table } = await import("../table.ts");
  const { count } = await import("../figures.ts");
  const [head = "", ...lines] = table(
    [
      { title: "sync" },
      { title: "person" },
      { title: "op" },
      { title: "attempts", align: "right" },
      { title: "code" },
      { title: "the platform's words" },
    ],
    rows
      .slice(0, limit)
      .map((row) => [
        row.sync,
        row.person,
        row.op,
        `${row.attempts}${row.dead ? " (given up)" : ""}`,
        row.code,
        row.message,
      ]),
  );
  const more = rows.length > limit ? [`… and ${count(rows.length - limit)} more: --limit, or --json`] : [];
  const next = `Next: millrace retry ${run.run_id}${opened.environmentFlag}`;
  terminal.out([terminal.paintOut("bold", head), ...lines, ...more, "", next].join("\n"));
  return 0;
}

async function open(context: CommandContext): Promise<OpenProject> {
  const { openProject } = await import("../session.ts");
  return openProject(context);
}
