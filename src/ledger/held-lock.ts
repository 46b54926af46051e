/** A lock that this process holds: its pulse, its horizons, its end. */
import type { Ports } from "../ports.ts";
import type { ProcessIdentity } from "./liveness.ts";
import { leaseOver, lost } from "./lock-errors.ts";
import { pulsePath, readLockFile, type Horizons, type LockContent, type LockPulse } from "./lock-file.ts";

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
  /** Durable when it returns: rows of `plan` up to `seq`, or as far beyond as it says, may now be sent. Throws E502 when the lock was lost. */
  setHorizon(sync: string, plan: string, seq: number): Promise<number>;
  /** Renews the lease; call it several times per lease. Throws E502 when the lock was lost or the lease ran out. */
  heartbeat(): Promise<void>;
  /** The rest of the lease is shorter than a request may take: send nothing more (R23). */
  mustStop(): boolean;
  /** Throws E502 when another run took over. */
  assertHeld(): Promise<void>;
  /** Leaves nothing behind. A lease that ran out is left to the next run, which may be taking it over right now. */
  release(): Promise<void>;
}

export class FileLock implements Lock {
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

  async setHorizon(sync: string, plan: string, seq: number): Promise<number> {
    await this.#pulse({ [sync]: { plan, seq } });
    return seq;
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
