/** The lock of an environment whose ledger stands in a warehouse that many machines reach: taken, kept and left through its row. */
import { MillraceError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { Lock, LockOptions } from "./held-lock.ts";
import { leaseOver, lockedBy, lost } from "./lock-errors.ts";
import type { Horizons, LockContent } from "./lock-file.ts";
import type { LockRow, LockRows } from "./lock-rows.ts";
import { describe, judge, patienceMs, Watch } from "./lock-verdict.ts";

/** Asking costs a statement. */
const pollMs = 2_000;
/** A grant that was used up sooner is doubled: each one is a statement that takes seconds. */
const grantMs = 10_000;
const mostAhead = 1 << 22;

/** Takes the lock of environment `name`, waits for it as told, or throws E501 naming the holder (exit 5). */
export async function acquireRowLock(ports: Ports, rows: LockRows, name: string, options: LockOptions): Promise<Lock> {
  const { clock } = ports;
  const started = clock.monotonic();
  const watch = new Watch();
  for (;;) {
    options.signal?.throwIfAborted();
    const row = await rows.open();
    const other = row.runId === null ? null : heldBy(row);
    const verdict = other === null ? "stale" : await judge(ports, options, other, watch);
    if (verdict === "stale") {
      const fence = Math.max(options.lastFence, row.fence, row.fenceFloor) + 1;
      const heartbeatAt = clock.monotonic();
      const mine = { ...describe(ports, options, fence), horizons: row.content?.horizons ?? {} };
      if (await taken(ports, rows, row, mine))
        return new RowLock(ports, rows, name, options, mine, row.content, heartbeatAt);
    }
    if (other !== null && clock.monotonic() - started >= patienceMs(options, verdict))
      throw lockedBy(name, other, clock.now());
    await clock.sleep(pollMs, options.signal);
  }
}

const heldBy = ({ content, broken }: LockRow): LockContent | null => content && { ...content, broken };

/** An error does not say what became of the statement: the row does. Who lost the race may be told so by one, too. */
async function taken({ clock }: Ports, rows: LockRows, row: LockRow, mine: LockContent): Promise<boolean> {
  try {
    return await rows.take(row, mine);
  } catch (error) {
    for (let looks = 0; looks < 3; looks += 1) {
      const now = await rows.open();
      if (now.fence === mine.fence && now.runId === mine.runId) return true;
      if (now.fence !== row.fence) return false;
      // Whoever was faster may not have committed yet.
      await clock.sleep(pollMs);
    }
    throw error;
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof MillraceError && error.diagnostics.some((diagnostic) => diagnostic.code === code);

class RowLock implements Lock {
  readonly fence: number;
  readonly previous: LockContent | null;
  readonly #ports: Ports;
  readonly #rows: LockRows;
  readonly #name: string;
  readonly #options: LockOptions;
  #mine: LockContent;
  /** Monotonic. */
  #leaseUntil: number;
  /** One statement at a time. */
  #writing: Promise<void> = Promise.resolve();
  /** Rows granted beyond those asked for, and when the last grant was made: sync -> both. */
  readonly #grants = new Map<string, { readonly ahead: number; readonly at: number }>();

  constructor(
    ports: Ports,
    rows: LockRows,
    name: string,
    options: LockOptions,
    mine: LockContent,
    previous: LockContent | null,
    heartbeatAt: number,
  ) {
    this.fence = mine.fence;
    this.previous = previous;
    this.#ports = ports;
    this.#rows = rows;
    this.#name = name;
    this.#options = options;
    this.#mine = mine;
    this.#leaseUntil = heartbeatAt + options.leaseMs;
  }

  async setHorizon(sync: string, plan: string, seq: number): Promise<number> {
    const { clock } = this.#ports;
    const { ahead, at } = this.#grants.get(sync) ?? { ahead: 0, at: Number.NEGATIVE_INFINITY };
    const soon = clock.monotonic() - at < grantMs;
    const more = soon ? Math.min(mostAhead, Math.max(20_000, 2 * ahead)) : Math.floor(ahead / 2);
    const granted = seq + more;
    await this.#renew({ [sync]: { plan, seq: granted } });
    this.#grants.set(sync, { ahead: more, at: clock.monotonic() });
    return granted;
  }

  /** A warehouse that does not answer costs nothing as long as the lease lasts: the next beat may reach it. */
  async heartbeat(): Promise<void> {
    try {
      await this.#renew({});
    } catch (error) {
      if (hasCode(error, "E502") || this.#isOver()) throw error;
    }
  }

  mustStop(): boolean {
    return this.#leaseUntil - this.#ports.clock.monotonic() < this.#options.requestDeadlineMs;
  }

  async assertHeld(): Promise<void> {
    if (!(await this.#rows.holds(this.#mine))) throw lost(this.#name, null);
  }

  /** The horizons stay: should a plan be open still, the next run needs them. */
  async release(): Promise<void> {
    await this.#writing.catch(() => undefined);
    if (!this.#isOver()) await this.#rows.free(this.#mine);
  }

  #isOver(): boolean {
    return this.#ports.clock.monotonic() >= this.#leaseUntil;
  }

  #renew(horizons: Horizons): Promise<void> {
    const write = async (): Promise<void> => {
      const { clock } = this.#ports;
      const at = clock.monotonic();
      if (this.#isOver()) throw leaseOver(this.#name);
      const now = clock.now();
      const next = {
        ...this.#mine,
        aliveAt: now,
        leaseUntil: now + this.#options.leaseMs,
        horizons: { ...this.#mine.horizons, ...horizons },
      };
      // Whatever comes of the statement: should it have been done, what is written next must not take the horizon back.
      this.#mine = next;
      if (!(await this.#rows.renew(next))) throw lost(this.#name, null);
      if (this.#isOver()) throw leaseOver(this.#name);
      this.#leaseUntil = at + this.#options.leaseMs;
    };
    const written = this.#writing.catch(() => undefined).then(write);
    this.#writing = written.catch(() => undefined);
    return written;
  }
}
