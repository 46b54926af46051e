/** A finished run as text: a line per sync, the sums, and what to do next. */
import type { RunDocument, SyncedSync } from "../../core.ts";
import { amount, count, percent, second, span } from "../figures.ts";
import { table } from "../table.ts";
import type { Paint } from "../terminal.ts";

export interface RunTextOptions {
  readonly paint: Paint;
  readonly label: (sync: string) => string;
}

const symbols = {
  ok: "✔",
  unchanged: "=",
  partial: "▲",
  stopped: "!",
  failed: "✘",
  locked: "‖",
  skipped: "○",
} as const;
const colours = {
  ok: "green",
  unchanged: "dim",
  partial: "yellow",
  stopped: "red",
  failed: "red",
  locked: "yellow",
  skipped: "dim",
} as const;

/** The whole report, as `sync` and `runs show` print it. */
export function runText(run: RunDocument, options: RunTextOptions): string {
  const head = `Run ${run.run_id} · ${run.environment}${run.plan === null ? "" : ` · plan ${run.plan.slice(0, 6)}`} · ${run.status} · by ${run.actor}`;
  return [
    options.paint("bold", head),
    "",
    ...(run.syncs.length === 0 ? ["nothing to do"] : syncTable(run, options)),
    ...(run.syncs.length === 0 ? [] : ["", ...summaryLines(run, options)]),
  ].join("\n");
}

function syncTable(run: RunDocument, options: RunTextOptions): readonly string[] {
  const lines = table(
    [
      { title: "" },
      { title: "", align: "right" },
      { title: "", align: "right" },
      { title: "", align: "right" },
      { title: "", align: "right" },
      { title: "", align: "right" },
    ],
    run.syncs.map((sync) => [
      `${symbols[sync.status]} ${options.label(sync.sync)}`,
      ...(sync.status === "ok" || sync.status === "partial" || sync.status === "failed"
        ? figures(sync)
        : [sync.status, "", "", ""]),
      sync.duration_ms === 0 ? "" : span(sync.duration_ms),
    ]),
  );
  return run.syncs.flatMap((sync, index) => {
    const line = lines[index]!;
    const mark = symbols[sync.status];
    return [options.paint(colours[sync.status], mark) + line.slice(mark.length), ...details(sync)];
  });
}

function figures(sync: SyncedSync): readonly string[] {
  const { add, update, remove } = sync.accepted;
  return [
    `${count(add)} added`,
    `${count(update)} updated`,
    `${count(remove)} removed`,
    `${count(sync.outcomes.rejected)} rejected`,
  ];
}

function details(sync: SyncedSync): readonly string[] {
  const lines: string[] = [];
  for (const one of [sync.error, sync.warning])
    if (one) lines.push(`    ${one.code}: ${one.message}`, ...(one.hint === undefined ? [] : [`    ${one.hint}`]));
  if (sync.status === "stopped") {
    for (const guard of sync.guards.filter((one) => !one.ok && one.overridden === undefined))
      lines.push(`    guard ${guard.code} "${guard.name}": ${guard.message}`);
  }
  if (sync.outcomes.unknown > 0)
    lines.push(`    ${amount(sync.outcomes.unknown, "row")} without an answer: in doubt, the next run settles them`);
  if (sync.outcomes.deferred + sync.outcomes.unsent > 0)
    lines.push(`    ${amount(sync.outcomes.deferred + sync.outcomes.unsent, "row")} left for the next run`);
  return lines;
}

function summaryLines(run: RunDocument, options: RunTextOptions): readonly string[] {
  const done = run.syncs.filter((sync) => sync.status === "ok" || sync.status === "partial").length;
  const unchanged = run.syncs.filter((sync) => sync.status === "unchanged").length;
  const sent = total(run, "accepted");
  const rejected = total(run, "rejected");
  const attempted = sent + rejected;
  const seconds = span(Date.parse(run.finished_at) - Date.parse(run.started_at));
  const mark = run.status === "ok" ? options.paint("green", "✔") : options.paint("yellow", "▲");
  const lines = [
    `${mark} ${done} of ${amount(run.syncs.length, "sync")} done${unchanged === 0 ? "" : `, ${unchanged} unchanged`}, in ${seconds}`,
  ];
  const reasons = run.syncs.flatMap((sync) =>
    sync.rejections.map(
      (rejection) => `${sync.sync}: ${count(rejection.count)} × ${rejection.message} (${rejection.code})`,
    ),
  );
  lines.push(
    [
      `  sent ${count(sent)}`,
      `rejected ${count(rejected)}${rejected === 0 ? "" : ` (${percent(rejected / attempted)})`}`,
      ...reasons.slice(0, 3),
    ].join(" · "),
  );
  return [...lines, ...nextSteps(run, rejected)];
}

function nextSteps(run: RunDocument, rejected: number): readonly string[] {
  const steps: (readonly string[])[] = [];
  if (rejected > 0)
    steps.push([`  millrace runs rejected ${run.run_id}`, `see the ${amount(rejected, "row")} and reasons`]);
  for (const sync of run.syncs.filter((one) => one.status === "stopped")) {
    const guard = sync.guards.find((one) => !one.ok && one.overridden === undefined);
    if (guard !== undefined) {
      const pass = guard.name === "first_run" ? "--yes" : `--override-guard ${guard.code} --reason "why"`;
      steps.push([`  millrace sync ${sync.sync} -e ${run.environment} ${pass}`, "if this is right"]);
    }
  }
  if (run.syncs.some((sync) => sync.status === "failed"))
    steps.push([`  millrace retry ${run.run_id} -e ${run.environment}`, "after mending what failed"]);
  if (run.status === "interrupted")
    steps.push([`  millrace sync -e ${run.environment}`, "goes on where this run stopped"]);
  steps.push([`  millrace status -e ${run.environment}`, "overall health"]);
  return table([{ title: "" }, { title: "" }], steps);
}

/** `runs`: newest first, one line each. */
export function runsText(runs: readonly RunDocument[], paint: Paint): string {
  if (runs.length === 0) return "No run yet. Next: millrace sync";
  const [head = "", ...lines] = table(
    [
      { title: "run" },
      { title: "started" },
      { title: "status" },
      { title: "syncs", align: "right" },
      { title: "sent", align: "right" },
      { title: "rejected", align: "right" },
      { title: "by" },
    ],
    runs.map((run) => [
      run.run_id,
      second(Date.parse(run.started_at)),
      run.status,
      count(run.syncs.length),
      count(total(run, "accepted")),
      count(total(run, "rejected")),
      run.actor,
    ]),
  );
  return [paint("bold", head), ...lines, "", "Next: millrace runs show <run>"].join("\n");
}

function total(run: RunDocument, outcome: "accepted" | "rejected"): number {
  return run.syncs.reduce((sum, sync) => sum + sync.outcomes[outcome], 0);
}
