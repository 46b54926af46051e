/**
 * What a run that died left open: its plan is settled from its journal under today's fence, before anything new is planned.
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { RunEvent } from "../core.ts";
import { failure } from "../errors.ts";
import { readJournal, type JournalContent } from "../ledger/journal.ts";
import type { LockContent } from "../ledger/lock.ts";
import { readStates, ledgerTables, type SyncState } from "../ledger/state.ts";
import { openSession, type Session, type SessionOptions } from "../models/session.ts";
import type { Project } from "../project/project.ts";
import type { Ports } from "../ports.ts";
import type { Ledger } from "../ledger/tables.ts";
import { readFrozen, thawed } from "./frozen.ts";
import { recordsOf, settleFrozen } from "./settle-frozen.ts";
import { tellUnfolded } from "./unfolded.ts";

export interface RecoverOptions {
  readonly project: Project;
  /** For secrets of the warehouse's connection. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly ports: Ports;
  readonly fence: number;
  /** The lock of the run that died, with its horizons; null when it is gone. */
  readonly previous: LockContent | null;
  readonly onEvent: (event: RunEvent) => void;
}

export const runsFolder = (project: Project): string => path.join(project.root, ".millrace", "runs");
export const runFile = (project: Project, runId: string): string => path.join(runsFolder(project), `${runId}.duckdb`);
export const journalFile = (project: Project, runId: string, id: string): string =>
  path.join(runsFolder(project), runId, `${id}.journal`);

/** Settles every open plan; returns how many there were. E510 when the rows of one are gone. */
export async function recover(options: RecoverOptions): Promise<number> {
  const open = await openPlans(options);
  const runs = new Set(open.map((state) => state.openRun ?? ""));
  for (const runId of runs) {
    const file = runFile(options.project, runId);
    if (!existsSync(file)) throw damaged(open.find((state) => state.openRun === runId));
    const session = await openSession(options.project, { ...writing(options), runFile: file });
    try {
      for (const state of open.filter((one) => one.openRun === runId)) await settleOpen(options, session, state);
    } finally {
      await session.close();
    }
  }
  await clearRuns(options.project);
  return open.length;
}

/** Under the lock no run is under way and every plan is closed: what killed runs left is of no use to anybody. */
async function clearRuns(project: Project): Promise<void> {
  await rm(runsFolder(project), { recursive: true, force: true });
}

const writing = ({ env, ports, onEvent }: RecoverOptions): SessionOptions => ({
  write: true,
  env,
  clock: ports.clock,
  onUnfolded: tellUnfolded(onEvent),
});

async function openPlans(options: RecoverOptions): Promise<readonly SyncState[]> {
  const { project } = options;
  const session = await openSession(project, writing(options));
  try {
    const ledger = ledgerOf(session);
    const tables = await ledgerTables(session.warehouse, ledger);
    const states = await readStates(session.warehouse, ledger, tables);
    return [...states.values()].filter((state) => state.openPlan !== null);
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
  const frozen = await readFrozen(desk, target, state.id);
  if (frozen === null || frozen.plan !== state.openPlan) throw damaged(state);
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
    horizon: journal === null ? horizon : null,
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
async function ownJournal({ project, ports }: RecoverOptions, state: SyncState): Promise<JournalContent | null> {
  const journal = await readJournal(ports.files, journalFile(project, state.openRun ?? "", state.id));
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

function damaged(state: SyncState | undefined): Error {
  return failure(
    "E510",
    `the ledger says plan ${state?.openPlan?.slice(0, 6)} of sync "${state?.sync}" is open, but its rows are gone`,
    {
      hint: `restore .millrace/runs/${state?.openRun}.duckdb; without it, what that run sent is not known`,
    },
  );
}
