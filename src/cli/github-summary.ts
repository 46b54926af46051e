/** What GitHub Actions shows of a plan or run: the job's summary and its outputs. */
import { appendFile, stat } from "node:fs/promises";
import type { PlanDocument, RunDocument } from "../core.ts";
import { amount, count, growth } from "./figures.ts";
import { changesMarkdown, type ProjectChanges } from "./text/changes.ts";
import { planTotals, shortPlan } from "./text/plan.ts";

/** A summary above 1 MiB makes the step fail ("supports content up to a size of 1024k"); a margin stays for others. */
const summaryBytes = 1024 * 1024 - 4096;

export function planSummary(plan: PlanDocument, changes: ProjectChanges | null = null): string {
  const audiences = plan.audiences.map((one) => [
    one.name,
    count(one.before),
    count(one.now),
    `+${count(one.enter)}`,
    `-${count(one.leave)}`,
    growth(one.before, one.now),
    byEdit(one),
  ]);
  const syncs = plan.syncs.map((one) => {
    const skipped = one.skipped.reduce((sum, { count: rows }) => sum + rows, 0);
    return [
      one.sync,
      one.status,
      count(one.planned.add),
      count(one.planned.update),
      count(one.planned.remove),
      count(skipped),
    ];
  });
  const stopped = plan.syncs.flatMap((sync) =>
    sync.guards
      .filter((guard) => !guard.ok && guard.overridden === undefined)
      .map((guard) => `- **${sync.sync}** stopped by ${guard.code} ${guard.name}: ${markdown(guard.message)}`),
  );
  return [
    `### millrace plan ${shortPlan(plan.id)} — ${plan.environment}`,
    ...section(["audience", "before", "now", "enter", "leave", "change", "by the edit"], audiences),
    ...section(["sync", "status", "add", "update", "remove", "skipped"], syncs),
    ...(stopped.length === 0 ? [] : ["", ...stopped]),
    ...(changes === null ? [] : changesMarkdown(changes)),
    ...(plan.diagnostics.length === 0 ? [] : ["", `⚠ ${amount(plan.diagnostics.length, "diagnostic")} in the project`]),
    "",
  ].join("\n");
}

function byEdit({ enter_by_edit, leave_by_edit }: PlanDocument["audiences"][number]): string {
  return enter_by_edit === undefined || leave_by_edit === undefined
    ? "-"
    : `+${count(enter_by_edit)} -${count(leave_by_edit)}`;
}

export function runSummary(run: RunDocument): string {
  const rows = run.syncs.map((one) => [
    one.sync,
    one.status,
    count(one.accepted.add),
    count(one.accepted.update),
    count(one.accepted.remove),
    count(one.outcomes.rejected),
  ]);
  const errors = run.syncs.flatMap((one) =>
    one.error === null ? [] : [`- **${one.sync}** ${one.error.code}: ${markdown(one.error.message)}`],
  );
  return [
    `### millrace run ${run.run_id} — ${run.environment}: ${run.status}`,
    ...section(["sync", "status", "added", "updated", "removed", "rejected"], rows),
    ...(errors.length === 0 ? [] : ["", ...errors]),
    "",
  ].join("\n");
}

/** Cut at a line's end below the limit of `bytes`, with a word about it. */
export function cutSummary(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const note = "\n\n… cut here: the whole document is in target/\n";
  const room = Math.max(0, bytes - Buffer.byteLength(note));
  const head = Buffer.from(text).subarray(0, room).toString("utf8");
  return head.slice(0, Math.max(0, head.lastIndexOf("\n"))) + note;
}

/** Appends to $GITHUB_STEP_SUMMARY, where there is one. */
export async function appendSummary(env: Readonly<Record<string, string | undefined>>, text: string): Promise<void> {
  const file = env["GITHUB_STEP_SUMMARY"];
  if (file === undefined || file === "") return;
  const used = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (used < summaryBytes) await appendFile(file, cutSummary(text, summaryBytes - used));
}

/** `changes, plan_id, adds, updates, removes` to $GITHUB_OUTPUT, so that nobody needs exit code 2. */
export async function appendOutputs(
  env: Readonly<Record<string, string | undefined>>,
  plan: PlanDocument,
): Promise<void> {
  const file = env["GITHUB_OUTPUT"];
  if (file === undefined || file === "") return;
  const totals = planTotals(plan);
  const lines = [
    `changes=${plan.changes}`,
    `plan_id=${plan.id}`,
    `adds=${totals.add}`,
    `updates=${totals.update}`,
    `removes=${totals.remove}`,
  ];
  await appendFile(file, `${lines.join("\n")}\n`);
}

function section(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  return ["", tableLine(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(tableLine)];
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map(markdown).join(" | ")} |`;
}

/** Words of others must not become markup. */
function markdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|#]/g, (character) => `\\${character}`).replaceAll("\n", " ");
}
