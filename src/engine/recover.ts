/**
 * What a run that died left open: its plan is settled from its journal under today's fence, before anything new is planned.
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import type { JournalContent } from "../ledger/journal.ts";
import type { Knowledge } from "../ledger/knowledge.ts";
import type { LockContent } from "../ledger/lock.ts";
import type { SyncState } from "../ledger/state.ts";
import { openSession, type Session, type SessionOptions } from "../models/session.ts";
import type { Project } from "../project/project.ts";
import type { Ledger } from "../ledger/tables.ts";
import type { EngineOptions } from "./api.ts";
import { readFrozen, thawed } from "./frozen.ts";
import { runFile, runsFolder, type RunStore } from "./run-store.ts";
import { recordsOf, settleFrozen } from "./settle-frozen.ts";
import { tellUnfolded } from "./unfolded.ts";
import { readKnown } from "./workspace.ts";

export interface RecoverOptions extends Pick<EngineOptions, "project" | "ports" | "env" | "onEvent"> {
  /** Of the run or operation that recovers. */
  readonly runId: string;
  readonly fence: number;
  /** The lock of the run that died, with its horizons; null when it is gone. */
  readonly previous: LockContent | null;
  readonly store: RunStore;
  /** Syncs whose rows in the ledger are of interest next. */
  readonly selected?: readonly string[];
}

/**
 * Settles every open plan. E510 when the rows of one are gone. Gives what the ledger knows where there was none, so that nothing
 * was written: it holds for whoever has the lock, until he writes. Else null.
 */
export async function recover(options: RecoverOptions): Promise<Knowledge | null> {
  const known = await knowledge(options);
  const open = [...known.states.values()].filter((state) => state.openPlan !== null);
  const runs = new Set(open.map((state) => state.openRun ?? ""));
  for (const runId of runs) {
    if (!options.store.has(runId))
      throw damaged(
        options.project,
        open.find((state) => state.openRun === runId),
      );
    await mkdir(runsFolder(options.project), { recursive: true, mode: 0o700 });
    const session = await openSession(options.project, {
      ...writing(options),
      runFile: runFile(options.project, runId),
    });
    try {
      for (const state of open.filter((one) => one.openRun === runId)) await settleOpen(options, session, state);
    } finally {
      await session.close();
    }
  }
  await options.store.clear();
  return open.length === 0 ? known : null;
}

const writing = ({ ports, env, runId, onEvent }: RecoverOptions): SessionOptions => ({
  write: true,
  env,
  run: runId,
  clock: ports.clock,
  onUnfolded: tellUnfolded(onEvent),
});

async function knowledge(options: RecoverOptions): Promise<Knowledge> {
  const session = await openSession(options.project, writing(options));
  try {
    return await readKnown(options.project, session, options.selected ?? []);
  } finally {
    await session.close();
  }
}

const ledgerOf = (session: Session): Ledger => ({
  dialect: session.warehouse.dialect,
  schema: session.ledgerPlace,
});

async function settleOpen(options: RecoverOptions, session: Session, state: SyncState): Promise<void> {
  const { project, ports, fence, previous } = options;
  const { ferry } = session;
  const { desk, target } = ferry;
  const plan = { runId: state.openRun ?? "", id: state.id };
  const there = await options.store.fetch(plan, { desk, target });
  const frozen = there ? await readFrozen(desk, target, state.id) : null;
  if (frozen === null || frozen.plan !== state.openPlan) throw damaged(project, state);
  const journal = await ownJournal(options, state);
  const records = recordsOf(journal);
  const granted = previous?.horizons[state.sync];
  const horizon = granted?.plan === frozen.plan ? granted.seq : previous === null ? Number.MAX_SAFE_INTEGER : 0;
  const newest = records.reduce((latest, record) => Math.max(latest, record.at), 0);
  const now = ports.clock.now();
  const counts = await settleFrozen({
    ferry,
    source: thawed(frozen, project, desk, target),
    frozen,
    records,
    ledger: ledgerOf(session),
    fence,
    runId: state.openRun ?? "",
    serial: state.serial,
    now,
    // The last sign of life bounds when a request can have left (R8).
    doubtAt: Math.max(newest, previous?.aliveAt ?? now),
    horizon: journal === null || !options.store.sound(frozen) ? horizon : null,
    render: { asOf: frozen.asOf, lookups: new Map() },
  });
  options.onEvent({
    event: "sync.recovered",
    level: "warn",
    fields: {
      sync: state.sync,
      plan: frozen.plan.slice(0, 6),
      accepted: counts.outcomes.accepted,
      in_doubt: counts.outcomes.unknown,
    },
  });
}

/** The plan's own journal, or null when it is lost: then the send horizon says what may have left (R7). */
async function ownJournal({ store }: RecoverOptions, state: SyncState): Promise<JournalContent | null> {
  const journal = await store.read({ runId: state.openRun ?? "", id: state.id });
  if (journal === null) return null;
  if (journal.header.serial > state.serial) {
    throw failure(
      "E512",
      `the ledger of sync "${state.sync}" is older (${state.serial}) than its journal (${journal.header.serial}): it was restored from the past`,
      {
        hint: "bring back the newer ledger file; `millrace state prune` does not help here, it would forget what was sent since",
      },
    );
  }
  return journal.header.plan === state.openPlan ? journal : null;
}

function damaged(project: Project, state: SyncState | undefined): Error {
  return failure(
    "E510",
    `the ledger says plan ${state?.openPlan?.slice(0, 6)} of sync "${state?.sync}" is open, but its rows are gone`,
    {
      hint: `restore ${path.relative(project.root, runFile(project, state?.openRun ?? ""))}; without it, what that run sent is not known`,
    },
  );
}
