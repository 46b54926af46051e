/** Runs of the ledger by id, or by any unique beginning or end of it. */
import type { RunDocument } from "../core.ts";
import { exitCodes, failure } from "../errors.ts";
import type { CommandContext } from "./command.ts";
import { engineOptions, loadEngine } from "./engine.ts";
import type { OpenProject } from "./session.ts";

/** Newest first. */
export async function readRuns(
  context: CommandContext,
  opened: OpenProject,
  wanted: { readonly limit: number; readonly sync?: string; readonly id?: string },
): Promise<readonly RunDocument[]> {
  return (await loadEngine()).readRuns({ ...(await engineOptions(context, opened)), ...wanted });
}

/** Runs that are named where an abbreviated id fits several. */
const namedRuns = 5;

/** The run that is meant; E590 when there is none, or several. */
export async function findRun(context: CommandContext, opened: OpenProject, id: string): Promise<RunDocument> {
  const found = await readRuns(context, opened, { id, limit: namedRuns });
  const exact = found.find((run) => run.run_id === id);
  if (exact !== undefined) return exact;
  if (found.length === 1) return found[0]!;
  const hint =
    found.length > 1
      ? `it fits ${found.map((run) => run.run_id).join(", ")}`
      : `millrace runs${opened.environmentFlag} lists them`;
  throw failure("E590", `no run ${JSON.stringify(id)} in ${opened.project.environment.name}`, {
    exit: exitCodes.usage,
    hint,
  });
}

/** What retry means by a run's id or a sync's name: the syncs that failed, were stopped or had rows refused. */
export async function syncsToRetry(
  context: CommandContext,
  opened: OpenProject,
  words: readonly string[],
): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const word of words) {
    if (opened.project.syncs.has(word)) {
      names.add(word);
      continue;
    }
    const run = await findRun(context, opened, word);
    for (const { sync, status, outcomes } of run.syncs) {
      const open = outcomes.rejected + outcomes.deferred + outcomes.unsent + outcomes.unknown > 0;
      const fine = (status === "ok" || status === "unchanged") && !open;
      if (!fine && opened.project.syncs.has(sync)) names.add(sync);
    }
  }
  return [...names].toSorted();
}
