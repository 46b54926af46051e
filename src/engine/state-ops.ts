/** `millrace state lock | unlock | prune`: who works on the environment, and history that nobody needs any more. */
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { sharedTable } from "../ledger/tables.ts";
import { text } from "../warehouse/row.ts";
import type { EngineOptions, LockInfo } from "./api.ts";
import { iso } from "./document.ts";
import { freeLock, lockHolder } from "./environment-lock.ts";
import { withLedger, type LedgerView } from "./open-ledger.ts";
import { runsFolder } from "./run-store.ts";
import { isSavedPart, savedPlanOf } from "./saved.ts";
import { underLock } from "./under-lock.ts";

const day = 86_400_000;

/** Null when nobody holds it, or a person freed it. */
export async function lockInfo(options: EngineOptions): Promise<LockInfo | null> {
  const lock = await lockHolder(options);
  if (lock === null || lock.broken === true) return null;
  const { runId, holder, command, since, aliveAt } = lock;
  return { run_id: runId, holder, command, since: iso(since), alive_at: aliveAt === 0 ? null : iso(aliveAt) };
}

/** Frees the lock of that run and no other; what the next run must know of it stays. */
export function unlock(options: EngineOptions & { readonly runId: string }): Promise<boolean> {
  return freeLock(options, options.runId);
}

/**
 * Drops row-level history older than `days`, the rows of saved plans that can no longer be sent, and files of closed
 * runs. What a destination holds (`sent__`) and what it refused are never touched (R41).
 */
export function pruneState(options: EngineOptions & { readonly days: number }): Promise<{ readonly rows: number }> {
  const now = options.ports.clock.now();
  return underLock(options, ({ assertHeld }) =>
    withLedger(options, "write", async (view) => {
      await assertHeld();
      const rows = (await pruneChanges(view, now - options.days * day)) + (await prunePlans(view, now, options.days));
      await pruneRunFiles(options, view);
      return { rows };
    }),
  );
}

/** Recovery has closed every plan by now; should one be open all the same, its changes stay. */
async function pruneChanges({ warehouse, ledger, states }: LedgerView, before: number): Promise<number> {
  const { literal, quote } = warehouse.dialect;
  const open = [...states.values()].flatMap(({ openPlan }) => (openPlan === null ? [] : [literal(openPlan)]));
  const closed = open.length === 0 ? "" : ` AND plan NOT IN (${open.join(", ")})`;
  return warehouse.execute(`DELETE FROM ${sharedTable(ledger, "changes")} WHERE ${quote("at")} < ${before}${closed}`);
}

/** Tables of plans that were sent, ran out or are not listed; their lines go once they are old themselves. */
async function prunePlans(
  { warehouse, session, ledger, tables }: LedgerView,
  now: number,
  days: number,
): Promise<number> {
  const plans = sharedTable(ledger, "plans");
  const over = `(used_by IS NOT NULL OR expires_at < ${now})`;
  const live = await warehouse.rows(`SELECT plan FROM ${plans} WHERE NOT coalesce(${over}, FALSE)`);
  const kept = new Set(live.map((row) => text(row, "plan")));
  for (const table of tables.filter(isSavedPart)) {
    if (!kept.has(savedPlanOf(table))) await warehouse.execute(`DROP TABLE ${session.ledger(table)}`);
  }
  return warehouse.execute(`DELETE FROM ${plans} WHERE ${over} AND created_at < ${now - days * day}`);
}

async function pruneRunFiles({ project }: EngineOptions, { states }: LedgerView): Promise<void> {
  const open = new Set([...states.values()].map(({ openRun }) => openRun));
  const folder = runsFolder(project);
  for (const name of await readdir(folder).catch(() => [])) {
    const runId = name.replace(/\.duckdb(\.wal)?$/, "");
    if (!open.has(runId)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}
