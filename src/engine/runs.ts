/** What earlier runs left to be read: their documents, and the rows that destinations refused. */
import type { RunDocument } from "../core.ts";
import { rejectionsTable, sharedTable } from "../ledger/tables.ts";
import { integer, text, textOrNull } from "../warehouse/row.ts";
import type { EngineOptions, RejectedRow } from "./api.ts";
import { impersonal } from "./impersonal.ts";
import { withLedger, type LedgerView } from "./open-ledger.ts";

/** Newest first, one of exactly that `id` before all others; runs of the future, made while the clock was wrong, last. */
export function readRuns(
  options: EngineOptions & { readonly limit: number; readonly sync?: string; readonly id?: string },
): Promise<readonly RunDocument[]> {
  return withLedger(options, "read", async ({ warehouse, ledger, tables }) => {
    if (!tables.includes("runs")) return [];
    const { literal } = warehouse.dialect;
    const id = options.id === undefined ? null : literal(options.id);
    const size = [...(options.id ?? "")].length;
    const wanted = [
      ...(options.sync === undefined
        ? []
        : [`run_id IN (SELECT run_id FROM ${sharedTable(ledger, "sync_runs")} WHERE sync = ${literal(options.sync)})`]),
      ...(id === null ? [] : [`(substr(run_id, 1, ${size}) = ${id} OR substr(run_id, -${size}) = ${id})`]),
    ];
    const where = wanted.length === 0 ? "" : `WHERE ${wanted.join(" AND ")}`;
    const exact = id === null ? "" : `run_id = ${id} DESC, `;
    const rows = await warehouse.rows(
      `SELECT document FROM ${sharedTable(ledger, "runs")} ${where} ORDER BY ${exact}started_at > ${options.ports.clock.now()}, started_at DESC, run_id DESC LIMIT ${options.limit}`,
    );
    return rows.map((row) => JSON.parse(text(row, "document")) as RunDocument);
  });
}

/** The rows that destinations refused in that run, by sync and person; a row without attempts left has been settled since. */
export function readRejected(options: EngineOptions & { readonly runId: string }): Promise<readonly RejectedRow[]> {
  return withLedger(options, "read", async (view) => {
    const { warehouse, ledger, tables } = view;
    if (!tables.includes("runs")) return [];
    const { literal } = warehouse.dialect;
    const [run] = await warehouse.rows(
      `SELECT started_at, finished_at FROM ${sharedTable(ledger, "runs")} WHERE run_id = ${literal(options.runId)}`,
    );
    if (run === undefined) return [];
    // Not out of the run's document: a sync that was renamed since has its old name there.
    const syncs = await warehouse.rows(
      `SELECT DISTINCT sync FROM ${sharedTable(ledger, "sync_runs")} WHERE run_id = ${literal(options.runId)}`,
    );
    const window = { runId: options.runId, from: integer(run, "started_at"), to: integer(run, "finished_at") };
    const rows: RejectedRow[] = [];
    for (const row of syncs) rows.push(...(await rejectedOf(view, text(row, "sync"), window)));
    return rows.toSorted(byPerson);
  });
}

interface RunWindow {
  readonly runId: string;
  readonly from: number;
  readonly to: number;
}

/**
 * What the ledger still holds of the run's refusals, part by part, and from the history those that a later run went
 * over: tried again, or no longer asked.
 */
async function rejectedOf(
  { warehouse, ledger, states, person }: LedgerView,
  sync: string,
  { runId, from, to }: RunWindow,
): Promise<readonly RejectedRow[]> {
  const state = states.get(sync);
  if (state === undefined) return [];
  const { literal, quote } = warehouse.dialect;
  const value = quote("value");
  const rows = await warehouse.rows(`WITH kept AS (
  SELECT k, op, ${value}, code, message, attempts, dead, last_at BETWEEN ${from} AND ${to} AS own FROM ${rejectionsTable(ledger, state.id)}
), told AS (
  SELECT k, op, code, message FROM ${sharedTable(ledger, "changes")}
  WHERE run_id = ${literal(runId)} AND sync = ${literal(sync)} AND status = 'rejected'
)
SELECT k, op, ${value}, code, message, attempts, dead FROM kept WHERE own
UNION ALL SELECT t.k, t.op, NULL, t.code, t.message, coalesce(max(r.attempts), 1), coalesce(max(CASE WHEN r.dead THEN 1 ELSE 0 END), 0) = 1
FROM told t LEFT JOIN kept r ON r.k = t.k WHERE t.k NOT IN (SELECT k FROM kept WHERE own) GROUP BY t.k, t.op, t.code, t.message`);
  return rows.map((row) => ({
    sync,
    person: person(text(row, "k")),
    op: text(row, "op") as RejectedRow["op"],
    code: textOrNull(row, "code") ?? "",
    message: impersonal(textOrNull(row, "message") ?? "", [text(row, "k"), textOrNull(row, "value") ?? ""]),
    attempts: integer(row, "attempts"),
    dead: row["dead"] === true,
  }));
}

const textOf = (row: RejectedRow): string => `${row.sync}\u0000${row.person}\u0000${row.op}\u0000${row.code}`;
const byPerson = (a: RejectedRow, b: RejectedRow): number => (textOf(a) < textOf(b) ? -1 : 1);
