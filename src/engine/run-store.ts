/**
 * Where what a run is about to do is kept until the ledger knows: on this disk, or in the ledger's warehouse for runners whose disk is
 * gone with them (`journal: warehouse`). Whoever finds a plan open finds its rows and its journal there, or knows that they are lost.
 */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Json } from "../core.ts";
import { openJournal, readJournal, startJournal, type Journal, type JournalContent } from "../ledger/journal.ts";
import type { JournalHeader } from "../ledger/journal.ts";
import { KeptTables } from "../ledger/kept-tables.ts";
import { WarehouseJournal } from "../ledger/warehouse-journal.ts";
import { openRemote, remoteTop, type RemoteSpec } from "../models/remote-warehouse.ts";
import type { Project } from "../project/project.ts";
import type { EngineOptions } from "./api.ts";
import type { FrozenPlan } from "./frozen.ts";
import { packed, unpack, type Desk } from "./kept-plan.ts";

/** Of one environment: another one's runs may be under way. */
export const runsFolder = ({ root, environment }: Project): string =>
  path.join(root, ".millrace", "runs", environment.name);
export const runFile = (project: Project, runId: string): string => path.join(runsFolder(project), `${runId}.duckdb`);

export type Header = Omit<JournalHeader, "format">;

/** A plan of a run, by the sync's internal id. */
export interface RunPlan {
  readonly runId: string;
  readonly id: string;
}

export interface RunStore {
  /** Does the journal alone say what of the plan left? Else the send horizon does (R7). */
  sound(frozen: FrozenPlan): boolean;
  /** Before the plan is opened in the ledger: its rows, and a journal with nothing but its header. */
  start(plan: RunPlan, header: Header, desk: Desk): Promise<void>;
  open(plan: RunPlan, header: Header, frozen: FrozenPlan): Promise<Journal>;
  read(plan: RunPlan): Promise<JournalContent | null>;
  /** Are the rows of a dead run's plans here, or can they be brought here? */
  has(runId: string): boolean;
  /** Brings the rows of a plan to the desk where they are not there; false when they are gone. */
  fetch(plan: RunPlan, desk: Desk): Promise<boolean>;
  /** After a run's plans were closed. */
  forget(runId: string): Promise<void>;
  /** Under the lock, with every plan closed: what killed runs left is of no use to anybody. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** The store of the project's environment; `runId`: who asks. */
export async function openRunStore(options: EngineOptions, runId: string): Promise<RunStore> {
  const { project } = options;
  const { warehouse, journal } = project.environment;
  const disk = new DiskStore(options);
  return journal === "warehouse" && warehouse.type !== "duckdb"
    ? openWarehouseStore(options, warehouse, disk, runId)
    : disk;
}

class DiskStore implements RunStore {
  readonly #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  sound(): boolean {
    return true;
  }

  async start(plan: RunPlan, header: Header): Promise<void> {
    await startJournal(this.#options.ports.files, this.#file(plan), header);
  }

  open(plan: RunPlan, header: Header): Promise<Journal> {
    return openJournal(this.#options.ports.files, this.#file(plan), header);
  }

  read(plan: RunPlan): Promise<JournalContent | null> {
    return readJournal(this.#options.ports.files, this.#file(plan));
  }

  has(runId: string): boolean {
    return existsSync(runFile(this.#options.project, runId));
  }

  async fetch(): Promise<boolean> {
    return true;
  }

  async forget(runId: string): Promise<void> {
    const file = runFile(this.#options.project, runId);
    for (const one of [file, `${file}.wal`, path.join(runsFolder(this.#options.project), runId)])
      await rm(one, { recursive: true, force: true });
  }

  async clear(): Promise<void> {
    await rm(runsFolder(this.#options.project), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  #file({ runId, id }: RunPlan): string {
    return path.join(runsFolder(this.#options.project), runId, `${id}.journal`);
  }
}

async function openWarehouseStore(
  options: EngineOptions,
  spec: RemoteSpec,
  disk: DiskStore,
  runId: string,
): Promise<RunStore> {
  const { project, env, ports } = options;
  const warehouse = (await openRemote(project, spec, env)).labelled({ run: runId });
  const tables = new KeptTables(warehouse, {
    dialect: warehouse.dialect,
    schema: [remoteTop(project, spec, env), spec.ledger_schema],
  });
  const folder = runsFolder(project);
  const file = ({ runId: run, id }: RunPlan): string => path.join(folder, `${run}.${id}.kept`);
  let made = false;
  return {
    sound: (frozen) => !horizonCovers(frozen),
    async start(plan, header, desk) {
      if (!made) {
        await tables.create();
        // Whatever an earlier run could not take away is of closed plans: this one recovered before it planned.
        await tables.clear();
      }
      made = true;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await tables.keep(plan, packed(desk, plan.id, file(plan)));
      await tables.insert(plan, 0, [{ ...header, format: 1 } as unknown as Json]);
    },
    open: async (plan, header, frozen) =>
      new WarehouseJournal({
        header: { ...header, format: 1 },
        clock: ports.clock,
        insert: (n, records) => tables.insert(plan, n, records),
        covered: (record) => horizonCovers(frozen) && (record as { readonly t?: string }).t === "i",
        next: 1,
      }),
    read: (plan) => tables.journal(plan),
    has: () => true,
    fetch: async (plan, desk) =>
      disk.has(plan.runId) && (await isThere(desk, plan.id)) ? true : unpack(desk, tables.kept(plan), file(plan)),
    async forget(run) {
      await disk.forget(run);
      // What stays for want of an answer is cleared by the next run.
      await tables.clear().catch(() => undefined);
    },
    clear: () => disk.clear(),
    close: () => warehouse.close(),
  };
}

/**
 * May intents be lost, because the horizon makes up for them? Only where a repeat is harmless and no batch must be named again: what
 * is sent once is held when in doubt, what is keyed is replayed by its batch, and a replaced target is one batch of all.
 */
const horizonCovers = ({ policy, object }: FrozenPlan): boolean =>
  policy.delivery === "set" && object.settles !== "run";

async function isThere({ desk, target }: Desk, id: string): Promise<boolean> {
  return desk.rows(`SELECT 1 FROM ${target}."frozen__${id}"`).then(
    (rows) => rows.length > 0,
    () => false,
  );
}
