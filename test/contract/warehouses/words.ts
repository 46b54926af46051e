/** Words of SQL that the contract needs and no dialect has: types of columns, rows out of nothing. */
import type { ColumnFamily, Warehouse } from "../../../src/warehouse/warehouse.ts";

export type Type = Warehouse["type"];
export type Each<T> = Readonly<Record<Type, T>>;

/** A column type of each family that all warehouses have. */
export const columnTypes: Readonly<Record<Exclude<ColumnFamily, "other">, Each<string>>> = {
  integer: { duckdb: "BIGINT", bigquery: "INT64", snowflake: "NUMBER(38,0)" },
  decimal: { duckdb: "DECIMAL(18,4)", bigquery: "NUMERIC(18,4)", snowflake: "NUMBER(18,4)" },
  float: { duckdb: "DOUBLE", bigquery: "FLOAT64", snowflake: "FLOAT" },
  text: { duckdb: "VARCHAR", bigquery: "STRING", snowflake: "VARCHAR" },
  boolean: { duckdb: "BOOLEAN", bigquery: "BOOL", snowflake: "BOOLEAN" },
  date: { duckdb: "DATE", bigquery: "DATE", snowflake: "DATE" },
  timestamp: { duckdb: "TIMESTAMP", bigquery: "DATETIME", snowflake: "TIMESTAMP_NTZ(6)" },
  timestamptz: { duckdb: "TIMESTAMPTZ", bigquery: "TIMESTAMP", snowflake: "TIMESTAMP_TZ(6)" },
  time: { duckdb: "TIME", bigquery: "TIME", snowflake: "TIME(6)" },
  list: { duckdb: "VARCHAR[]", bigquery: "ARRAY<STRING>", snowflake: "ARRAY" },
  struct: {
    duckdb: "STRUCT(kind VARCHAR, n BIGINT)",
    bigquery: "STRUCT<kind STRING, n INT64>",
    snowflake: "OBJECT",
  },
  json: { duckdb: "JSON", bigquery: "JSON", snowflake: "VARIANT" },
  binary: { duckdb: "BLOB", bigquery: "BYTES", snowflake: "BINARY" },
};

/** What stands after FROM for `count` rows with one column `n`, 0 and up. */
export const series: Each<(count: number) => string> = {
  duckdb: (count) => `(SELECT range AS "n" FROM range(${count}))`,
  bigquery: (count) => `(SELECT n FROM UNNEST(GENERATE_ARRAY(0, ${count - 1})) AS n)`,
  snowflake: (count) =>
    `(SELECT ROW_NUMBER() OVER (ORDER BY NULL) - 1 AS "n" FROM TABLE(GENERATOR(ROWCOUNT => ${count})))`,
};

/** An SQL text of `count` repetitions of `x`. */
export const repeated: Each<(text: string, count: number) => string> = {
  duckdb: (text, count) => `repeat(${text}, ${count})`,
  bigquery: (text, count) => `repeat(${text}, ${count})`,
  snowflake: (text, count) => `repeat(${text}, ${count})`,
};

/** A list of texts, which are SQL. */
export const listOf: Each<(texts: readonly string[]) => string> = {
  duckdb: (texts) => `[${texts.join(", ")}]`,
  bigquery: (texts) => `[${texts.join(", ")}]`,
  snowflake: (texts) => `ARRAY_CONSTRUCT(${texts.join(", ")})`,
};
