/** What the SQL of audiences needs of its warehouse besides names and literals: the turns that each one writes in a way of its own. */
import type { Scalar } from "../project/schema/rule.ts";
import type { ColumnFamily, Dialect } from "../warehouse/warehouse.ts";
import type { Comparator } from "./number.ts";
import { bigqueryWords } from "./words-bigquery.ts";
import { duckdbWords } from "./words-duckdb.ts";
import { snowflakeWords } from "./words-snowflake.ts";

/** Expressions come and go as SQL; what is NULL stays NULL. */
export interface AudienceWords {
  /** Column types of a members history: text, and an instant. */
  readonly types: { readonly text: string; readonly instant: string };
  /** Any value as the text it reads as. */
  text(x: string): string;
  /** Does a text have a part, or begin with it? The part is SQL and not empty. */
  contains(text: string, part: string): string;
  startsWith(text: string, part: string): string;
  /** A number by its digits (`-12.05`), at most 38 of them, which no double stands for in between. */
  exact(digits: string): string;
  double(x: string): string;
  /** A column of floats as doubles: the numbers it reads as. */
  floats(column: string, type: string): string;
  /** NaN equals itself and is above all, also where the warehouse thinks otherwise. */
  compareDoubles(one: string, comparator: Comparator, other: string): string;
  /** Exact, and not bound to the type of what is added. */
  sum(column: string, family: ColumnFamily): string;
  /** A time of day written `09:30`, `09:30:00` or with a fraction. */
  time(clock: string): string;
  /** The years of dates and timestamps, the first and the last one. */
  readonly years: readonly [first: number, last: number];
  /** `2026-01-31 09:00:00.000` as a timestamp that has no zone. */
  plainTimestamp(text: string): string;
  /** The type of a list's elements; null where the list's own does not tell. */
  elementType(list: string): string | null;
  /** Is a value among the elements of a list of that type? Elements that are NULL are nobody's. */
  listHas(list: string, type: string, value: Scalar): string;
  /** A term of ORDER BY: NaN above all numbers, NULLs last. */
  orderBy(x: string, family: ColumnFamily, direction: "ASC" | "DESC"): string;
  /** A query of `k` without rows. */
  readonly nobody: string;
  /** Between two queries: the rows of both, each once. */
  readonly union: string;
  /** One row: `total`, how many rows a relation with a column `k` has, and `people`, its first few as a list or its JSON, NULL where there are none. */
  countWithFirst(relation: string, few: number): string;
  /** The warehouse takes SQL apart into steps for us. */
  readonly takesApart: boolean;
}

const words: Readonly<Record<Dialect["name"], AudienceWords>> = {
  duckdb: duckdbWords,
  bigquery: bigqueryWords,
  snowflake: snowflakeWords,
};

/** The words of the warehouse that a dialect belongs to. */
export const wordsOf = ({ name }: Pick<Dialect, "name">): AudienceWords => words[name];
