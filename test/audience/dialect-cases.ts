/** A column of each family as each warehouse names its type, and a value for each operator over it. */
import type { FieldLeaf, FieldOperator, Scalar } from "../../src/project/schema/rule.ts";
import type { ColumnFamily, Dialect } from "../../src/warehouse/warehouse.ts";

export type Each<T> = Readonly<Record<Dialect["name"], T>>;

export const columns: Readonly<Record<ColumnFamily, Each<string>>> = {
  integer: { duckdb: "BIGINT", bigquery: "INT64", snowflake: "NUMBER(38,0)" },
  decimal: { duckdb: "DECIMAL(12,2)", bigquery: "NUMERIC", snowflake: "NUMBER(12,2)" },
  float: { duckdb: "DOUBLE", bigquery: "FLOAT64", snowflake: "FLOAT" },
  text: { duckdb: "VARCHAR", bigquery: "STRING", snowflake: "VARCHAR" },
  boolean: { duckdb: "BOOLEAN", bigquery: "BOOL", snowflake: "BOOLEAN" },
  date: { duckdb: "DATE", bigquery: "DATE", snowflake: "DATE" },
  timestamp: { duckdb: "TIMESTAMP", bigquery: "DATETIME", snowflake: "TIMESTAMP_NTZ" },
  timestamptz: { duckdb: "TIMESTAMP WITH TIME ZONE", bigquery: "TIMESTAMP", snowflake: "TIMESTAMP_TZ" },
  time: { duckdb: "TIME", bigquery: "TIME", snowflake: "TIME" },
  list: { duckdb: "VARCHAR[]", bigquery: "ARRAY<STRING>", snowflake: "ARRAY" },
  struct: { duckdb: "STRUCT(a INTEGER)", bigquery: "STRUCT<a INT64>", snowflake: "OBJECT" },
  json: { duckdb: "JSON", bigquery: "JSON", snowflake: "VARIANT" },
  binary: { duckdb: "BLOB", bigquery: "BYTES", snowflake: "BINARY" },
  other: { duckdb: "INTERVAL", bigquery: "INTERVAL", snowflake: "GEOGRAPHY" },
};

const two: Readonly<Record<string, readonly [Scalar, Scalar]>> = {
  integer: [5, 9007199254740993n],
  decimal: [9.99, 100],
  float: [0.1, 1e20],
  text: ["a'b\\", "é"],
  boolean: [true, false],
  date: ["2026-03-29", "2026-03-28T23:30:00Z"],
  timestamp: ["2026-03-29", "2026-03-28T23:30:00Z"],
  timestamptz: ["2026-03-29", "2026-03-28T23:30:00Z"],
  time: ["09:30", "10:00:00.5"],
  list: ["a'b\\", "é"],
};

/** What is written behind the operator. */
export function valueOf(family: ColumnFamily, operator: FieldOperator): NonNullable<FieldLeaf[FieldOperator]> {
  const [one, other] = two[family] ?? ["x", "y"];
  switch (operator) {
    case "in":
    case "not_in":
    case "between":
      return [one, other];
    case "before":
    case "after":
      return { ago: "1mo" };
    case "within_last":
    case "not_within_last":
      return "1d";
    case "starts_with":
      return "a'b\\";
    case "is_null":
    case "is_not_null":
      return true;
    default:
      return one;
  }
}

/** Columns of types that their families do not tell all of, and values at the limits of theirs. */
export const special: Readonly<Record<string, readonly [ColumnFamily, Each<string>, FieldOperator, Scalar]>> = {
  "a float of 32 bits": ["float", { ...columns.float, duckdb: "FLOAT" }, "is", 0.1],
  "an enumeration": ["text", { ...columns.text, duckdb: "ENUM('a', 'b')" }, "contains", "a"],
  "a list of integers": [
    "list",
    { duckdb: "INTEGER[]", bigquery: "ARRAY<INT64>", snowflake: "ARRAY" },
    "contains",
    2.5,
  ],
  "a list of booleans": [
    "list",
    { duckdb: "BOOLEAN[]", bigquery: "ARRAY<BOOL>", snowflake: "ARRAY" },
    "contains",
    true,
  ],
  "a list of dates": [
    "list",
    { duckdb: "DATE[]", bigquery: "ARRAY<DATE>", snowflake: "ARRAY" },
    "contains",
    "2026-03-29",
  ],
  "a list of structs": [
    "list",
    { duckdb: "INTEGER[][]", bigquery: "ARRAY<STRUCT<a INT64>>", snowflake: "ARRAY" },
    "contains",
    "a",
  ],
  "an integer against a fraction": ["integer", columns.integer, "gte", 2.5],
  "an integer against more than 64 bits": ["integer", columns.integer, "lt", 9223372036854775808n],
  "an integer against more than 38 digits": ["integer", columns.integer, "gt", 1e40],
  "a decimal against more places": ["decimal", columns.decimal, "lt", 12.345],
  "a decimal against a negative number": ["decimal", columns.decimal, "gt", -0.001],
  "a decimal of many places": [
    "decimal",
    { duckdb: "DECIMAL(38,20)", bigquery: "BIGNUMERIC", snowflake: "NUMBER(38,20)" },
    "is",
    1e-20,
  ],
  "the empty text": ["text", columns.text, "contains", ""],
  "the first day of all years in Paris": ["timestamptz", columns.timestamptz, "gte", "0001-01-01"],
};
