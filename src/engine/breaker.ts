import type { Clock } from "../ports.ts";

const failuresToOpen = 10;
const firstRestMs = 10_000;
const longestRestMs = 60_000;
const probesToGiveUp = 5;

export type Admission =
  | { readonly status: "go" }
  | { readonly status: "wait"; readonly ms: number }
  | { readonly status: "broken" };

/**
 * The circuit breaker of one account. Ten failures in a row open it for 10 s (then 20, 40, 60 s); after each rest one
 * request probes. When the fifth probe has failed, about three minutes in, it stays open: the sync fails, the
 * other destinations go on.
 */
export class Breaker {
  readonly #clock: Clock;
  #failures = 0;
  #failedProbes = 0;
  #restUntil: number | null = null;
  #probing = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get broken(): boolean {
    return this.#failedProbes >= probesToGiveUp;
  }

  /** `go` while open makes the caller the probe: it must report success, failure or `abandon`. */
  admit(): Admission {
    if (this.broken) return { status: "broken" };
    if (this.#restUntil === null) return { status: "go" };
    const left = this.#restUntil - this.#clock.monotonic();
    if (left > 0) return { status: "wait", ms: left };
    if (this.#probing) return { status: "wait", ms: 500 };
    this.#probing = true;
    return { status: "go" };
  }

  success(): void {
    this.#failures = 0;
    this.#failedProbes = 0;
    this.#restUntil = null;
    this.#probing = false;
  }

  /** True when this failure opened it. */
  failure(): boolean {
    this.#failures += 1;
    if (this.#restUntil === null) return this.#failures >= failuresToOpen && this.#rest();
    if (!this.#probing) return false;
    this.#probing = false;
    this.#failedProbes += 1;
    return this.#rest();
  }

  /** The request says nothing about the platform's health (aborted, throttled). */
  abandon(): void {
    this.#probing = false;
  }

  #rest(): true {
    this.#restUntil = this.#clock.monotonic() + Math.min(longestRestMs, firstRestMs * 2 ** this.#failedProbes);
    return true;
  }
}
