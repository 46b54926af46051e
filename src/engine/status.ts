/** `millrace status`: what is healthy, late, paused or failing, by the ledger's history and the schedules. */
import type { Mode, RunDocument } from "../core.ts";
import { tooOldCode } from "../ledger/rules.ts";
import { rejectionsTable, sentTable, sharedTable } from "../ledger/tables.ts";
import { before, parseDuration } from "../project/duration.ts";
import type { Project, Resource, SyncSpec } from "../project/project.ts";
import { integer, text } from "../warehouse/row.ts";
import type { EngineOptions, StatusDocument, SyncState, SyncStatus } from "./api.ts";
import { iso } from "./document.ts";
import { lastSlot, nextSlot, pausedNow } from "./due.ts";
import { readMeasured, type RemoteStats } from "./measure.ts";
import { withLedger, type LedgerView } from "./open-ledger.ts";
import { noRecord, readRecords, type SyncRecord } from "./sync-records.ts";

const day = 86_400_000;

/** Status of the selected syncs; works where nothing ever ran. */
export function readStatus(options: EngineOptions): Promise<StatusDocument> {
  const { project, ports, git, selected } = options;
  const now = ports.clock.now();
  return withLedger(options, "read", async (view) => {
    const records = await readRecords(view, now);
    const measured = await readMeasured(view);
    const syncs: SyncStatus[] = [];
    for (const name of selected.toSorted()) {
      const sync = project.syncs.get(name);
      if (sync !== undefined)
        syncs.push(await statusOf(view, project, sync, records.get(name) ?? noRecord, measured, now));
    }
    return {
      schema: "millrace/status/v1",
      environment: project.environment.name,
      at: iso(now),
      git,
      last_run: await lastRun(view, now),
      syncs,
    };
  });
}

/** The newest; one of the future, made while the clock was wrong, only where there is no other. */
async function lastRun({ warehouse, ledger, tables }: LedgerView, now: number): Promise<StatusDocument["last_run"]> {
  if (!tables.includes("runs")) return null;
  const [row] = await warehouse.rows(
    `SELECT run_id, status, finished_at FROM ${sharedTable(ledger, "runs")} ORDER BY started_at > ${now}, started_at DESC, run_id DESC LIMIT 1`,
  );
  return row === undefined
    ? null
    : {
        run_id: text(row, "run_id"),
        status: text(row, "status") as RunDocument["status"],
        finished_at: iso(integer(row, "finished_at")),
      };
}

async function statusOf(
  view: LedgerView,
  project: Project,
  sync: Resource<SyncSpec>,
  record: SyncRecord,
  measured: ReadonlyMap<string, RemoteStats>,
  now: number,
): Promise<SyncStatus> {
  const { people, rejected } = await heldBy(view, sync);
  const paused = pausedNow(project, sync, now);
  return {
    sync: sync.name,
    source: sync.spec.audience ?? sync.spec.model ?? "",
    destination: sync.spec.destination,
    state: stateOf(project, sync, record, { paused, rejected, now }),
    last_ok_at: record.lastOk === null ? null : iso(record.lastOk),
    next_at: paused ? null : nextRun(project, sync, record.lastOk, now),
    people,
    people_7d: record.week,
    rejected,
    remote: remoteOf(measured.get(view.states.get(sync.name)?.id ?? "")),
    error: record.error,
    paused_until: paused ? pausedUntil(project, sync) : null,
  };
}

const remoteOf = (stats: RemoteStats | undefined): SyncStatus["remote"] =>
  stats === undefined
    ? null
    : { at: iso(stats.at), size_low: stats.sizeLow, size_high: stats.sizeHigh, match_rate: stats.matchRate };

/** Rows the destination holds because of us (all but those left there on leave), and keys with a refused part. */
async function heldBy(
  { warehouse, ledger, states }: LedgerView,
  sync: Resource<SyncSpec>,
): Promise<{ people: number | null; rejected: number }> {
  const state = states.get(sync.name);
  if (state === undefined) return { people: null, rejected: 0 };
  // What mode update did not find, and events that came too late, are no refusals (R37, decision 70).
  const skips: Partial<Record<Mode, string>> = { update: "not_found", append: tooOldCode };
  const skip = skips[sync.spec.mode];
  const refused = skip === undefined ? "" : ` WHERE code <> '${skip}'`;
  const [row] =
    await warehouse.rows(`SELECT (SELECT count(CASE WHEN state <> 'left' THEN 1 END) FROM ${sentTable(ledger, state.id)}) AS people,
  (SELECT count(DISTINCT k) FROM ${rejectionsTable(ledger, state.id)}${refused}) AS rejected`);
  const people = integer(row, "people");
  return { people: state.serial === 0 && people === 0 ? null : people, rejected: integer(row, "rejected") };
}

interface Situation {
  readonly paused: boolean;
  readonly rejected: number;
  readonly now: number;
}

/** A guard's stop counts as failed: nothing goes out until a person looks. */
function stateOf(
  project: Project,
  sync: Resource<SyncSpec>,
  { lastStatus, lastOk }: SyncRecord,
  { paused, rejected, now }: Situation,
): SyncState {
  if (paused) return "paused";
  if (lastStatus === null) return "never";
  if (lastStatus === "failed" || lastStatus === "stopped") return "failed";
  if (isLate(sync, project.timezone, lastOk ?? 0, now)) return "late";
  return lastStatus === "partial" || rejected > 0 ? "warning" : "ok";
}

/** `alerts.late_after` says when; without it a sync is late when a slot of its schedule was missed a day ago. */
function isLate(sync: Resource<SyncSpec>, timezone: string, lastOk: number, now: number): boolean {
  const after = sync.spec.alerts?.late_after;
  if (after !== undefined) {
    const duration = parseDuration(after);
    return !("problem" in duration) && lastOk < before(now, duration);
  }
  const missed = nextSlot(sync, timezone, lastOk);
  return missed !== null && missed <= now - day;
}

/** The slot that is due, in the past, or the next one. */
function nextRun(project: Project, sync: Resource<SyncSpec>, lastOk: number | null, now: number): string | null {
  const slot = lastSlot(sync, project.timezone, now);
  const next = slot !== null && (lastOk ?? 0) < slot ? slot : nextSlot(sync, project.timezone, now);
  return next === null ? null : iso(next);
}

/** The later end of the sync's own pause and its audience's; null while one of them has no end. */
function pausedUntil(project: Project, sync: Resource<SyncSpec>): string | null {
  const audience = sync.spec.audience === undefined ? undefined : project.audiences.get(sync.spec.audience);
  const waiting = [sync.spec, audience?.spec].flatMap((spec) =>
    spec === undefined || spec.status === "active" ? [] : [spec],
  );
  const ends = waiting.map((spec) =>
    spec.status === "paused" && spec.paused_until !== undefined ? Date.parse(spec.paused_until) : Infinity,
  );
  const end = Math.max(...ends);
  return Number.isFinite(end) ? iso(end) : null;
}
