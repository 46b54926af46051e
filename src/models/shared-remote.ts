/**
 * One connection to a remote warehouse for all sessions that a command opens after each other: the scratch tables made over it
 * and the names of tables it was told outlive a session that is closed while another one, or the holder of the connection,
 * goes on.
 */
import { MillraceError } from "../errors.ts";
import { wordsOf } from "../ledger/words.ts";
import type { Project } from "../project/project.ts";
import { executeAll } from "../warehouse/execute-all.ts";
import type { Labels, Warehouse } from "../warehouse/warehouse.ts";
import { openRemote, remoteTop, type RemoteSpec } from "./remote-warehouse.ts";
import { isOldScratch } from "./scratch-names.ts";

/** Where the tables of an environment stand, each a catalog and a schema. */
export interface Places {
  readonly ledgerPlace: readonly string[];
  readonly modelPlace: readonly string[];
  readonly scratchPlace: readonly string[];
}

/** Names of tables by place. */
export interface TableNames {
  readonly ledger: readonly string[];
  readonly models: readonly string[];
}

export interface SharedRemote extends Places {
  readonly warehouse: Warehouse;
  /** Scratch tables to be dropped. */
  readonly made: Set<string>;
  /** Tables of a run's file -> where the same rows stand in the warehouse, and since when (milliseconds). */
  readonly standing: Map<string, { readonly relation: string; readonly since: number }>;
  /** Names of the tables; they are asked again after a statement that makes, changes or drops one. */
  tables(): Promise<TableNames>;
  /** Makes the schemas where they are missing. */
  makeSchemas(): Promise<void>;
  release(): Promise<void>;
}

interface Held {
  readonly shared: Promise<SharedRemote>;
  users: number;
}

const held = new Map<string, Held>();

interface Asks {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Id of the run whose sessions share it. */
  readonly run?: string | undefined;
}

/** The connection of a run, opened by whoever comes first and closed by whoever goes last; without a run one of its own. */
export async function shareRemote(project: Project, spec: RemoteSpec, { env, run }: Asks): Promise<SharedRemote> {
  if (run === undefined) return openShared(project, spec, { env });
  const key = JSON.stringify([project.root, project.environment.name, run]);
  const known = held.get(key);
  const mine: Held = known ?? { shared: openShared(project, spec, { env, run }), users: 0 };
  mine.users += 1;
  held.set(key, mine);
  try {
    return releasing(await mine.shared, () => leave(key, mine));
  } catch (error) {
    held.delete(key);
    throw error;
  }
}

/** The same connection with a release that counts once. */
function releasing(shared: SharedRemote, leaving: () => Promise<void>): SharedRemote {
  let left = false;
  return Object.create(shared, {
    release: {
      async value() {
        if (left) return;
        left = true;
        await leaving();
      },
    },
  }) as SharedRemote;
}

async function leave(key: string, mine: Held): Promise<void> {
  mine.users -= 1;
  if (mine.users > 0) return;
  held.delete(key);
  await (await mine.shared).release();
}

async function openShared(project: Project, spec: RemoteSpec, { env, run }: Asks): Promise<SharedRemote> {
  const top = remoteTop(project, spec, env);
  const places: Places = {
    ledgerPlace: [top, spec.ledger_schema],
    modelPlace: [top, spec.model_schema],
    scratchPlace: [top, `${spec.ledger_schema}_scratch`],
  };
  const own = (await openRemote(project, spec, env)).labelled(run === undefined ? {} : { run });
  let names: Promise<TableNames> | null = null;
  let schemas: Promise<void> | null = null;
  const warehouse = watching(own, `${own.dialect.relation(...places.scratchPlace)}.`, () => void (names = null));
  const { dialect } = own;
  const made = new Set<string>();
  return {
    ...places,
    warehouse,
    made,
    standing: new Map(),
    tables: () => (names ??= listed(own, places, made)),
    makeSchemas: () =>
      (schemas ??= executeAll(
        own,
        Object.values(places).map((place) => `CREATE SCHEMA IF NOT EXISTS ${dialect.relation(...place)}`),
      )),
    async release() {
      const drops = [...made].map((relation) => `DROP TABLE IF EXISTS ${relation}`);
      // What cannot be dropped now ends by itself, or is found by its name; whatever the command did is done.
      await executeAll(own, drops).catch(() => undefined);
      await own.close();
    },
  };
}

/** What stands at the places. Scratch tables of sessions that died are added to those that are dropped. */
async function listed(warehouse: Warehouse, places: Places, made: Set<string>): Promise<TableNames> {
  const { ledgerPlace, modelPlace, scratchPlace } = places;
  const { listing, tables } = wordsOf(warehouse.dialect);
  const everywhere = listing({ ledger: ledgerPlace, models: modelPlace, scratch: scratchPlace });
  const rows: readonly Record<string, any>[] = (await whereThere(warehouse, everywhere)) ?? [
    // One of the schemas is missing: that says nothing of the other.
    ...((await whereThere(warehouse, tables(ledgerPlace))) ?? []).map((row) => ({ ...row, place: "ledger" })),
    ...((await whereThere(warehouse, tables(modelPlace))) ?? []).map((row) => ({ ...row, place: "models" })),
  ];
  const of = (place: string): readonly string[] =>
    rows.flatMap((row) => (row["place"] === place ? [String(row["name"])] : [])).toSorted();
  for (const name of of("scratch"))
    if (isOldScratch(name, Date.now())) made.add(warehouse.dialect.relation(...scratchPlace, name));
  const one = modelPlace.join("\0") === ledgerPlace.join("\0");
  return { ledger: of("ledger"), models: of(one ? "ledger" : "models") };
}

/** Names; null where BigQuery knows no such dataset: before the first run there is none. */
async function whereThere(warehouse: Warehouse, query: string): Promise<Awaited<ReturnType<Warehouse["rows"]>> | null> {
  try {
    return await warehouse.rows(query);
  } catch (error) {
    if (error instanceof MillraceError && error.diagnostics.some(({ code }) => code === "E722")) return null;
    throw error;
  }
}

const changesTables = /^\s*(CREATE|ALTER|DROP|UNDROP)\b/i;

/** A warehouse that tells when tables of other places than the scratch were made, changed or dropped. */
function watching(warehouse: Warehouse, scratch: string, changed: () => void): Warehouse {
  return {
    ...warehouse,
    async execute(...asked) {
      try {
        return await warehouse.execute(...asked);
      } finally {
        const [head = ""] = asked[0].split(/\bAS\b/, 1);
        if (changesTables.test(head) && !head.includes(scratch)) changed();
      }
    },
    labelled: (labels: Labels) => watching(warehouse.labelled(labels), scratch, changed),
  };
}
