/** Small changes of the ledger by an operator: under the environment's lock, after what a dead run left was settled. */
import { ledgerLasts } from "../models/session.ts";
import { failure } from "../errors.ts";
import type { EngineOptions } from "./api.ts";
import type { Lock } from "../ledger/lock.ts";
import { keepAlive, takeLock } from "./environment-lock.ts";
import { recover } from "./recover.ts";
import { openRunStore } from "./run-store.ts";
import { withLedger } from "./open-ledger.ts";
import { newRunId } from "./run-id.ts";
import { keepSerials } from "./serials.ts";

export interface Operation {
  /** Stands for the operation wherever a run's id stands. */
  readonly runId: string;
  readonly fence: number;
  /** Throws E502 where the lock was lost meanwhile: look before every write. */
  assertHeld(): Promise<void>;
}

/** Does the work while nobody else works on the environment; E501 (exit 5) when somebody does. */
export async function underLock<T>(options: EngineOptions, work: (operation: Operation) => Promise<T>): Promise<T> {
  const { project, ports } = options;
  if (!ledgerLasts(project)) {
    throw failure("E594", `the ledger of environment ${project.environment.name} lives in memory, for one command`, {
      hint: "give the environment's warehouse a path",
      exit: 64,
    });
  }
  const runId = newRunId(ports.clock, ports.random);
  const lock = await takeLock({ ...options, waitMs: 0 }, runId);
  const heart = keepAlive(lock, () => undefined);
  try {
    await recovered(options, lock, runId);
    const done = await work({ runId, fence: lock.fence, assertHeld: () => lock.assertHeld() });
    await withLedger(options, "read", ({ states }) =>
      keepSerials(options, new Map([...states.values()].map(({ id, serial }) => [id, serial]))),
    );
    return done;
  } finally {
    heart.stop();
    await lock.release().catch(() => undefined);
  }
}

async function recovered(options: EngineOptions, { fence, previous }: Lock, runId: string): Promise<void> {
  const store = await openRunStore(options, runId);
  try {
    await recover({ ...options, runId, fence, previous, store });
  } finally {
    await store.close();
  }
}
