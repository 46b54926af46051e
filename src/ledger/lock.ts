/**
 * The lock of an environment (decision 11): one run at a time, a fence that only grows, a lease for owners who
 * cannot be proved dead, and the send horizons a successor needs.
 */
import type { Files, Ports } from "../ports.ts";
import { FileLock, type Lock, type LockOptions } from "./held-lock.ts";
import { provenDead } from "./liveness.ts";
import { lockedBy } from "./lock-errors.ts";
import {
  claimPath,
  pulsePath,
  readHorizons,
  readLock,
  readLockFile,
  removeLeftovers,
  type LockContent,
} from "./lock-file.ts";

export { breakLock, readLock } from "./lock-file.ts";
export type { Horizons, LockContent } from "./lock-file.ts";
export type { Lock, LockOptions } from "./held-lock.ts";

const pollMs = 250;
/** A stale-looking lock of another machine is watched this long before its clock is believed. */
const watchMs = 30_000;
/** What is waited for without being asked to: the watch, and a rival in the middle of a takeover. */
const extraPatienceMs = { held: 0, watching: watchMs, stale: 5_000 } as const;

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
    const patience = Math.max(options.waitMs, extraPatienceMs[verdict]);
    if (clock.monotonic() - started >= patience) throw lockedBy(path, other, clock.now());
    await clock.sleep(pollMs, options.signal);
  }
}

/** Remembers since when (monotonic) a holder has shown no sign of life to us. */
class Watch {
  readonly #seen = new Map<string, { readonly sign: string; readonly since: number }>();

  quietFor(lock: LockContent, monotonic: number): number {
    const holder = `${lock.fence} ${lock.runId}`;
    const sign = `${lock.aliveAt} ${lock.leaseUntil}`;
    const seen = this.#seen.get(holder);
    if (seen?.sign === sign) return monotonic - seen.since;
    this.#seen.set(holder, { sign, since: monotonic });
    return 0;
  }
}

/**
 * Stale: proved dead, or freed by a person, or lease and request deadline are over. The owner's clock may be wrong by
 * hours, so its lease counts as over only if we saw no heartbeat meanwhile; and a lease far in the future counts as
 * over when we ourselves saw no heartbeat for its whole length.
 */
async function judge(
  ports: Ports,
  self: LockOptions,
  other: LockContent,
  watch: Watch,
): Promise<"stale" | "watching" | "held"> {
  if (other.broken || (await provenDead(ports.files, other, self))) return "stale";
  const wait = self.leaseMs + Math.max(self.requestDeadlineMs, other.requestDeadlineMs);
  const quiet = watch.quietFor(other, ports.clock.monotonic());
  if (quiet >= wait) return "stale";
  if (ports.clock.now() <= other.leaseUntil + Math.max(self.requestDeadlineMs, other.requestDeadlineMs)) return "held";
  return quiet >= Math.min(watchMs, wait) ? "stale" : "watching";
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

function describe(ports: Ports, options: LockOptions, fence: number): LockContent {
  const { holder, host, pid, pidNamespace, bootId, processStart, command, runId, leaseMs, requestDeadlineMs } = options;
  const now = ports.clock.now();
  const process = { host, pid, pidNamespace, bootId, processStart };
  return {
    format: 1,
    holder,
    ...process,
    command,
    runId,
    fence,
    since: now,
    aliveAt: now,
    leaseUntil: now + leaseMs,
    requestDeadlineMs,
    horizons: {},
  };
}
