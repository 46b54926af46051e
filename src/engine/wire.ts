/**
 * Ways to a platform that are not HTTP: a database, an SFTP server. A wire connects at its first use and carries one effect
 * at a time; what is known of an effect's fate, and whether it is tried again, is decided here for all of them.
 */
import type { Effect } from "../destination/index.ts";
import type { Ports } from "../ports.ts";
import type { Carried, CarryOptions } from "./courier.ts";
import type { Limiter } from "./limiter.ts";
import { backoffMs } from "./retry.ts";

export type WireEffect = Extract<Effect, { readonly sql: unknown } | { readonly sftp: unknown }>;

/** A way to one account. */
export interface Wire {
  /** The effect's reply. Throws {@link WireFault} only. */
  carry(effect: WireEffect): Promise<unknown>;
  close(): Promise<void>;
}

/** Why there is no reply. */
export class WireFault extends Error {
  /** It may have been applied all the same. */
  readonly applied: boolean;
  /** A code of `millrace explain` where no other try can help. */
  readonly lasting: { readonly code: string; readonly hint: string } | undefined;

  constructor(message: string, applied: boolean, lasting?: WireFault["lasting"]) {
    super(message);
    this.name = "WireFault";
    this.applied = applied;
    this.lasting = lasting;
  }
}

export type WireCarried =
  | { readonly status: "reply"; readonly reply: unknown; readonly doubt: boolean }
  | Exclude<Carried, { readonly status: "answer" }>;

export interface WireOptions extends Omit<CarryOptions, "idempotencyKey"> {
  readonly ports: Ports;
  readonly limiter: Limiter;
  /** Tries, the first included. */
  readonly attempts: number;
  /** From the first try to the last, milliseconds. */
  readonly deadlineMs: number;
  /** Hides secrets in a text. */
  readonly hide: (text: string) => string;
  readonly onRequest: () => void;
}

/** Does the effect change nothing? */
export const isQuestion = (effect: WireEffect): boolean =>
  "sql" in effect ? effect.sql.every(({ text }) => /^\s*select\b/i.test(text)) : "list" in effect.sftp;

/** Carries one effect to its end: tried again while that can help, never on doubt where a repeat would harm. */
export async function carryOver(wire: Wire, effect: WireEffect, options: WireOptions): Promise<WireCarried> {
  const { ports, limiter, signal, once, maySend, attempts, hide } = options;
  const deadline = ports.clock.monotonic() + options.deadlineMs;
  let doubt = false;
  for (let attempt = 1; ; attempt += 1) {
    const release = await limiter.acquire(signal).catch(() => null);
    try {
      if (release === null || signal.aborted) return { status: "unsent", reason: "interrupted", doubt };
      if (!maySend()) return { status: "unsent", reason: "the lease of this run is nearly over", doubt };
      options.onRequest();
      return { status: "reply", reply: await unlessInterrupted(wire.carry(effect), signal), doubt };
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      const message = hide(error.message);
      doubt ||= error.applied && !isQuestion(effect);
      if (error.lasting !== undefined) return { status: "failed", ...error.lasting, message, doubt };
      const wait = backoffMs(attempt, ports.random);
      const late = attempt >= attempts || ports.clock.monotonic() + wait > deadline;
      if (late || (doubt && once)) return { status: "unsent", reason: message, doubt };
      await ports.clock.sleep(wait, signal).catch(() => undefined);
    } finally {
      release?.();
    }
  }
}

/** Whoever presses Ctrl-C twice does not wait for a lock in a database: what was under way is in doubt. */
async function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    stop = () => reject(new WireFault("interrupted", true));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
