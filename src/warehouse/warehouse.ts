import type { Json } from "../core.ts";

/** A column of a relation; `type` is the warehouse's own name, `family` what the engine needs to know. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly family: ColumnFamily;
}

export type ColumnFamily =
  | "integer"
  | "decimal"
  | "float"
  | "text"
  | "boolean"
  | "date"
  | "timestamp"
  | "timestamptz"
  | "time"
  | "list"
  | "struct"
  | "json"
  | "binary"
  | "other";

/** A chunk of rows, columns side by side: `columns[c][r]`. Values are plain: integers beyond 2^53 BigInt, timestamps ISO text. */
export interface ColumnBatch {
  readonly rows: number;
  readonly columns: readonly (readonly unknown[])[];
}

/** What a warehouse can do beyond statements; where it cannot, the engine has a way of its own. */
export interface Capabilities {
  /** DDL rolls back with the transaction it stands in. */
  readonly transactionalDdl: boolean;
  /** How `read` carries many rows: as the query gives them, page by page, or in columns from where the result is stored. */
  readonly bulkRead: "stream" | "pages" | "storage-api";
  /** `estimate` tells bytes. */
  readonly costEstimate: boolean;
  /** One text may hold several statements, which run after each other; the result is the last one's. */
  readonly severalInOne: boolean;
  /** Several programs may write at once, each to its own tables. */
  readonly concurrentWriters: boolean;
}

/** What was asked of a warehouse since it was opened, for cost: statements run, bytes that they read where those are paid for. */
export interface Usage {
  readonly statements: number;
  readonly bytes: number;
}

/** What a statement would read, asked before it runs. */
export interface Estimate {
  readonly bytes: number;
  /** Tables that it names: each is billed for a least number of bytes. */
  readonly tables: number;
}

/** Marks of statements in the warehouse's own history: tool, project, sync, run. */
export type Labels = Readonly<Record<string, string>>;

/** A connection to where the data is. `execute` runs one statement; nothing here prints or retries. */
export interface Warehouse {
  readonly type: "duckdb" | "bigquery" | "snowflake";
  readonly dialect: Dialect;
  readonly capabilities: Capabilities;
  /** Columns of a query without running it. */
  describe(sql: string): Promise<readonly Column[]>;
  /** Runs one statement; rows changed where the engine tells. With its `estimate` it may not cost much more than that. */
  execute(
    sql: string,
    parameters?: readonly Json[],
    options?: { readonly estimate?: Estimate | null },
  ): Promise<number>;
  /** Statements in one transaction, all or none. DML only, for warehouses whose DDL commits. */
  script(statements: readonly string[]): Promise<void>;
  /** All rows of a small query as objects. Never for data that grows with the user's. */
  rows(sql: string, parameters?: readonly Json[]): Promise<readonly Record<string, any>[]>;
  /** Streams a query with flat memory; a connection of its own (decision 12). `bytes`: binary columns as Uint8Array, not as base64. */
  read(sql: string, options?: { readonly bytes?: boolean }): AsyncIterable<ColumnBatch>;
  /** Appends rows, columns in table order; values as `read` gives them. Flushes at the end. */
  append(
    table: string,
    rows: AsyncIterable<readonly (readonly unknown[])[]> | Iterable<readonly (readonly unknown[])[]>,
  ): Promise<void>;
  /** What a statement would read, without running it; null where nobody pays for bytes. */
  estimate(sql: string): Promise<Estimate | null>;
  usage(): Usage;
  /** This warehouse with more marks on every statement: same connection, same counts; itself where there are no marks. */
  labelled(labels: Labels): Warehouse;
  close(): Promise<void>;
}

/** What differs between engines, as functions from text to text. */
export interface Dialect {
  readonly name: "duckdb" | "bigquery" | "snowflake";
  /** Quotes one identifier, any characters. */
  quote(name: string): string;
  /** A literal of a JSON scalar. */
  literal(value: string | number | boolean | null | bigint): string;
  /** `schema.table`, each part quoted. */
  relation(...parts: readonly string[]): string;
  /** Timestamp literal from milliseconds since the epoch, UTC. */
  timestamp(ms: number): string;
  /** Type-erased canonical text of a key column (R20): 1, 1.0 and '1' are one key; NFC. */
  keyText(column: string, family: ColumnFamily): string;
  /** Canonical text of a value for the stable fingerprint (R18); NULL stays NULL. */
  canonical(expression: string, family: ColumnFamily): string;
  /** The value as JSON for the wire: integers beyond 2^53 and decimals as strings, timestamps UTC ISO with micros. */
  wireJson(expression: string, family: ColumnFamily): string;
  /**
   * Makes or replaces a table of one command, with these columns or out of a query. Where nobody drops it, it ends after a
   * day by itself (BigQuery), or is found by its name (Snowflake).
   */
  scratchTable(relation: string, made: { readonly columns: string } | { readonly query: string }): string;
  /** A type whose columns hold values of a family; of lists, structs and what has no family: their text. */
  columnType(family: ColumnFamily): string;
  /** A text that is not NULL as a JSON string, and texts that are not NULL as a JSON list of strings. */
  textJson(text: string): string;
  textsJson(texts: readonly string[]): string;
  /** The text at a place of such a list. */
  textAt(json: string, index: number): string;
  /** A text as a whole number of 38 digits; NULL where it is none. */
  wholeNumber(text: string): string;
  /** A text as the bytes of its UTF-8. */
  utf8(text: string): string;
  /** A JSON object text out of named JSON expressions, NULL members kept. */
  jsonObject(members: readonly (readonly [name: string, json: string])[]): string;
  /** Stable 64-bit print over canonical texts, in order; NULLs distinct. */
  stablePrint(texts: readonly string[]): string;
  /** Engine-bound fast print over raw expressions, or null where there is none. */
  fastPrint(expressions: readonly string[]): string | null;
}
