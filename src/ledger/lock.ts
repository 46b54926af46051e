/**
 * The lock of an environment (decision 11): one run at a time, a fence that only grows, a lease for owners who
 * cannot be proved dead, and the send horizons a successor needs.
 */
import type { Files, Ports } from "../ports.ts";
import { FileLock, type Lock, type LockOptions } from "./held-lock.ts";
import { lockedBy } from "./lock-errors.ts";
import { describe, judge, patienceMs, Watch } from "./lock-verdict.ts";
import {
  claimPath,
  pulsePath,
  readHorizons,
  readLock,
  readLockFile,
  removeLeftovers,
  type LockContent,
} from "./lock-file.ts";

export { breakLock, readLock, shortRun } from "./lock-file.ts";
export type { Horizons, LockContent } from "./lock-file.ts";
export type { Lock, LockOptions } from "./held-lock.ts";

const pollMs = 250;

/** Takes the lock at `path`, waits up to `waitMs` for it, or throws E501 naming the holder (exit 5). */
export async function acquireLock(ports: Ports, path: string, options: LockOptions): Promise<Lock> {
  if (options.leaseMs < 2 * options.requestDeadlineMs)
    throw new RangeError("leaseMs must be at least twice requestDeadlineMs");
  const { clock, files } = ports;
  const started = clock.monotonic();
  const watch = new Watch();
  for (;;) {
    options.signal?.throwIfAborted();
    const other = await readLock(files, path);
    if (!other) {
      const fresh = describe(ports, options, options.lastFence + 1);
      const heartbeatAt = clock.monotonic();
      if (!(await files.createExclusive(path, JSON.stringify(fresh)))) continue;
      await removeLeftovers(files, path, pulsePath(path, fresh));
      return new FileLock(ports, path, options, fresh, null, {}, heartbeatAt);
    }
    const verdict = await judge(ports, options, other, watch);
    if (verdict === "stale") {
      const taken = await takeOver(ports, path, options, other, watch);
      if (taken) return taken;
    }
    if (clock.monotonic() - started >= patienceMs(options, verdict)) throw lockedBy(path, other, clock.now());
    await clock.sleep(pollMs, options.signal);
  }
}

/** Null when somebody else was faster or the owner came back. */
async function takeOver(
  ports: Ports,
  path: string,
  options: LockOptions,
  stale: LockContent,
  watch: Watch,
): Promise<Lock | null> {
  const { clock, files } = ports;
  const claim = claimPath(path, stale.fence);
  const mine = describe(ports, options, Math.max(options.lastFence, stale.fence) + 1);
  const heartbeatAt = clock.monotonic();
  if (!(await files.createExclusive(claim, JSON.stringify(mine)))) {
    // Its creator may have died before it finished; a claim gives no rights, so a live one only has to try again.
    const rival = await readLockFile(files, claim);
    if (rival && (await judge(ports, options, rival, watch)) === "stale") await files.remove(claim);
    return null;
  }
  const now = await readLock(files, path);
  const unchanged = now?.runId === stale.runId && now.fence === stale.fence && now.aliveAt === stale.aliveAt;
  if (!unchanged) {
    await files.remove(claim);
    return null;
  }
  if (!(await renamed(files, claim, path))) return null;
  // Read after the takeover is visible: a horizon the old owner grants later is refused by its own look at the lock.
  const horizons = await readHorizons(files, path, now);
  const lock = new FileLock(ports, path, options, mine, { ...now, horizons }, horizons, heartbeatAt);
  await lock.heartbeat();
  await removeLeftovers(files, path, pulsePath(path, mine));
  return lock;
}

async function renamed(files: Files, from: string, to: string): Promise<boolean> {
  try {
    await files.rename(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
