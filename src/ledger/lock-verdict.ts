/** What is said of a lock that somebody else holds: is its holder gone? For locks in files and in rows alike. */
import type { Ports } from "../ports.ts";
import type { LockOptions } from "./held-lock.ts";
import { provenDead } from "./liveness.ts";
import type { LockContent } from "./lock-file.ts";

/** A lock whose lease looks over is watched this long before its holder's clock is believed: three heartbeats. */
const watchMs = 90_000;
/** What is waited for without being asked to: the watch, and a rival in the middle of a takeover. */
const extraPatienceMs = { held: 0, watching: watchMs, stale: 5_000 } as const;

export type Verdict = keyof typeof extraPatienceMs;

/** How long a run waits for another: as told, and what the verdict asks for. */
export const patienceMs = ({ waitMs }: LockOptions, verdict: Verdict): number =>
  Math.max(waitMs, extraPatienceMs[verdict]);

/** Remembers since when (monotonic) a holder has shown no sign of life to us. */
export class Watch {
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
export async function judge(ports: Ports, self: LockOptions, other: LockContent, watch: Watch): Promise<Verdict> {
  if (other.broken || (await provenDead(ports.files, other, self))) return "stale";
  const wait = self.leaseMs + Math.max(self.requestDeadlineMs, other.requestDeadlineMs);
  const quiet = watch.quietFor(other, ports.clock.monotonic());
  if (quiet >= wait) return "stale";
  if (ports.clock.now() <= other.leaseUntil + Math.max(self.requestDeadlineMs, other.requestDeadlineMs)) return "held";
  return quiet >= Math.min(watchMs, wait) ? "stale" : "watching";
}

/** What a run that takes the lock writes about itself. */
export function describe(ports: Ports, options: LockOptions, fence: number): LockContent {
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
