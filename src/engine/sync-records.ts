/** What the history says of each sync: how it went last, when it was last well, how many people it had day by day. */
import type { RunDocument, SyncedSync } from "../core.ts";
import { sharedTable } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { integer, integerOrNull, text, textOrNull } from "../warehouse/row.ts";
import type { LedgerView } from "./open-ledger.ts";

export interface SyncRecord {
  /** Of the last run that looked at it; null when none ever did (skipped and locked ones did not). */
  readonly lastStatus: SyncedSync["status"] | null;
  /** Milliseconds; rows that were refused do not make a run bad. */
  readonly lastOk: number | null;
  /** Of the last run: `E812: …`, or the guard that stopped it. */
  readonly error: string | null;
  /** People wanted by the last good run of each of seven days of 24 hours, oldest first, until now. */
  readonly week: readonly (number | null)[];
}

const none = [null, null, null, null, null, null, null] as const;
export const noRecord: SyncRecord = { lastStatus: null, lastOk: null, error: null, week: none };

const good = "status IN ('ok', 'unchanged', 'partial')";

/** Records of all syncs with a history, by name. */
export async function readRecords(view: LedgerView, now: number): Promise<ReadonlyMap<string, SyncRecord>> {
  const { warehouse, ledger, tables } = view;
  if (!tables.includes("sync_runs")) return new Map();
  const history = sharedTable(ledger, "sync_runs");
  const at = warehouse.dialect.quote("at");
  const last = await warehouse.rows(`SELECT l.*, o.last_ok FROM (
  SELECT sync, run_id, status, error FROM ${history} WHERE status NOT IN ('skipped', 'locked')
  QUALIFY row_number() OVER (PARTITION BY sync ORDER BY ${at} > ${now}, ${at} DESC, run_id DESC) = 1
) l LEFT JOIN (SELECT sync, max(${at}) AS last_ok FROM ${history} WHERE ${good} AND ${at} <= ${now} GROUP BY sync) o ON o.sync = l.sync`);
  const weeks = await readWeeks(view, now);
  const records = new Map<string, SyncRecord>();
  for (const row of last) {
    const sync = text(row, "sync");
    const status = text(row, "status") as SyncedSync["status"];
    records.set(sync, {
      lastStatus: status,
      lastOk: integerOrNull(row, "last_ok"),
      error: textOrNull(row, "error") ?? (status === "stopped" ? await guardOf(view, text(row, "run_id"), sync) : null),
      week: weeks.get(sync) ?? none,
    });
  }
  return records;
}

/** A day without a run keeps the number of the day before. */
async function readWeeks(
  { warehouse, ledger }: LedgerView,
  now: number,
): Promise<ReadonlyMap<string, readonly (number | null)[]>> {
  const at = warehouse.dialect.quote("at");
  const { integer: whole } = wordsOf(ledger.dialect).types;
  const rows = await warehouse.rows(`SELECT sync, day, people FROM (
  SELECT sync, ${at}, run_id, people, greatest(-1, 6 - CAST(floor((${now} - ${at}) / 86400000.0) AS ${whole})) AS day
  FROM ${sharedTable(ledger, "sync_runs")} WHERE ${good} AND people IS NOT NULL AND ${at} <= ${now}
) w QUALIFY row_number() OVER (PARTITION BY sync, day ORDER BY ${at} DESC, run_id DESC) = 1 ORDER BY sync, day`);
  const weeks = new Map<string, (number | null)[]>();
  for (const row of rows) {
    const sync = text(row, "sync");
    const week = weeks.get(sync) ?? [...none];
    week.fill(integer(row, "people"), Math.max(0, integer(row, "day")));
    weeks.set(sync, week);
  }
  return weeks;
}

async function guardOf({ warehouse, ledger }: LedgerView, runId: string, sync: string): Promise<string | null> {
  const [row] = await warehouse.rows(
    `SELECT document FROM ${sharedTable(ledger, "runs")} WHERE run_id = ${warehouse.dialect.literal(runId)}`,
  );
  if (row === undefined) return null;
  const report = (JSON.parse(text(row, "document")) as RunDocument).syncs.find((one) => one.sync === sync);
  const guard = report?.guards.find(({ ok, overridden }) => !ok && overridden === undefined);
  return guard === undefined ? null : `${guard.code} ${guard.name}: ${guard.message}`;
}
