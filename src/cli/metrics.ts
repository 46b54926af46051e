/** Figures of a run for the textfile collector of Prometheus' node exporter: no timestamps, written beside and renamed. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Gauge, Registry } from "prom-client";
import type { PlanDocument, RunDocument } from "../core.ts";

/** How old a source with `freshness:` is. */
export interface SourceAge {
  /** `shop.orders`. */
  readonly source: string;
  readonly seconds: number;
}

/** The exposition text. Last successes of syncs that did not run now are carried over from `before`, the file's old text. */
export async function metricsText(
  run: RunDocument,
  plan: PlanDocument | null,
  before: string,
  ages: readonly SourceAge[] = [],
): Promise<string> {
  const registry = new Registry();
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const environment = run.environment;
  const success = gauge(
    "millrace_sync_last_success_timestamp_seconds",
    "End of the last run of the sync that was ok.",
    ["sync", "environment"],
  );
  const exit = gauge("millrace_sync_last_exit_code", "Exit code of the last run of the sync.", ["sync", "environment"]);
  const rows = gauge("millrace_sync_rows", "Rows of the last run by what came of them.", ["sync", "environment", "op"]);
  const size = gauge("millrace_audience_size", "People in the audience at the last plan.", ["audience", "environment"]);
  gauge("millrace_run_duration_seconds", "Duration of the last run.", ["environment"]).set(
    { environment },
    seconds(run.finished_at) - seconds(run.started_at),
  );
  for (const [sync, at] of earlierSuccesses(before, environment)) success.set({ sync, environment }, at);
  for (const one of run.syncs) {
    const { sync } = one;
    if (one.status === "ok" || one.status === "unchanged") success.set({ sync, environment }, seconds(run.finished_at));
    exit.set(
      { sync, environment },
      one.status === "failed" ? 1 : one.status === "stopped" ? 3 : one.status === "locked" ? 5 : 0,
    );
    rows.set({ sync, environment, op: "added" }, one.accepted.add);
    rows.set({ sync, environment, op: "updated" }, one.accepted.update);
    rows.set({ sync, environment, op: "removed" }, one.accepted.remove);
    rows.set({ sync, environment, op: "rejected" }, one.outcomes.rejected);
    rows.set({ sync, environment, op: "skipped" }, one.outcomes.skipped);
  }
  for (const audience of plan?.audiences ?? []) size.set({ audience: audience.name, environment }, audience.now);
  if (ages.length > 0) {
    const fresh = gauge(
      "millrace_source_freshness_seconds",
      "Age of the newest row of the source at the end of the run.",
      ["source", "environment"],
    );
    for (const { source, seconds: age } of ages) fresh.set({ source, environment }, age);
  }
  return registry.metrics();
}

export async function writeMetrics(
  path: string,
  run: RunDocument,
  plan: PlanDocument | null,
  ages: readonly SourceAge[],
): Promise<void> {
  const before = await readFile(path, "utf8").catch(() => "");
  const text = await metricsText(run, plan, before, ages);
  await mkdir(dirname(path), { recursive: true });
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}`);
  await writeFile(beside, text, { mode: 0o644 });
  await rename(beside, path);
}

function seconds(at: string): number {
  return Date.parse(at) / 1000;
}

function earlierSuccesses(text: string, environment: string): readonly (readonly [string, number])[] {
  const line = /^millrace_sync_last_success_timestamp_seconds\{sync="([^"]+)",environment="([^"]+)"\} (\S+)$/gm;
  return [...text.matchAll(line)]
    .filter((match) => match[2] === environment)
    .map((match) => [match[1]!, Number(match[3])] as const);
}
