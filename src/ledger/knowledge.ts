/**
 * What a ledger knows beside the rows of its syncs, read in one statement: where a statement costs a job and a wait, a run
 * cannot ask for each of these by itself. Each part is a SELECT of `about, id, told`, the last one JSON text.
 */
import type { Json } from "../core.ts";
import type { ColumnFamily, Warehouse } from "../warehouse/warehouse.ts";
import { stateOf, statePrefix, type MappingVersion, type SyncState } from "./state.ts";
import { rejectionsTable, sentTable, sharedTable, stateTable, type Ledger, type SharedTable } from "./tables.ts";
import { wordsOf } from "./words.ts";

/** Of the rows of one sync, when the ledger was opened. */
export interface RowsKnown {
  /** Newest time in the rows and rejections, milliseconds: later than now where a clock ran ahead. */
  readonly newestAt: number;
  /** Rows in doubt whose request can be repeated. */
  readonly replayable: number;
  /** Rows with a doubt of any kind. */
  readonly doubted: number;
  readonly rejections: number;
}

export interface Knowledge {
  /** Layout of the ledger; null where nothing says it yet. */
  readonly version: number | null;
  /** By sync name; also of syncs that are no longer in the project. */
  readonly states: ReadonlyMap<string, SyncState>;
  /** By internal id, newest first. */
  readonly mappings: ReadonlyMap<string, readonly MappingVersion[]>;
  /** Audience -> its definition at its last run. */
  readonly definitions: Map<string, string>;
  /** By internal id: digest of the changes -> what the destination asked to be remembered. */
  readonly jobs: ReadonlyMap<string, ReadonlyMap<string, Json>>;
  /** By internal id: whose account the ledger speaks of. */
  readonly accounts: Map<string, string | null>;
  /** By internal id: when the target was last measured. */
  readonly measuredAt: ReadonlyMap<string, number>;
  /** Sync -> removals accepted in the last 24 hours. */
  readonly removed: ReadonlyMap<string, number>;
  /** By internal id, of the syncs that were asked for. */
  readonly rows: ReadonlyMap<string, RowsKnown>;
  /** Models as built -> definition hash. */
  readonly built: ReadonlyMap<string, string>;
}

export interface Asked {
  /** Names of the ledger's tables. */
  readonly tables: readonly string[];
  /** Internal ids whose rows are of interest. */
  readonly ids: readonly string[];
  /** Removals are counted from then, milliseconds. */
  readonly since: number;
  /** The list of built models, where there is one. */
  readonly built: string | null;
}

/** A statement of so many parts names fewer than the 1,000 tables that BigQuery allows (cloud.google.com/bigquery/quotas#query_jobs). */
const partsOfOne = 300;

/** Reads everything of a ledger; with `light`, its version and states alone. */
export async function readKnowledge(
  warehouse: Warehouse,
  ledger: Ledger,
  asked: Asked,
  { light = false } = {},
): Promise<Knowledge> {
  const parts = [
    ...ownParts(ledger, asked.tables),
    ...(light ? [] : [...sharedParts(ledger, asked), ...rowParts(ledger, asked)]),
  ];
  const told: Told[] = [];
  for (let from = 0; from < parts.length; from += partsOfOne) {
    const rows = await warehouse.rows(parts.slice(from, from + partsOfOne).join("\nUNION ALL "));
    told.push(...rows.map((row): Told => ({ about: row["about"], id: row["id"], told: JSON.parse(row["told"]) })));
  }
  return knowledgeOf(told);
}

interface Told {
  readonly about: string;
  readonly id: string;
  readonly told: any;
}

/** Member -> expression and its family. */
type Members = Readonly<Record<string, readonly [expression: string, family: ColumnFamily]>>;

function part({ dialect }: Ledger, about: string, id: string, members: Members, from: string): string {
  const json = dialect.jsonObject(
    Object.entries(members).map(([name, [expression, family]]) => [name, dialect.wireJson(expression, family)]),
  );
  return `SELECT ${dialect.literal(about)} AS about, ${id} AS id, ${json} AS told FROM ${from}`;
}

function ownParts(ledger: Ledger, tables: readonly string[]): readonly string[] {
  const { literal, quote } = ledger.dialect;
  const columns = ["id", "sync", "target", "remote_id", "open_plan", "open_run", "key_signature"];
  const numbers = ["fence", "serial", "m"];
  const members = Object.fromEntries([
    ...columns.map((name) => [name, [quote(name), "text"]] as const),
    ...numbers.map((name) => [name, [quote(name), "integer"]] as const),
  ]) as Members;
  const meta: Members = { version: ["max(ledger_version)", "integer"] };
  return [
    ...(tables.includes("meta") ? [part(ledger, "meta", literal(""), meta, sharedTable(ledger, "meta"))] : []),
    ...idsOf(tables).map((id) => part(ledger, "state", literal(id), members, stateTable(ledger, id))),
  ];
}

/** Internal ids of the syncs that have tables. */
export const idsOf = (tables: readonly string[]): readonly string[] =>
  tables.filter((name) => name.startsWith(statePrefix)).map((name) => name.slice(statePrefix.length));

function sharedParts(ledger: Ledger, { tables, since, built }: Asked): readonly string[] {
  const { literal, quote } = ledger.dialect;
  const { newest } = wordsOf(ledger.dialect);
  const at = quote("at");
  const of = (table: SharedTable, about: string, id: string, members: Members, rest = ""): readonly string[] =>
    tables.includes(table) ? [part(ledger, about, id, members, `${sharedTable(ledger, table)} ${rest}`)] : [];
  const audiences = `kind = 'audience'`;
  const removes = `op = 'remove' AND status = 'accepted' AND ${at} > ${since}`;
  return [
    ...of("mappings", "mapping", "sync", {
      m: ["m", "integer"],
      hash: [quote("hash"), "text"],
      definition: ["definition", "text"],
    }),
    ...of(
      "definitions",
      "definition",
      "name",
      { definition: [newest("definition", "created_at"), "text"] },
      `WHERE ${audiences} GROUP BY name`,
    ),
    ...of("jobs", "job", "sync", { batch: ["batch", "text"], checkpoint: ["checkpoint", "text"] }),
    ...of("accounts", "account", "sync", { account: ["account", "text"], at: [at, "integer"] }),
    ...of("remote_stats", "measured", "sync", { at: [`max(${at})`, "integer"] }, "GROUP BY sync"),
    ...of("changes", "removed", "sync", { rows: ["count(*)", "integer"] }, `WHERE ${removes} GROUP BY sync`),
    ...(built === null
      ? []
      : [
          `SELECT ${literal("built")} AS about, name AS id, ${ledger.dialect.textJson(quote("hash"))} AS told FROM ${built}`,
        ]),
  ];
}

function rowParts(ledger: Ledger, { tables, ids }: Asked): readonly string[] {
  const { literal } = ledger.dialect;
  return ids
    .filter((id) => tables.includes(`sent__${id}`) && tables.includes(`rejections__${id}`))
    .flatMap((id) => {
      const sent: Members = {
        doubt_at: ["max(doubt_at)", "integer"],
        sent_at: ["max(sent_at)", "integer"],
        replayable: ["count(CASE WHEN state = 'doubt' AND idem IS NOT NULL THEN 1 END)", "integer"],
        doubted: ["count(doubt_at)", "integer"],
      };
      const told: Members = { rejections: ["count(*)", "integer"], last_at: ["max(last_at)", "integer"] };
      return [
        part(ledger, "sent", literal(id), sent, sentTable(ledger, id)),
        part(ledger, "rejections", literal(id), told, rejectionsTable(ledger, id)),
      ];
    });
}

function knowledgeOf(all: readonly Told[]): Knowledge {
  const of = (about: string): readonly Told[] => all.filter((one) => one.about === about);
  const number = (value: unknown): number => Number(value ?? 0);
  const [meta] = of("meta");
  const mappings = grouped(of("mapping"), ({ told }): MappingVersion => ({ ...told, m: Number(told.m) }));
  const newest = of("account").toSorted((a, b) => number(a.told.at) - number(b.told.at));
  const rejections = new Map(of("rejections").map(({ id, told }) => [id, told]));
  return {
    version: meta === undefined || meta.told.version === null ? null : Number(meta.told.version),
    states: new Map(of("state").map(({ told }) => [String(told.sync), stateOf(told)])),
    mappings: new Map([...mappings].map(([id, versions]) => [id, versions.toSorted((a, b) => b.m - a.m)])),
    definitions: new Map(of("definition").map(({ id, told }) => [id, String(told.definition)])),
    jobs: new Map(
      [...grouped(of("job"), ({ told }) => [told.batch, JSON.parse(told.checkpoint)] as [string, Json])].map(
        ([id, jobs]) => [id, new Map(jobs)],
      ),
    ),
    accounts: new Map(newest.map(({ id, told }) => [id, told.account])),
    measuredAt: new Map(of("measured").map(({ id, told }) => [id, Number(told.at)])),
    removed: new Map(of("removed").map(({ id, told }) => [id, Number(told.rows)])),
    rows: new Map(
      of("sent").map(({ id, told }) => {
        const refused = rejections.get(id);
        return [
          id,
          {
            newestAt: Math.max(number(told.doubt_at), number(told.sent_at), number(refused?.last_at)),
            replayable: number(told.replayable),
            doubted: number(told.doubted),
            rejections: number(refused?.rejections),
          },
        ];
      }),
    ),
    built: new Map(of("built").map(({ id, told }) => [id, String(told)])),
  };
}

function grouped<T>(told: readonly Told[], value: (one: Told) => T): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const one of told) found.set(one.id, [...(found.get(one.id) ?? []), value(one)]);
  return found;
}
