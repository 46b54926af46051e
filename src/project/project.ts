import type { Json, Location, Mode } from "../core.ts";
import type { Destination } from "../destination/index.ts";
import type { Dbt, DbtNode, DbtRelation } from "./dbt/dbt.ts";
import type { Rule } from "./schema/rule.ts";

/**
 * A loaded project: what the files say, checked, and where each word stands.
 *
 * Specs keep the files' own keys (snake_case). Absent optional keys are absent, defaults of the formats are filled in
 * by the schemas of ./schema.
 */
export interface Project {
  readonly name: string;
  /** Absolute path of the folder with millrace.yml. */
  readonly root: string;
  readonly timezone: string;
  /** Key of the HMAC that stands for a person in logs (`.millrace/project.key`, made on first use). */
  readonly environment: Environment;
  readonly environments: readonly string[];
  /** Template variables after --vars; `as_of` is always there (ISO, UTC). */
  readonly vars: Readonly<Record<string, Json>>;
  /** Names that env_var() may read. */
  readonly envVars: readonly string[];
  readonly allowPaths: readonly string[];
  readonly guards: GuardSpec;
  /** The dbt project; those of its nodes and sources that something names stand among `models` and `sources`. */
  readonly dbt?: Dbt;
  readonly sources: ReadonlyMap<string, Resource<SourceSpec>>;
  readonly seeds: ReadonlyMap<string, SeedFile>;
  readonly models: ReadonlyMap<string, ModelResource>;
  readonly segments: ReadonlyMap<string, Resource<SegmentSpec>>;
  readonly audiences: ReadonlyMap<string, Resource<AudienceSpec>>;
  readonly syncs: ReadonlyMap<string, Resource<SyncSpec>>;
  readonly destinations: ReadonlyMap<string, DestinationResource>;
  readonly unitTests: readonly Resource<UnitTestSpec>[];
  /** Custom data tests: tests/*.sql, a query of bad rows. */
  readonly sqlTests: readonly { readonly name: string; readonly file: string; readonly sql: string }[];
  /** Every file that was read, relative to root, with its SHA-256: for hashes and `state:modified`. */
  readonly files: ReadonlyMap<string, string>;
  /** selectors.yml: name -> expression. */
  readonly selectors: ReadonlyMap<string, { readonly select: string; readonly exclude?: string }>;
}

/** A named thing of the project and where it is written. */
export interface Resource<Spec> {
  readonly name: string;
  readonly spec: Spec;
  /** Relative to the project's root. */
  readonly file: string;
  /** The place of a value (or of its key, with `part: "key"`) inside this resource, e.g. `at(["where", "all", 0, "field"])`. */
  at(path?: readonly (string | number)[], part?: "key" | "value"): Location;
}

export interface ModelResource extends Resource<ModelSpec> {
  /** The template text; location of SQL problems is `sqlFile`. */
  readonly sql: string;
  readonly sqlFile: string;
  /** A call of the library, which stands here as a model of its own; file and places are those of the call. */
  readonly library?: LibraryUse;
  /** A node of dbt, which stands here as a model of its own: its SQL reads {{ this }}, the relation that dbt built. */
  readonly dbt?: DbtNode;
}

/** What a `model` argument of a library call names. */
export type Relation = { readonly ref: string } | { readonly source: string; readonly table: string };

export interface LibraryUse {
  /** `rfm`. */
  readonly model: string;
  readonly columns: readonly LibraryColumn[];
}

/** A column that a library call names, where it must be found and what it must hold. */
export interface LibraryColumn {
  readonly parameter: string;
  readonly column: string;
  readonly of: Relation;
  readonly holds?: "time" | "number";
  readonly at: Location;
}

export interface DestinationResource extends Resource<DestinationSpec> {
  /** The definition; for users' own code only after it was loaded. */
  readonly definition: Destination;
  /** False for users' own code that was not loaded (`loadCode`): the definition then has no objects and nothing is checked. */
  readonly loaded: boolean;
  /** Set by the environment's `use: file`: the transport is replaced, nothing real is called. */
  readonly outbox: boolean;
}

export interface SeedFile {
  /** `schema.table` (stands for a source table) or a bare name (`ref`). */
  readonly name: string;
  readonly path: string;
  readonly format: "csv" | "parquet" | "jsonl";
  readonly column_types: Readonly<Record<string, string>>;
}

export interface Environment {
  readonly name: string;
  readonly prod: boolean;
  readonly allowRealDestinations: boolean;
  /** `--reveal-pii` may be used; absent: no. */
  readonly revealPii?: boolean;
  readonly warehouse: WarehouseSpec;
  readonly guards: GuardSpec;
  readonly threads: number;
  /** Where open plans and what became of them are kept; absent: on the disk. */
  readonly journal?: "disk" | "warehouse";
}

export type WarehouseSpec = DuckDBSpec | BigQuerySpec | SnowflakeSpec;

/** What every kind has. */
interface LedgerSpec {
  readonly ledger_schema: string;
  readonly model_schema: string;
}

/** `connection` may hold secrets by reference. */
export interface BigQuerySpec extends LedgerSpec {
  readonly type: "bigquery";
  /** `project`, `location`, `credentials`, `impersonate`, `endpoint`. */
  readonly connection: Readonly<Record<string, Json>>;
  /** Where sources are that name no schema. */
  readonly dataset?: string;
  /** Bytes. */
  readonly max_bytes_billed?: number;
  /** USD for reading a TiB, for the cost that plans tell. */
  readonly price_per_tib?: number;
}

export interface SnowflakeSpec extends LedgerSpec {
  readonly type: "snowflake";
  /** `account`, `user`, `private_key`, `passphrase`, `token`, `password`, `endpoint`. */
  readonly connection: Readonly<Record<string, Json>>;
  readonly database: string;
  readonly warehouse?: string;
  readonly role?: string;
}

export interface DuckDBSpec extends LedgerSpec {
  readonly type: "duckdb";
  /** Relative to the root; `:memory:` = no user file, and a ledger that lives for one command. */
  readonly path?: string;
  readonly seeds?: string;
  readonly memory_limit?: string;
  readonly threads?: number;
}

/** `stop | allow`, shares as 0.2, absolute numbers, or off (absent). Undefined keys fall to the next level (decision 10). */
export interface GuardSpec {
  readonly empty?: "stop" | "allow";
  readonly shrink?: Limit;
  readonly growth?: Limit;
  readonly remove?: Limit | { readonly share: Limit; readonly min: number };
  readonly adds?: Limit;
  readonly min_rows?: number;
  readonly max_rows?: number;
  readonly freshness?: "stop" | "allow";
  readonly null_share?: Readonly<Record<string, Limit>>;
  readonly first_run?: "confirm" | "allow";
  readonly tests?: "stop" | "allow";
}

/** A share (`{ share: 0.2 }` for "20%"), a number of people, or switched off. */
export type Limit = { readonly share: number } | { readonly rows: number } | "off";

export interface Meta {
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, Json>>;
}

export interface SourceSpec {
  readonly name: string;
  /** Absent: the environment's `dataset` where it has one, else the source's name. */
  readonly schema?: string;
  /** BigQuery's project or Snowflake's database; absent: the environment's. DuckDB has none. */
  readonly database?: string;
  readonly description?: string;
  readonly freshness?: Freshness;
  readonly tables: readonly SourceTable[];
}
export interface SourceTable {
  readonly name: string;
  /** DuckDB: a Parquet, CSV or JSON file, relative to the root. */
  readonly file?: string;
  /** Where dbt says that it stands, for a source of dbt. */
  readonly relation?: DbtRelation;
  readonly description?: string;
  readonly freshness?: Freshness;
  readonly columns: readonly ColumnSpec[];
}
export interface Freshness {
  readonly field: string;
  /** Durations. */
  readonly warn?: string;
  readonly fail?: string;
}

export interface ColumnSpec {
  readonly name: string;
  readonly description?: string;
  readonly label?: string;
  readonly pii?: string;
  readonly filterable?: boolean;
  readonly data_tests: readonly DataTestSpec[];
}

/** `unique`, `{ accepted_values: {…} }` …, normalised to one shape. */
export interface DataTestSpec {
  readonly type: "unique" | "not_null" | "accepted_values" | "relationships" | "freshness" | "row_count" | "expression";
  readonly arguments: Readonly<Record<string, Json>>;
  readonly severity: "error" | "warn";
  readonly where?: string;
  readonly limit: number;
}

export interface ModelSpec extends Meta {
  readonly name: string;
  readonly description?: string;
  readonly materialize: "view" | "table" | "inline";
  /** One or more columns; empty when the model declares none (it then cannot be activated). */
  readonly primary_key: readonly string[];
  /** Identifier kind -> column. */
  readonly identifiers: Readonly<Record<string, string>>;
  readonly columns: readonly ColumnSpec[];
  readonly data_tests: readonly DataTestSpec[];
  readonly on_duplicate_key?: { readonly keep: "first"; readonly order_by: string };
  /** Share of rows without key above which the run stops; default 0.01. */
  readonly null_keys: number;
}

export interface SegmentSpec extends Meta {
  readonly name: string;
  readonly label?: string;
  readonly description?: string;
  readonly owner?: { readonly name?: string; readonly email?: string };
  readonly model: string;
  readonly where?: Rule;
  /** Path relative to the YAML; its text stands in `sqlText`. */
  readonly sql?: string;
  readonly sqlText?: string;
  readonly sqlFile?: string;
  readonly tests: readonly AudienceTestSpec[];
  readonly guards: GuardSpec;
}

export interface AudienceSpec extends SegmentSpec {
  readonly status: "draft" | "active" | "paused";
  readonly paused_until?: string;
  readonly exclude: readonly string[];
  readonly limit?: { readonly max: number; readonly order_by?: string; readonly sticky?: boolean };
}

export type AudienceTestSpec =
  | { readonly type: "size"; readonly min?: number; readonly max?: number }
  | { readonly type: "share_with_identifier"; readonly identifier: string; readonly min: number }
  | { readonly type: "disjoint_from"; readonly other: string }
  | { readonly type: "subset_of"; readonly other: string }
  | { readonly type: "overlap"; readonly with: string; readonly min?: number; readonly max?: number }
  | { readonly type: "contains"; readonly keys: readonly Readonly<Record<string, Json>>[] };

export interface SyncSpec extends Meta {
  readonly name: string;
  /** Exactly one of the two. */
  readonly audience?: string;
  readonly model?: string;
  readonly destination: string;
  readonly object: string;
  readonly remote: Readonly<Record<string, Json>>;
  readonly mode: Mode;
  readonly on_leave?: "remove" | "delete" | "keep" | { readonly set: Readonly<Record<string, Json>> };
  readonly initial: "backfill" | "from_now";
  readonly on_mapping_change: "backfill" | "from_now";
  readonly status: "draft" | "active" | "paused";
  readonly paused_until?: string;
  readonly schedule?: { readonly cron: string; readonly timezone?: string };
  /** Platform's match field -> column. */
  readonly key?: Readonly<Record<string, string>>;
  readonly identifiers: Readonly<Record<string, IdentifierMapping>>;
  readonly mappings: readonly Mapping[];
  readonly nulls: "omit" | "clear";
  readonly after: readonly string[];
  readonly rejected_rows: {
    readonly warn: number;
    readonly fail: number;
    readonly min: number;
    /** When a refused row is given up: both must be reached. */
    readonly retry: { readonly attempts: number; readonly ageMs: number };
  };
  readonly guards: GuardSpec;
  readonly alerts?: { readonly late_after?: string };
  /** Sends nothing on leave of rows assumed at the first run unless true (R15). */
  readonly adopt: boolean;
  /** Mode append: events are sent while the column's time is so near to now, milliseconds (R37). */
  readonly append?: { readonly time: string; readonly horizonMs: number };
  /** Re-send a membership this long after it was sent (duration). */
  readonly refresh?: string;
}

export interface IdentifierMapping {
  readonly from: string;
  /** Two capitals = literal, else a column; with both, `else` is the literal where the column is NULL. */
  readonly default_country?: string | { readonly column: string; readonly else: string };
  readonly hashed?: boolean;
}

export type Mapping =
  | { readonly to: string; readonly from: string }
  | { readonly to: string; readonly value: Json }
  | { readonly to: string; readonly template: string }
  | {
      readonly to: string;
      readonly lookup: { readonly object: string; readonly by: Readonly<Record<string, string>> };
      readonly on_missing: "reject" | "omit";
    };

export interface DestinationSpec {
  /** The configured account's name. */
  readonly destination: string;
  readonly type: string;
  readonly label?: string;
  /** Unresolved texts: `${env:NAME}`; resolved by ./secrets.ts when used. */
  readonly credentials: Readonly<Record<string, Json>>;
  readonly config: Readonly<Record<string, Json>>;
  readonly rate_limit?: { readonly requests: number; readonly perSeconds: number; readonly concurrency?: number };
  readonly requests: { readonly attempts: number; readonly deadlineMs: number };
  readonly lateMs?: number;
  readonly guards?: GuardSpec;
}

export interface UnitTestSpec {
  readonly name: string;
  readonly description?: string;
  readonly model: string;
  readonly given: readonly { readonly input: string; readonly rows: readonly Readonly<Record<string, Json>>[] }[];
  readonly vars: Readonly<Record<string, Json>>;
  readonly expect: { readonly rows: readonly Readonly<Record<string, Json>>[] };
}
