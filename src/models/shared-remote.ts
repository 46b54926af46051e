/**
 * One connection to a remote warehouse for all sessions that a command opens after each other: what was asked of it, the
 * scratch tables made over it, and what it knows of the ledger outlive a session that is closed while another one, or the
 * holder of the connection, goes on.
 */
import { MillraceError } from "../errors.ts";
import type { Knowledge } from "../ledger/knowledge.ts";
import { wordsOf } from "../ledger/words.ts";
import type { BigQuerySpec, Project, SnowflakeSpec } from "../project/project.ts";
import type { Labels, Warehouse } from "../warehouse/warehouse.ts";
import { openRemote } from "./remote-warehouse.ts";
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
  /** Tables of a run's file -> where the same rows stand in the warehouse. */
  readonly standing: Map<string, string>;
  /** For the session that is opened next, and for no later one. */
  carried: Knowledge | null;
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

/** The connection of an environment, opened by whoever comes first and closed by whoever goes last. */
export async function shareRemote(
  project: Project,
  spec: BigQuerySpec | SnowflakeSpec,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SharedRemote> {
  const key = JSON.stringify([project.root, project.environment.name, spec]);
  const known = held.get(key);
  if (known !== undefined) {
    known.users += 1;
    return releasing(await known.shared, () => leave(key, known));
  }
  const mine: Held = { shared: openShared(project, spec, env), users: 1 };
  held.set(key, mine);
  try {
    return releasing(await mine.shared, () => leave(key, mine));
  } catch (error) {
    if (held.get(key) === mine) held.delete(key);
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
    carried: {
      get: () => shared.carried,
      set(known: Knowledge | null) {
        shared.carried = known;
      },
    },
  }) as SharedRemote;
}

async function leave(key: string, mine: Held): Promise<void> {
  mine.users -= 1;
  if (mine.users > 0) return;
  if (held.get(key) === mine) held.delete(key);
  await (await mine.shared).release();
}

async function openShared(
  project: Project,
  spec: BigQuerySpec | SnowflakeSpec,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SharedRemote> {
  const top = spec.type === "bigquery" ? String(spec.connection["project"]) : spec.database;
  const places: Places = {
    ledgerPlace: [top, spec.ledger_schema],
    modelPlace: [top, spec.model_schema],
    scratchPlace: [top, `${spec.ledger_schema}_scratch`],
  };
  const own = await openRemote(project, spec, env);
  let names: Promise<TableNames> | null = null;
  const warehouse = watching(own, `${own.dialect.relation(...places.scratchPlace)}.`, () => void (names = null));
  const { dialect } = own;
  const made = new Set<string>();
  return {
    ...places,
    warehouse,
    made,
    standing: new Map(),
    carried: null,
    tables: () => (names ??= listed(own, places, made)),
    async makeSchemas() {
      for (const place of Object.values(places))
        await own.execute(`CREATE SCHEMA IF NOT EXISTS ${dialect.relation(...place)}`);
    },
    async release() {
      try {
        await dropAll(own, made);
      } finally {
        await own.close();
      }
    },
  };
}

/** Drops tables: in one statement where a text may hold several. */
async function dropAll(warehouse: Warehouse, relations: Iterable<string>): Promise<void> {
  const drops = [...relations].map((relation) => `DROP TABLE IF EXISTS ${relation}`);
  if (drops.length === 0) return;
  const statements = warehouse.capabilities.severalInOne ? [drops.join(";\n")] : drops;
  for (const statement of statements) await warehouse.execute(statement);
}

/** What stands at the places. Scratch tables of sessions that died are added to those that are dropped. */
async function listed(warehouse: Warehouse, places: Places, made: Set<string>): Promise<TableNames> {
  const { ledgerPlace, modelPlace, scratchPlace } = places;
  const { listing } = wordsOf(warehouse.dialect);
  const rows = await orNothing(
    warehouse.rows(listing({ ledger: ledgerPlace, models: modelPlace, scratch: scratchPlace })),
  );
  const of = (place: string): readonly string[] =>
    rows.flatMap((row) => (row["place"] === place ? [String(row["name"])] : [])).toSorted();
  for (const name of of("scratch"))
    if (isOldScratch(name, Date.now())) made.add(warehouse.dialect.relation(...scratchPlace, name));
  const one = modelPlace.join("\0") === ledgerPlace.join("\0");
  return { ledger: of("ledger"), models: of(one ? "ledger" : "models") };
}

/** No rows where BigQuery knows no such dataset: before the first run there is none. */
async function orNothing<Row>(rows: Promise<readonly Row[]>): Promise<readonly Row[]> {
  try {
    return await rows;
  } catch (error) {
    if (error instanceof MillraceError && error.diagnostics.some(({ code }) => code === "E722")) return [];
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
