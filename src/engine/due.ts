/** Which syncs are due, and which wait: schedules with catch-up, pauses, drafts (decision 47). */
import { Cron } from "croner";
import { sharedTable } from "../ledger/tables.ts";
import type { Project, Resource, SyncSpec } from "../project/project.ts";
import { integer, text } from "../warehouse/row.ts";
import type { Workspace } from "./workspace.ts";

/** The last time the schedule named at or before `now`, milliseconds; null when it never did. */
export function lastSlot(sync: Resource<SyncSpec>, timezone: string, now: number): number | null {
  const { schedule } = sync.spec;
  if (schedule === undefined) return null;
  const cron = new Cron(schedule.cron, { timezone: schedule.timezone ?? timezone });
  const [previous] = cron.previousRuns(1, new Date(now + 1_000));
  return previous?.getTime() ?? null;
}

/** The next time the schedule names after `now`, milliseconds; null without one. */
export function nextSlot(sync: Resource<SyncSpec>, timezone: string, now: number): number | null {
  const { schedule } = sync.spec;
  if (schedule === undefined) return null;
  return new Cron(schedule.cron, { timezone: schedule.timezone ?? timezone }).nextRun(new Date(now))?.getTime() ?? null;
}

/**
 * Missed slots coalesce: a sync is due when its last good run lies before the last slot (F10). Without a schedule it never is.
 * A run of the future, made while the clock was wrong, served no slot (F08).
 */
export async function dueSyncs(
  workspace: Workspace,
  syncs: readonly Resource<SyncSpec>[],
  now: number,
): Promise<readonly Resource<SyncSpec>[]> {
  const at = workspace.warehouse.dialect.quote("at");
  const rows = await workspace.warehouse.rows(
    `SELECT sync, max(${at}) AS last FROM ${sharedTable(workspace.ledger, "sync_runs")} WHERE status IN ('ok', 'unchanged', 'partial') AND ${at} <= ${now} GROUP BY sync`,
  );
  const last = new Map(rows.map((row) => [text(row, "sync"), integer(row, "last")]));
  return syncs.filter((sync) => {
    const slot = lastSlot(sync, workspace.project.timezone, now);
    return slot !== null && (last.get(sync.name) ?? 0) < slot;
  });
}

/** Paused or a draft, itself or its audience; `paused_until` ends a pause by itself. */
export function pausedNow(project: Project, sync: Resource<SyncSpec>, now: number): boolean {
  const audience = sync.spec.audience === undefined ? undefined : project.audiences.get(sync.spec.audience);
  return [sync.spec, audience?.spec].some((spec) => {
    if (spec === undefined || spec.status === "active") return false;
    return spec.status === "draft" || spec.paused_until === undefined || Date.parse(spec.paused_until) > now;
  });
}
