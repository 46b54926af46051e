/** The lock of a project's environment as runs and operators take it: lease, fence that outlives it, heartbeat. */
import { hostname } from "node:os";
import path from "node:path";
import { acquireLock, breakLock, readLock, shortRun, type Lock, type LockContent } from "../ledger/lock.ts";
import { ledgerTables, readStates } from "../ledger/state.ts";
import { openSession } from "../models/session.ts";
import type { Project } from "../project/project.ts";
import type { EngineOptions } from "./api.ts";
import { processIdentity } from "./process-identity.ts";
import { takeRemoteLock, withLockRow } from "./remote-lock.ts";

/** Longest time of one request; the lease must outlive two of them (R23). */
const requestDeadlineMs = 300_000;
const leaseMs = 2 * requestDeadlineMs + 60_000;
const heartbeatMs = 30_000;

export const lockFile = (project: Project): string =>
  path.join(project.root, ".millrace", `${project.environment.name}.lock`);

const fenceFile = (project: Project): string => `${lockFile(project)}.fence`;

/** Takes the environment's lock or throws E501 naming its holder (exit 5): a file beside a ledger of DuckDB, else a row of the ledger. */
export async function takeLock(options: EngineOptions & { readonly waitMs: number }, runId: string): Promise<Lock> {
  const { ports, project, command, actor, waitMs, signal } = options;
  const { warehouse } = project.environment;
  const asked = {
    ...processIdentity(),
    holder: `${actor}@${hostname()}`,
    command,
    runId,
    leaseMs,
    requestDeadlineMs,
    waitMs,
    ...(signal === undefined ? {} : { signal }),
  };
  if (warehouse.type !== "duckdb") return takeRemoteLock(options, warehouse, asked);
  const lock = await acquireLock(ports, lockFile(project), { ...asked, lastFence: await fenceBefore(options) });
  await keepFence(options, lock.fence);
  return lock;
}

/** Who holds the environment; null when nobody does. */
export async function lockHolder(options: EngineOptions): Promise<LockContent | null> {
  const { warehouse } = options.project.environment;
  if (warehouse.type === "duckdb") return readLock(options.ports.files, lockFile(options.project));
  return withLockRow(options, warehouse, async (_, { runId, content, broken }) =>
    runId === null || content === null ? null : { ...content, broken },
  );
}

/** Frees the lock of that run (its id or the end of it) and of no other; false when it does not hold it. */
export async function freeLock(options: EngineOptions, runId: string): Promise<boolean> {
  const { warehouse } = options.project.environment;
  if (warehouse.type === "duckdb") return breakLock(options.ports.files, lockFile(options.project), runId);
  const freed = await withLockRow(options, warehouse, async (rows, row) => {
    const named = row.runId !== null && (row.runId === runId || shortRun(row.runId) === runId);
    return named && !row.broken && row.content !== null && (await rows.break(row.content));
  });
  return freed ?? false;
}

/** Beats until it is stopped; `lost` hears why the lock is no longer ours. */
export function keepAlive(lock: Lock, lost: (error: unknown) => void): { stop(): void } {
  const heart = setInterval(() => void lock.heartbeat().catch(lost), heartbeatMs);
  heart.unref();
  return { stop: () => clearInterval(heart) };
}

/** Fences only grow; the newest one outlives the lock, so that the ledger never meets a smaller one again. */
export async function keepFence(options: EngineOptions, fence: number): Promise<void> {
  const { warehouse } = options.project.environment;
  if (warehouse.type === "duckdb") await options.ports.files.writeAtomic(fenceFile(options.project), String(fence));
  else await withLockRow(options, warehouse, (rows) => rows.raiseFloor(fence));
}

/** The newest fence by its file; where only the ledger was kept (a copy, a cache of CI), by the ledger. */
async function fenceBefore({ project, ports, env }: EngineOptions): Promise<number> {
  const bytes = await ports.files.read(fenceFile(project));
  const kept = bytes === null ? Number.NaN : Number(Buffer.from(bytes).toString("utf8"));
  if (Number.isSafeInteger(kept)) return kept;
  // Whoever holds the lock knows the fence, and has the ledger open.
  if ((await readLock(ports.files, lockFile(project))) !== null) return 0;
  const session = await openSession(project, { write: false, env, clock: ports.clock });
  try {
    const { warehouse } = session;
    const ledger = { dialect: warehouse.dialect, schema: session.ledgerPlace };
    const states = await readStates(warehouse, ledger, await ledgerTables(warehouse, ledger));
    return Math.max(0, ...[...states.values()].map(({ fence }) => fence));
  } finally {
    await session.close();
  }
}
