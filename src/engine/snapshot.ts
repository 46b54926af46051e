/**
 * A sync's ledger as it was before the first run that removes somebody, kept for a week where the warehouse copies a table
 * without copying its rows. Named so that nothing takes it for a table of the ledger (docs/ledger.md says how to go back to it).
 */
import type { RunEvent } from "../core.ts";
import { MillraceError } from "../errors.ts";
import type { SyncState } from "../ledger/state.ts";
import { sentTable, sharedTable } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { integer } from "../warehouse/row.ts";
import type { LedgerView } from "./open-ledger.ts";

const keptDays = 7;
const dayMs = 86_400_000;
const named = /^snapshot__(.+)__(\d{4})(\d\d)(\d\d)_[^_]+$/;

type Place = Pick<LedgerView, "session" | "warehouse" | "ledger" | "tables">;

export interface Taken {
  readonly state: Pick<SyncState, "id" | "sync">;
  readonly runId: string;
  readonly onEvent: (event: RunEvent) => void;
}

/** `snapshot__vip_to_meta__20261122_9d1f3c`: the ledger it is of, the day, and what people call the run by. */
export function snapshotName(id: string, runId: string): string {
  return `snapshot__${id}__${runId.slice(0, 10).replaceAll("-", "")}_${runId.slice(runId.lastIndexOf("-") + 1)}`;
}

/** Is this a snapshot that has been kept long enough? `now` in milliseconds. */
export function isOver(table: string, now: number): boolean {
  const [, , year, month, day] = named.exec(table) ?? [];
  return year !== undefined && Date.parse(`${year}-${month}-${day}T00:00:00Z`) + (keptDays + 1) * dayMs < now;
}

/** Before a plan with removals is opened: a snapshot, unless there is one, or an earlier run has removed somebody. */
export async function snapshotOnce(place: Place, taken: Taken): Promise<void> {
  const { warehouse, ledger, tables } = place;
  const { id, sync } = taken.state;
  if (wordsOf(ledger.dialect).cloneTable === null) return;
  if (tables.some((table) => named.exec(table)?.[1] === id)) return;
  const [row] = await warehouse.rows(
    `SELECT count(*) AS total FROM ${sharedTable(ledger, "sync_runs")} WHERE sync = ${warehouse.dialect.literal(sync)} AND removed > 0`,
  );
  if (integer(row, "total") === 0) await snapshot(place, taken);
}

/** Copies the ledger of a sync, where that costs nothing. A copy that cannot be made is told, and hinders nothing. */
export async function snapshot({ session, warehouse, ledger }: Place, { state, runId, onEvent }: Taken): Promise<void> {
  const { cloneTable } = wordsOf(ledger.dialect);
  if (cloneTable === null) return;
  const table = snapshotName(state.id, runId);
  try {
    await warehouse.execute(cloneTable(session.ledger(table), sentTable(ledger, state.id), keptDays));
    onEvent({ event: "ledger.snapshot", level: "info", fields: { sync: state.sync, table, days: keptDays } });
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    onEvent({ event: "ledger.snapshot", level: "warn", fields: { sync: state.sync, because: error.message } });
  }
}

/** Drops snapshots that were kept long enough; BigQuery does it by itself. */
export async function dropOldSnapshots({ session, warehouse, tables }: Place, now: number): Promise<void> {
  for (const table of tables.filter((name) => isOver(name, now)))
    await warehouse.execute(`DROP TABLE IF EXISTS ${session.ledger(table)}`);
}
