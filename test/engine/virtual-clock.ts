import type { Clock, Ports, Random } from "../../src/ports.ts";
import { memoryFiles } from "../ledger/memory-files.ts";

export interface VirtualClock extends Clock {
  /** Every sleep so far, milliseconds. */
  readonly slept: number[];
}

/** A clock that jumps to the end of every sleep; sleepers wake in the order of their times. */
export function virtualClock(start = Date.parse("2026-01-05T06:00:00Z")): VirtualClock {
  let at = 0;
  const sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  let scheduled = false;
  const slept: number[] = [];

  const schedule = (): void => {
    if (scheduled || sleepers.length === 0) return;
    scheduled = true;
    // Real work (sockets, files) goes first; time passes only when nothing else happens.
    setImmediate(() => {
      scheduled = false;
      sleepers.sort((one, other) => one.until - other.until);
      const next = sleepers.shift();
      if (next) {
        at = Math.max(at, next.until);
        next.wake();
      }
      schedule();
    });
  };

  return {
    slept,
    now: () => start + at,
    monotonic: () => at,
    sleep(ms, signal) {
      slept.push(ms);
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = (): void => {
          sleepers.splice(sleepers.indexOf(entry), 1);
          reject(signal?.reason);
        };
        const wake = (): void => {
          signal?.removeEventListener("abort", stop);
          resolve();
        };
        const entry = { until: at + ms, wake };
        sleepers.push(entry);
        signal?.addEventListener("abort", stop, { once: true });
        schedule();
      });
    },
  };
}

/** Hex that counts up, so that run ids of a clock that stands still sort in the order they were made; numbers as ever. */
export function countingRandom(random: Random): Random {
  let made = 0;
  return { next: () => random.next(), hex: (bytes) => (++made).toString(16).padStart(bytes * 2, "0") };
}

/** Random numbers from a list, over and over. */
export function fixedRandom(...values: readonly number[]): Random {
  let at = 0;
  return { next: () => values[at++ % values.length] ?? 0.5, hex: (bytes) => "ab".repeat(bytes) };
}

export function virtualPorts(): Ports & { readonly clock: VirtualClock } {
  return { clock: virtualClock(), random: fixedRandom(0.5), files: memoryFiles() };
}
