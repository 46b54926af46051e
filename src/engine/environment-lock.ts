/** The lock of a project's environment as runs and operators take it: lease, fence that outlives it, heartbeat. */
import { hostname } from "node:os";
import path from "node:path";
import { acquireLock, readLock, type Lock } from "../ledger/lock.ts";
import { ledgerTables, readStates } from "../ledger/state.ts";
import { openSession } from "../models/session.ts";
import type { Project } from "../project/project.ts";
import type { EngineOptions } from "./api.ts";
import { processIdentity } from "./process-identity.ts";

/** Longest time of one request; the lease must outlive two of them (R23). */
const requestDeadlineMs = 300_000;
const leaseMs = 2 * requestDeadlineMs + 60_000;
const heartbeatMs = 30_000;

export const lockFile = (project: Project): string =>
  path.join(project.root, ".millrace", `${project.environment.name}.lock`);

const fenceFile = (project: Project): string => `${lockFile(project)}.fence`;

/** Takes the environment's lock or throws E501 naming its holder (exit 5). */
export async function takeLock(options: EngineOptions & { readonly waitMs: number }, runId: string): Promise<Lock> {
  const { ports, project, command, actor, waitMs, signal } = options;
  const lock = await acquireLock(ports, lockFile(project), {
    ...processIdentity(),
    holder: `${actor}@${hostname()}`,
    command,
    runId,
    leaseMs,
    requestDeadlineMs,
    lastFence: await fenceBefore(options),
    waitMs,
    ...(signal === undefined ? {} : { signal }),
  });
  await keepFence(options, lock.fence);
  return lock;
}

/** Beats until it is stopped; `lost` hears why the lock is no longer ours. */
export function keepAlive(lock: Lock, lost: (error: unknown) => void): { stop(): void } {
  const heart = setInterval(() => void lock.heartbeat().catch(lost), heartbeatMs);
  heart.unref();
  return { stop: () => clearInterval(heart) };
}

/** Fences only grow; the newest one outlives the lock, so that the ledger never meets a smaller one again. */
export async function keepFence({ project, ports }: EngineOptions, fence: number): Promise<void> {
  await ports.files.writeAtomic(fenceFile(project), String(fence));
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
