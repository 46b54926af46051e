/**
 * The lock of an environment (decision 11): one run at a time, a fence that only grows, a lease for owners who
 * cannot be proved dead, and the send horizons a successor needs.
 */
import { basename } from "node:path";
import { exitCodes, failure, type MillraceError } from "../errors.ts";
import type { Files, Ports } from "../ports.ts";
import { provenDead, type ProcessIdentity } from "./liveness.ts";
import {
  claimPath,
  pulsePath,
  readHorizons,
  readLock,
  readLockFile,
  removeLeftovers,
  shortRun,
  type Horizons,
  type LockContent,
  type LockPulse,
} from "./lock-file.ts";

export { breakLock, readLock } from "./lock-file.ts";
export type { Horizons, LockContent } from "./lock-file.ts";

export interface LockOptions extends ProcessIdentity {
  /** `ci@runner-12`. */
  readonly holder: string;
  readonly command: string;
  readonly runId: string;
  /** Time between a heartbeat and the end of the lease; at least twice `requestDeadlineMs`, or nothing is ever sent. */
  readonly leaseMs: number;
  /** Longest time a single request may take. */
  readonly requestDeadlineMs: number;
  /** The highest fence the ledger has seen. */
  readonly lastFence: number;
  /** How long to wait for another holder; 0 = not at all. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

export interface Lock {
  readonly fence: number;
  /** The lock of a run that ended without releasing it, with every horizon that was granted; null after a clean end. */
  readonly previous: LockContent | null;
  /** Durable when it returns: rows of `plan` up to `seq` may now be sent. Throws E502 when the lock was lost. */
  setHorizon(sync: string, plan: string, seq: number): Promise<void>;
  /** Renews the lease; call it several times per lease. Throws E502 when the lock was lost or the lease ran out. */
  heartbeat(): Promise<void>;
  /** The rest of the lease is shorter than a request may take: send nothing more (R23). */
  mustStop(): boolean;
  /** Throws E502 when another run took over. */
  assertHeld(): Promise<void>;
  /** Leaves nothing behind. A lease that ran out is left to the next run, which may be taking it over right now. */
  release(): Promise<void>;
}

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

class FileLock implements Lock {
  readonly fence: number;
  readonly previous: LockContent | null;
  readonly #ports: Ports;
  readonly #path: string;
  readonly #options: LockOptions;
  readonly #runId: string;
  #horizons: Horizons;
  /** Monotonic. */
  #leaseUntil: number;
  /** One write of the pulse at a time. */
  #writing: Promise<void> = Promise.resolve();

  constructor(
    ports: Ports,
    path: string,
    options: LockOptions,
    mine: LockContent,
    previous: LockContent | null,
    horizons: Horizons,
    heartbeatAt: number,
  ) {
    this.fence = mine.fence;
    this.previous = previous;
    this.#ports = ports;
    this.#path = path;
    this.#options = options;
    this.#runId = mine.runId;
    this.#horizons = horizons;
    this.#leaseUntil = heartbeatAt + options.leaseMs;
  }

  setHorizon(sync: string, plan: string, seq: number): Promise<void> {
    return this.#pulse({ [sync]: { plan, seq } });
  }

  heartbeat(): Promise<void> {
    return this.#pulse({});
  }

  mustStop(): boolean {
    return this.#leaseUntil - this.#ports.clock.monotonic() < this.#options.requestDeadlineMs;
  }

  async assertHeld(): Promise<void> {
    const now = await readLockFile(this.#ports.files, this.#path);
    if (now?.runId !== this.#runId || now.fence !== this.fence || now.broken) throw lost(this.#path, now);
  }

  async release(): Promise<void> {
    await this.#writing.catch(() => undefined);
    if (this.#ports.clock.monotonic() >= this.#leaseUntil) return;
    await this.assertHeld();
    await this.#ports.files.remove(this.#path);
    await this.#ports.files.remove(pulsePath(this.#path, { fence: this.fence, runId: this.#runId }));
  }

  /** Writes lease and horizons, then looks whether the lock is still ours: only both together make them count. */
  #pulse(horizons: Horizons): Promise<void> {
    const write = async (): Promise<void> => {
      const { clock, files } = this.#ports;
      const at = clock.monotonic();
      if (at >= this.#leaseUntil) throw leaseOver(this.#path);
      const granted = { ...this.#horizons, ...horizons };
      const now = clock.now();
      const pulse: LockPulse = {
        runId: this.#runId,
        fence: this.fence,
        aliveAt: now,
        leaseUntil: now + this.#options.leaseMs,
        horizons: granted,
      };
      await files.writeAtomic(pulsePath(this.#path, pulse), JSON.stringify(pulse));
      await this.assertHeld();
      if (clock.monotonic() >= this.#leaseUntil) throw leaseOver(this.#path);
      this.#horizons = granted;
      this.#leaseUntil = at + this.#options.leaseMs;
    };
    const written = this.#writing.catch(() => undefined).then(write);
    this.#writing = written.catch(() => undefined);
    return written;
  }
}

const environmentOf = (path: string): string => basename(path).replace(/\.lock$/, "");

function lockedBy(path: string, lock: LockContent, now: number): MillraceError {
  const since = `${new Date(lock.since).toISOString().slice(11, 19)} (${roughly(now - lock.since)})`;
  const message = [
    `another run is working on ${environmentOf(path)}`,
    `  run ${shortRun(lock.runId)} by ${lock.holder} (pid ${lock.pid}), "${lock.command}", since ${since}, alive ${roughly(now - lock.aliveAt)} ago`,
  ];
  return failure("E501", message.join("\n"), {
    exit: exitCodes.locked,
    hint: `wait for it: --wait 10m    if that machine is gone: millrace state unlock ${shortRun(lock.runId)}`,
  });
}

const lost = (path: string, now: LockContent | null): MillraceError =>
  failure(
    "E502",
    `the lock of ${environmentOf(path)} was taken over${now ? ` by run ${shortRun(now.runId)} of ${now.holder}` : ""}; nothing more is sent`,
    {
      exit: exitCodes.locked,
      hint: "this run was paused or unreachable for longer than its lease; the other run settles what it had sent",
    },
  );

const leaseOver = (path: string): MillraceError =>
  failure("E502", `the lease on ${environmentOf(path)} ran out; nothing more is sent`, {
    exit: exitCodes.locked,
    hint: "the process was paused for too long: run the command again",
  });

/** `3 s`, `2 min`, `5 h`, `3 d`; never negative, whatever the clocks say. */
function roughly(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
