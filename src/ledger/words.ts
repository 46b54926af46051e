/**
 * What the statements over a ledger need of its warehouse besides names and literals: column types, the list of identifiers
 * that a row holds, prints as texts, and the few turns of SQL that every warehouse has in a way of its own.
 */
import type { Dialect } from "../warehouse/warehouse.ts";
import { bigqueryWords } from "./words-bigquery.ts";
import { duckdbWords } from "./words-duckdb.ts";
import { snowflakeWords } from "./words-snowflake.ts";

/**
 * What a column of the ledger holds: `seq` the place of a row in a plan, `print` a fingerprint, `tag` what a fast one is bound to,
 * `ids` a list of identifiers.
 */
export type ColumnKind = "text" | "integer" | "boolean" | "share" | "seq" | "print" | "tag" | "ids";

export interface LedgerWords {
  readonly types: Readonly<Record<ColumnKind, string>>;
  /** Any value as text. */
  text(value: string): string;
  /** A column of identifiers as JSON text, `[{"kind":…,"value":…,"version":…}]`, and such a text as the column's value. */
  idsText(column: string): string;
  idsOf(text: string): string;
  /** The identifiers of a row that our own key alone stands for. */
  ownKeyIds(key: string): string;
  /** How many identifiers a column has. */
  countIds(column: string): string;
  /** A relation: `columns` of a table's rows with `kind` and `value`, one row for each identifier. */
  eachId(table: string, columns: readonly string[], where?: string): string;
  /** A print out of its text. */
  printOf(text: string): string;
  /** A small number as the type that a plan's `op` has. */
  opOf(value: string): string;
  /** Numbers all rows from 1, in any order. */
  readonly rowNumber: string;
  /** `op` · 2^48 + `n`: the place of a row in a plan. */
  seq(op: string, n: string): string;
  /** A number from 0 to 999 that is always the same for a text, and spread evenly over texts. */
  spread(text: string): string;
  /** An aggregate: the value of a column in the row of the largest `by` in which it is not NULL. */
  newest(column: string, by: string): string;
  /** An expression that fails the statement with these words, a literal. */
  fail(message: string): string;
  /** One row without columns, usable after FROM: for a SELECT with a WHERE and no table. */
  readonly oneRow: string;
  /** A statement that sets columns of a table's rows (`t`) where they meet rows of another (`r`). */
  updateFrom(update: {
    readonly table: string;
    /** Column -> expression. */
    readonly set: Readonly<Record<string, string>>;
    readonly from: string;
    readonly where: string;
  }): string;
  /** A statement that makes a table of the ledger where it is missing; rows are looked up by `key`, where there is one. */
  createTable(table: string, columns: string, key?: string): string;
  /** A statement that makes a copy of a table which shares its storage, and goes after so many days where the warehouse sees to that; null where there is none. */
  readonly cloneTable: ((copy: string, table: string, days: number) => string) | null;
  /** A query of the `name` of every table in a schema, in order. */
  tables(schema: readonly string[]): string;
  /** A query of `place` (ledger, models, scratch) and `name` of the tables there; of the scratch only where tables do not end by themselves. */
  listing(places: Listed): string;
}

/** Where the tables of an environment stand. */
export interface Listed {
  readonly ledger: readonly string[];
  readonly models: readonly string[];
  readonly scratch: readonly string[];
}

const words: Readonly<Record<Dialect["name"], LedgerWords>> = {
  duckdb: duckdbWords,
  bigquery: bigqueryWords,
  snowflake: snowflakeWords,
};

/** The words of a ledger's warehouse. */
export const wordsOf = ({ name }: Pick<Dialect, "name">): LedgerWords => words[name];
