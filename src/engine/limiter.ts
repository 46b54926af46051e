import type { Limits } from "../destination/index.ts";
import type { Clock } from "../ports.ts";

export interface Limiter {
  /** Resolves when a request may leave, first come, first served; call what it returns when the answer is there. */
  acquire(signal?: AbortSignal): Promise<() => void>;
  /** Nothing leaves for so long: the platform asked everybody to slow down. */
  pause(ms: number): void;
}

/**
 * Keeps one account inside its platform's limits: in any window of `perSeconds` at most `requests` leave, and at
 * most `concurrency` (default 4) are under way.
 */
export function createLimiter(clock: Clock, limits: Pick<Limits, "rate" | "concurrency">): Limiter {
  const concurrency = limits.concurrency ?? 4;
  const times = new Window(limits.rate?.requests ?? 0);
  const windowMs = (limits.rate?.perSeconds ?? 0) * 1000;
  let running = 0;
  let pausedUntil = 0;
  let turn: Promise<void> = Promise.resolve();
  let freed = deferred();

  const release = (): void => {
    running -= 1;
    freed.resolve();
    freed = deferred();
  };

  async function grant(signal: AbortSignal | undefined): Promise<void> {
    // oxlint-disable-next-line no-unmodified-loop-condition -- `release` lowers it
    while (running >= concurrency) await unlessAborted(freed.promise, signal);
    for (;;) {
      signal?.throwIfAborted();
      const now = clock.monotonic();
      const wait = Math.max(pausedUntil, times.oldest + windowMs) - now;
      if (wait <= 0) break;
      await clock.sleep(wait, signal);
    }
    times.add(clock.monotonic());
    running += 1;
  }

  return {
    async acquire(signal) {
      const before = turn;
      const mine = deferred();
      turn = mine.promise;
      await before;
      try {
        await grant(signal);
      } finally {
        mine.resolve();
      }
      return once(release);
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, clock.monotonic() + ms);
    },
  };
}

/** The last `size` times; `oldest` is the one that must have left the window before another may leave. */
class Window {
  readonly #times: Float64Array;
  #at = 0;

  constructor(size: number) {
    this.#times = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  }

  get oldest(): number {
    return this.#times[this.#at] ?? Number.NEGATIVE_INFINITY;
  }

  add(time: number): void {
    if (this.#times.length === 0) return;
    this.#times[this.#at] = time;
    this.#at = (this.#at + 1) % this.#times.length;
  }
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Deferred {
  let resolve = nothing;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

async function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return await work;
  signal.throwIfAborted();
  let stop = nothing;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

const nothing = (): void => undefined;
