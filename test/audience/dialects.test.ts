/** The SQL of every operator over every family, of all warehouses side by side. */
import { expect, test } from "vitest";
import { operatorSql } from "../../src/audience/operand.ts";
import { fieldOperators, type FieldLeaf, type FieldOperator } from "../../src/project/schema/rule.ts";
import { bigqueryDialect } from "../../src/warehouse/bigquery-dialect.ts";
import { duckdbDialect } from "../../src/warehouse/duckdb-dialect.ts";
import { snowflakeDialect } from "../../src/warehouse/snowflake-dialect.ts";
import type { ColumnFamily } from "../../src/warehouse/warehouse.ts";
import { columns, special, valueOf, type Each } from "./dialect-cases.ts";

const dialects = { duckdb: duckdbDialect, bigquery: bigqueryDialect, snowflake: snowflakeDialect };
const reference = { asOf: Date.parse("2026-03-29T12:00:00Z"), timezone: "Europe/Paris" };

/** Of a column `c`; an operator that a family does not have is `NOT_SUPPORTED` with its code. */
function compiled(
  family: ColumnFamily,
  types: Each<string>,
  operator: FieldOperator,
  value: NonNullable<FieldLeaf[FieldOperator]>,
): Each<string> {
  const of = (name: keyof typeof dialects): string => {
    let refusal = "";
    const refuse = (code: string): string => {
      refusal = code;
      return "FALSE";
    };
    const operand = { name: "c", sql: "c", family, type: types[name] };
    const sql = operatorSql(operand, operator, value, { dialect: dialects[name], reference, refuse });
    return refusal === "" ? sql : `NOT_SUPPORTED ${refusal}`;
  };
  return { duckdb: of("duckdb"), bigquery: of("bigquery"), snowflake: of("snowflake") };
}

const everywhere = (sql: string | Each<string>): Each<string> =>
  typeof sql === "string" ? { duckdb: sql, bigquery: sql, snowflake: sql } : sql;

/** One text where all write the same; no line where none has it (E230). */
const operators: Readonly<Record<string, string | Each<string>>> = {
  "integer is": "c = 5",
  "integer is_not": "c <> 5",
  "integer in": "(c = 5 OR c = 9007199254740993)",
  "integer not_in": "NOT ((c = 5 OR c = 9007199254740993))",
  "integer gt": "c > 5",
  "integer gte": "c >= 5",
  "integer lt": "c < 5",
  "integer lte": "c <= 5",
  "integer between": "(c >= 5 AND c <= 9007199254740993)",
  "integer is_null": "c IS NULL",
  "integer is_not_null": "c IS NOT NULL",
  "decimal is": {
    duckdb: "c = 9.99",
    bigquery: "c = NUMERIC '9.99'",
    snowflake: "c = 9.99",
  },
  "decimal is_not": {
    duckdb: "c <> 9.99",
    bigquery: "c <> NUMERIC '9.99'",
    snowflake: "c <> 9.99",
  },
  "decimal in": {
    duckdb: "(c = 9.99 OR c = 100)",
    bigquery: "(c = NUMERIC '9.99' OR c = 100)",
    snowflake: "(c = 9.99 OR c = 100)",
  },
  "decimal not_in": {
    duckdb: "NOT ((c = 9.99 OR c = 100))",
    bigquery: "NOT ((c = NUMERIC '9.99' OR c = 100))",
    snowflake: "NOT ((c = 9.99 OR c = 100))",
  },
  "decimal gt": {
    duckdb: "c > 9.99",
    bigquery: "c > NUMERIC '9.99'",
    snowflake: "c > 9.99",
  },
  "decimal gte": {
    duckdb: "c >= 9.99",
    bigquery: "c >= NUMERIC '9.99'",
    snowflake: "c >= 9.99",
  },
  "decimal lt": {
    duckdb: "c < 9.99",
    bigquery: "c < NUMERIC '9.99'",
    snowflake: "c < 9.99",
  },
  "decimal lte": {
    duckdb: "c <= 9.99",
    bigquery: "c <= NUMERIC '9.99'",
    snowflake: "c <= 9.99",
  },
  "decimal between": {
    duckdb: "(c >= 9.99 AND c <= 100)",
    bigquery: "(c >= NUMERIC '9.99' AND c <= 100)",
    snowflake: "(c >= 9.99 AND c <= 100)",
  },
  "decimal is_null": "c IS NULL",
  "decimal is_not_null": "c IS NOT NULL",
  "float is": {
    duckdb: "CAST(c AS DOUBLE) = CAST('0.1' AS DOUBLE)",
    bigquery: "c = CAST('0.1' AS FLOAT64)",
    snowflake: "c = CAST('0.1' AS FLOAT)",
  },
  "float is_not": {
    duckdb: "CAST(c AS DOUBLE) <> CAST('0.1' AS DOUBLE)",
    bigquery: "c <> CAST('0.1' AS FLOAT64)",
    snowflake: "c <> CAST('0.1' AS FLOAT)",
  },
  "float in": {
    duckdb:
      "(CAST(c AS DOUBLE) = CAST('0.1' AS DOUBLE) OR CAST(c AS DOUBLE) = CAST('100000000000000000000' AS DOUBLE))",
    bigquery: "(c = CAST('0.1' AS FLOAT64) OR c = CAST('100000000000000000000' AS FLOAT64))",
    snowflake: "(c = CAST('0.1' AS FLOAT) OR c = CAST('100000000000000000000' AS FLOAT))",
  },
  "float not_in": {
    duckdb:
      "NOT ((CAST(c AS DOUBLE) = CAST('0.1' AS DOUBLE) OR CAST(c AS DOUBLE) = CAST('100000000000000000000' AS DOUBLE)))",
    bigquery: "NOT ((c = CAST('0.1' AS FLOAT64) OR c = CAST('100000000000000000000' AS FLOAT64)))",
    snowflake: "NOT ((c = CAST('0.1' AS FLOAT) OR c = CAST('100000000000000000000' AS FLOAT)))",
  },
  "float gt": {
    duckdb: "CAST(c AS DOUBLE) > CAST('0.1' AS DOUBLE)",
    bigquery: "(NOT c <= CAST('0.1' AS FLOAT64))",
    snowflake: "c > CAST('0.1' AS FLOAT)",
  },
  "float gte": {
    duckdb: "CAST(c AS DOUBLE) >= CAST('0.1' AS DOUBLE)",
    bigquery: "(NOT c < CAST('0.1' AS FLOAT64))",
    snowflake: "c >= CAST('0.1' AS FLOAT)",
  },
  "float lt": {
    duckdb: "CAST(c AS DOUBLE) < CAST('0.1' AS DOUBLE)",
    bigquery: "c < CAST('0.1' AS FLOAT64)",
    snowflake: "c < CAST('0.1' AS FLOAT)",
  },
  "float lte": {
    duckdb: "CAST(c AS DOUBLE) <= CAST('0.1' AS DOUBLE)",
    bigquery: "c <= CAST('0.1' AS FLOAT64)",
    snowflake: "c <= CAST('0.1' AS FLOAT)",
  },
  "float between": {
    duckdb:
      "(CAST(c AS DOUBLE) >= CAST('0.1' AS DOUBLE) AND CAST(c AS DOUBLE) <= CAST('100000000000000000000' AS DOUBLE))",
    bigquery: "((NOT c < CAST('0.1' AS FLOAT64)) AND c <= CAST('100000000000000000000' AS FLOAT64))",
    snowflake: "(c >= CAST('0.1' AS FLOAT) AND c <= CAST('100000000000000000000' AS FLOAT))",
  },
  "float is_null": "c IS NULL",
  "float is_not_null": "c IS NOT NULL",
  "text is": {
    duckdb: "c = 'a''b\\'",
    bigquery: "c = 'a\\'b\\\\'",
    snowflake: "c = 'a''b\\\\'",
  },
  "text is_not": {
    duckdb: "c <> 'a''b\\'",
    bigquery: "c <> 'a\\'b\\\\'",
    snowflake: "c <> 'a''b\\\\'",
  },
  "text in": {
    duckdb: "c IN ('a''b\\', 'é')",
    bigquery: "c IN ('a\\'b\\\\', 'é')",
    snowflake: "c IN ('a''b\\\\', 'é')",
  },
  "text not_in": {
    duckdb: "NOT (c IN ('a''b\\', 'é'))",
    bigquery: "NOT (c IN ('a\\'b\\\\', 'é'))",
    snowflake: "NOT (c IN ('a''b\\\\', 'é'))",
  },
  "text gt": {
    duckdb: "c > 'a''b\\'",
    bigquery: "c > 'a\\'b\\\\'",
    snowflake: "c > 'a''b\\\\'",
  },
  "text gte": {
    duckdb: "c >= 'a''b\\'",
    bigquery: "c >= 'a\\'b\\\\'",
    snowflake: "c >= 'a''b\\\\'",
  },
  "text lt": {
    duckdb: "c < 'a''b\\'",
    bigquery: "c < 'a\\'b\\\\'",
    snowflake: "c < 'a''b\\\\'",
  },
  "text lte": {
    duckdb: "c <= 'a''b\\'",
    bigquery: "c <= 'a\\'b\\\\'",
    snowflake: "c <= 'a''b\\\\'",
  },
  "text between": {
    duckdb: "(c >= 'a''b\\' AND c <= 'é')",
    bigquery: "(c >= 'a\\'b\\\\' AND c <= 'é')",
    snowflake: "(c >= 'a''b\\\\' AND c <= 'é')",
  },
  "text contains": {
    duckdb: "STRPOS(c, 'a''b\\') > 0",
    bigquery: "STRPOS(c, 'a\\'b\\\\') > 0",
    snowflake: "CONTAINS(c, 'a''b\\\\')",
  },
  "text starts_with": {
    duckdb: "STARTS_WITH(c, 'a''b\\')",
    bigquery: "STARTS_WITH(c, 'a\\'b\\\\')",
    snowflake: "STARTSWITH(c, 'a''b\\\\')",
  },
  "text is_null": "c IS NULL",
  "text is_not_null": "c IS NOT NULL",
  "boolean is": "c = TRUE",
  "boolean is_not": "c <> TRUE",
  "boolean in": "(c = TRUE OR c = FALSE)",
  "boolean not_in": "NOT ((c = TRUE OR c = FALSE))",
  "boolean is_null": "c IS NULL",
  "boolean is_not_null": "c IS NOT NULL",
  "date is": "c = CAST('2026-03-29' AS DATE)",
  "date is_not": "c <> CAST('2026-03-29' AS DATE)",
  "date in": "(c = CAST('2026-03-29' AS DATE) OR CASE WHEN c IS NOT NULL THEN FALSE END)",
  "date not_in": "NOT ((c = CAST('2026-03-29' AS DATE) OR CASE WHEN c IS NOT NULL THEN FALSE END))",
  "date gt": "c > CAST('2026-03-29' AS DATE)",
  "date gte": "c >= CAST('2026-03-29' AS DATE)",
  "date lt": "c < CAST('2026-03-29' AS DATE)",
  "date lte": "c <= CAST('2026-03-29' AS DATE)",
  "date between": "(c >= CAST('2026-03-29' AS DATE) AND c <= CAST('2026-03-29' AS DATE))",
  "date is_null": "c IS NULL",
  "date is_not_null": "c IS NOT NULL",
  "date before": "c < CAST('2026-03-01' AS DATE)",
  "date after": "c > CAST('2026-02-28' AS DATE)",
  "date within_last": "(c >= CAST('2026-03-29' AS DATE) AND c <= CAST('2026-03-29' AS DATE))",
  "date not_within_last": "NOT (c >= CAST('2026-03-29' AS DATE) AND c <= CAST('2026-03-29' AS DATE))",
  "timestamp is": {
    duckdb: "c = CAST('2026-03-28 23:00:00.000' AS TIMESTAMP)",
    bigquery: "c = CAST('2026-03-28 23:00:00.000' AS DATETIME)",
    snowflake: "c = CAST('2026-03-28 23:00:00.000' AS TIMESTAMP_NTZ)",
  },
  "timestamp is_not": {
    duckdb: "c <> CAST('2026-03-28 23:00:00.000' AS TIMESTAMP)",
    bigquery: "c <> CAST('2026-03-28 23:00:00.000' AS DATETIME)",
    snowflake: "c <> CAST('2026-03-28 23:00:00.000' AS TIMESTAMP_NTZ)",
  },
  "timestamp in": {
    duckdb: "(c = CAST('2026-03-28 23:00:00.000' AS TIMESTAMP) OR c = CAST('2026-03-28 23:30:00.000' AS TIMESTAMP))",
    bigquery: "(c = CAST('2026-03-28 23:00:00.000' AS DATETIME) OR c = CAST('2026-03-28 23:30:00.000' AS DATETIME))",
    snowflake:
      "(c = CAST('2026-03-28 23:00:00.000' AS TIMESTAMP_NTZ) OR c = CAST('2026-03-28 23:30:00.000' AS TIMESTAMP_NTZ))",
  },
  "timestamp not_in": {
    duckdb:
      "NOT ((c = CAST('2026-03-28 23:00:00.000' AS TIMESTAMP) OR c = CAST('2026-03-28 23:30:00.000' AS TIMESTAMP)))",
    bigquery:
      "NOT ((c = CAST('2026-03-28 23:00:00.000' AS DATETIME) OR c = CAST('2026-03-28 23:30:00.000' AS DATETIME)))",
    snowflake:
      "NOT ((c = CAST('2026-03-28 23:00:00.000' AS TIMESTAMP_NTZ) OR c = CAST('2026-03-28 23:30:00.000' AS TIMESTAMP_NTZ)))",
  },
  "timestamp gt": {
    duckdb: "c > CAST('2026-03-28 23:00:00.000' AS TIMESTAMP)",
    bigquery: "c > CAST('2026-03-28 23:00:00.000' AS DATETIME)",
    snowflake: "c > CAST('2026-03-28 23:00:00.000' AS TIMESTAMP_NTZ)",
  },
  "timestamp gte": {
    duckdb: "c >= CAST('2026-03-28 23:00:00.000' AS TIMESTAMP)",
    bigquery: "c >= CAST('2026-03-28 23:00:00.000' AS DATETIME)",
    snowflake: "c >= CAST('2026-03-28 23:00:00.000' AS TIMESTAMP_NTZ)",
  },
  "timestamp lt": {
    duckdb: "c < CAST('2026-03-28 23:00:00.000' AS TIMESTAMP)",
    bigquery: "c < CAST('2026-03-28 23:00:00.000' AS DATETIME)",
    snowflake: "c < CAST('2026-03-28 23:00:00.000' AS TIMESTAMP_NTZ)",
  },
  "timestamp lte": {
    duckdb: "c <= CAST('2026-03-28 23:00:00.000' AS TIMESTAMP)",
    bigquery: "c <= CAST('2026-03-28 23:00:00.000' AS DATETIME)",
    snowflake: "c <= CAST('2026-03-28 23:00:00.000' AS TIMESTAMP_NTZ)",
  },
  "timestamp between": {
    duckdb: "(c >= CAST('2026-03-28 23:00:00.000' AS TIMESTAMP) AND c <= CAST('2026-03-28 23:30:00.000' AS TIMESTAMP))",
    bigquery: "(c >= CAST('2026-03-28 23:00:00.000' AS DATETIME) AND c <= CAST('2026-03-28 23:30:00.000' AS DATETIME))",
    snowflake:
      "(c >= CAST('2026-03-28 23:00:00.000' AS TIMESTAMP_NTZ) AND c <= CAST('2026-03-28 23:30:00.000' AS TIMESTAMP_NTZ))",
  },
  "timestamp is_null": "c IS NULL",
  "timestamp is_not_null": "c IS NOT NULL",
  "timestamp before": {
    duckdb: "c < CAST('2026-02-28 13:00:00.000' AS TIMESTAMP)",
    bigquery: "c < CAST('2026-02-28 13:00:00.000' AS DATETIME)",
    snowflake: "c < CAST('2026-02-28 13:00:00.000' AS TIMESTAMP_NTZ)",
  },
  "timestamp after": {
    duckdb: "c > CAST('2026-02-28 13:00:00.000' AS TIMESTAMP)",
    bigquery: "c > CAST('2026-02-28 13:00:00.000' AS DATETIME)",
    snowflake: "c > CAST('2026-02-28 13:00:00.000' AS TIMESTAMP_NTZ)",
  },
  "timestamp within_last": {
    duckdb: "(c >= CAST('2026-03-28 12:00:00.000' AS TIMESTAMP) AND c <= CAST('2026-03-29 12:00:00.000' AS TIMESTAMP))",
    bigquery: "(c >= CAST('2026-03-28 12:00:00.000' AS DATETIME) AND c <= CAST('2026-03-29 12:00:00.000' AS DATETIME))",
    snowflake:
      "(c >= CAST('2026-03-28 12:00:00.000' AS TIMESTAMP_NTZ) AND c <= CAST('2026-03-29 12:00:00.000' AS TIMESTAMP_NTZ))",
  },
  "timestamp not_within_last": {
    duckdb:
      "NOT (c >= CAST('2026-03-28 12:00:00.000' AS TIMESTAMP) AND c <= CAST('2026-03-29 12:00:00.000' AS TIMESTAMP))",
    bigquery:
      "NOT (c >= CAST('2026-03-28 12:00:00.000' AS DATETIME) AND c <= CAST('2026-03-29 12:00:00.000' AS DATETIME))",
    snowflake:
      "NOT (c >= CAST('2026-03-28 12:00:00.000' AS TIMESTAMP_NTZ) AND c <= CAST('2026-03-29 12:00:00.000' AS TIMESTAMP_NTZ))",
  },
  "timestamptz is": {
    duckdb: "c = TIMESTAMPTZ '2026-03-28 23:00:00.000+00'",
    bigquery: "c = TIMESTAMP '2026-03-28 23:00:00.000+00:00'",
    snowflake: "c = CAST('2026-03-28T23:00:00.000+00:00' AS TIMESTAMP_TZ)",
  },
  "timestamptz is_not": {
    duckdb: "c <> TIMESTAMPTZ '2026-03-28 23:00:00.000+00'",
    bigquery: "c <> TIMESTAMP '2026-03-28 23:00:00.000+00:00'",
    snowflake: "c <> CAST('2026-03-28T23:00:00.000+00:00' AS TIMESTAMP_TZ)",
  },
  "timestamptz in": {
    duckdb: "(c = TIMESTAMPTZ '2026-03-28 23:00:00.000+00' OR c = TIMESTAMPTZ '2026-03-28 23:30:00.000+00')",
    bigquery: "(c = TIMESTAMP '2026-03-28 23:00:00.000+00:00' OR c = TIMESTAMP '2026-03-28 23:30:00.000+00:00')",
    snowflake:
      "(c = CAST('2026-03-28T23:00:00.000+00:00' AS TIMESTAMP_TZ) OR c = CAST('2026-03-28T23:30:00.000+00:00' AS TIMESTAMP_TZ))",
  },
  "timestamptz not_in": {
    duckdb: "NOT ((c = TIMESTAMPTZ '2026-03-28 23:00:00.000+00' OR c = TIMESTAMPTZ '2026-03-28 23:30:00.000+00'))",
    bigquery: "NOT ((c = TIMESTAMP '2026-03-28 23:00:00.000+00:00' OR c = TIMESTAMP '2026-03-28 23:30:00.000+00:00'))",
    snowflake:
      "NOT ((c = CAST('2026-03-28T23:00:00.000+00:00' AS TIMESTAMP_TZ) OR c = CAST('2026-03-28T23:30:00.000+00:00' AS TIMESTAMP_TZ)))",
  },
  "timestamptz gt": {
    duckdb: "c > TIMESTAMPTZ '2026-03-28 23:00:00.000+00'",
    bigquery: "c > TIMESTAMP '2026-03-28 23:00:00.000+00:00'",
    snowflake: "c > CAST('2026-03-28T23:00:00.000+00:00' AS TIMESTAMP_TZ)",
  },
  "timestamptz gte": {
    duckdb: "c >= TIMESTAMPTZ '2026-03-28 23:00:00.000+00'",
    bigquery: "c >= TIMESTAMP '2026-03-28 23:00:00.000+00:00'",
    snowflake: "c >= CAST('2026-03-28T23:00:00.000+00:00' AS TIMESTAMP_TZ)",
  },
  "timestamptz lt": {
    duckdb: "c < TIMESTAMPTZ '2026-03-28 23:00:00.000+00'",
    bigquery: "c < TIMESTAMP '2026-03-28 23:00:00.000+00:00'",
    snowflake: "c < CAST('2026-03-28T23:00:00.000+00:00' AS TIMESTAMP_TZ)",
  },
  "timestamptz lte": {
    duckdb: "c <= TIMESTAMPTZ '2026-03-28 23:00:00.000+00'",
    bigquery: "c <= TIMESTAMP '2026-03-28 23:00:00.000+00:00'",
    snowflake: "c <= CAST('2026-03-28T23:00:00.000+00:00' AS TIMESTAMP_TZ)",
  },
  "timestamptz between": {
    duckdb: "(c >= TIMESTAMPTZ '2026-03-28 23:00:00.000+00' AND c <= TIMESTAMPTZ '2026-03-28 23:30:00.000+00')",
    bigquery: "(c >= TIMESTAMP '2026-03-28 23:00:00.000+00:00' AND c <= TIMESTAMP '2026-03-28 23:30:00.000+00:00')",
    snowflake:
      "(c >= CAST('2026-03-28T23:00:00.000+00:00' AS TIMESTAMP_TZ) AND c <= CAST('2026-03-28T23:30:00.000+00:00' AS TIMESTAMP_TZ))",
  },
  "timestamptz is_null": "c IS NULL",
  "timestamptz is_not_null": "c IS NOT NULL",
  "timestamptz before": {
    duckdb: "c < TIMESTAMPTZ '2026-02-28 13:00:00.000+00'",
    bigquery: "c < TIMESTAMP '2026-02-28 13:00:00.000+00:00'",
    snowflake: "c < CAST('2026-02-28T13:00:00.000+00:00' AS TIMESTAMP_TZ)",
  },
  "timestamptz after": {
    duckdb: "c > TIMESTAMPTZ '2026-02-28 13:00:00.000+00'",
    bigquery: "c > TIMESTAMP '2026-02-28 13:00:00.000+00:00'",
    snowflake: "c > CAST('2026-02-28T13:00:00.000+00:00' AS TIMESTAMP_TZ)",
  },
  "timestamptz within_last": {
    duckdb: "(c >= TIMESTAMPTZ '2026-03-28 12:00:00.000+00' AND c <= TIMESTAMPTZ '2026-03-29 12:00:00.000+00')",
    bigquery: "(c >= TIMESTAMP '2026-03-28 12:00:00.000+00:00' AND c <= TIMESTAMP '2026-03-29 12:00:00.000+00:00')",
    snowflake:
      "(c >= CAST('2026-03-28T12:00:00.000+00:00' AS TIMESTAMP_TZ) AND c <= CAST('2026-03-29T12:00:00.000+00:00' AS TIMESTAMP_TZ))",
  },
  "timestamptz not_within_last": {
    duckdb: "NOT (c >= TIMESTAMPTZ '2026-03-28 12:00:00.000+00' AND c <= TIMESTAMPTZ '2026-03-29 12:00:00.000+00')",
    bigquery: "NOT (c >= TIMESTAMP '2026-03-28 12:00:00.000+00:00' AND c <= TIMESTAMP '2026-03-29 12:00:00.000+00:00')",
    snowflake:
      "NOT (c >= CAST('2026-03-28T12:00:00.000+00:00' AS TIMESTAMP_TZ) AND c <= CAST('2026-03-29T12:00:00.000+00:00' AS TIMESTAMP_TZ))",
  },
  "time is": {
    duckdb: "c = CAST('09:30' AS TIME)",
    bigquery: "c = CAST('09:30:00' AS TIME)",
    snowflake: "c = CAST('09:30' AS TIME)",
  },
  "time is_not": {
    duckdb: "c <> CAST('09:30' AS TIME)",
    bigquery: "c <> CAST('09:30:00' AS TIME)",
    snowflake: "c <> CAST('09:30' AS TIME)",
  },
  "time in": {
    duckdb: "(c = CAST('09:30' AS TIME) OR c = CAST('10:00:00.5' AS TIME))",
    bigquery: "(c = CAST('09:30:00' AS TIME) OR c = CAST('10:00:00.5' AS TIME))",
    snowflake: "(c = CAST('09:30' AS TIME) OR c = CAST('10:00:00.5' AS TIME))",
  },
  "time not_in": {
    duckdb: "NOT ((c = CAST('09:30' AS TIME) OR c = CAST('10:00:00.5' AS TIME)))",
    bigquery: "NOT ((c = CAST('09:30:00' AS TIME) OR c = CAST('10:00:00.5' AS TIME)))",
    snowflake: "NOT ((c = CAST('09:30' AS TIME) OR c = CAST('10:00:00.5' AS TIME)))",
  },
  "time gt": {
    duckdb: "c > CAST('09:30' AS TIME)",
    bigquery: "c > CAST('09:30:00' AS TIME)",
    snowflake: "c > CAST('09:30' AS TIME)",
  },
  "time gte": {
    duckdb: "c >= CAST('09:30' AS TIME)",
    bigquery: "c >= CAST('09:30:00' AS TIME)",
    snowflake: "c >= CAST('09:30' AS TIME)",
  },
  "time lt": {
    duckdb: "c < CAST('09:30' AS TIME)",
    bigquery: "c < CAST('09:30:00' AS TIME)",
    snowflake: "c < CAST('09:30' AS TIME)",
  },
  "time lte": {
    duckdb: "c <= CAST('09:30' AS TIME)",
    bigquery: "c <= CAST('09:30:00' AS TIME)",
    snowflake: "c <= CAST('09:30' AS TIME)",
  },
  "time between": {
    duckdb: "(c >= CAST('09:30' AS TIME) AND c <= CAST('10:00:00.5' AS TIME))",
    bigquery: "(c >= CAST('09:30:00' AS TIME) AND c <= CAST('10:00:00.5' AS TIME))",
    snowflake: "(c >= CAST('09:30' AS TIME) AND c <= CAST('10:00:00.5' AS TIME))",
  },
  "time is_null": "c IS NULL",
  "time is_not_null": "c IS NOT NULL",
  "list contains": {
    duckdb: "LIST_CONTAINS(c, 'a''b\\')",
    bigquery: "IF(c IS NULL, NULL, EXISTS (SELECT 1 FROM UNNEST(c) AS e WHERE e = 'a\\'b\\\\'))",
    snowflake: "ARRAY_CONTAINS(TO_VARIANT('a''b\\\\'), c)",
  },
  "list is_null": "c IS NULL",
  "list is_not_null": "c IS NOT NULL",
  "struct is_null": "c IS NULL",
  "struct is_not_null": "c IS NOT NULL",
  "json is_null": "c IS NULL",
  "json is_not_null": "c IS NOT NULL",
  "binary is_null": "c IS NULL",
  "binary is_not_null": "c IS NOT NULL",
  "other is": {
    duckdb: "CAST(c AS VARCHAR) = 'x'",
    bigquery: "CAST(c AS STRING) = 'x'",
    snowflake: "CAST(c AS VARCHAR) = 'x'",
  },
  "other is_not": {
    duckdb: "CAST(c AS VARCHAR) <> 'x'",
    bigquery: "CAST(c AS STRING) <> 'x'",
    snowflake: "CAST(c AS VARCHAR) <> 'x'",
  },
  "other in": {
    duckdb: "(CAST(c AS VARCHAR) = 'x' OR CAST(c AS VARCHAR) = 'y')",
    bigquery: "(CAST(c AS STRING) = 'x' OR CAST(c AS STRING) = 'y')",
    snowflake: "(CAST(c AS VARCHAR) = 'x' OR CAST(c AS VARCHAR) = 'y')",
  },
  "other not_in": {
    duckdb: "NOT ((CAST(c AS VARCHAR) = 'x' OR CAST(c AS VARCHAR) = 'y'))",
    bigquery: "NOT ((CAST(c AS STRING) = 'x' OR CAST(c AS STRING) = 'y'))",
    snowflake: "NOT ((CAST(c AS VARCHAR) = 'x' OR CAST(c AS VARCHAR) = 'y'))",
  },
  "other is_null": "c IS NULL",
  "other is_not_null": "c IS NOT NULL",
};

const others: Readonly<Record<string, string | Each<string>>> = {
  "a float of 32 bits": {
    duckdb: "CAST(CAST(c AS VARCHAR) AS DOUBLE) = CAST('0.1' AS DOUBLE)",
    bigquery: "c = CAST('0.1' AS FLOAT64)",
    snowflake: "c = CAST('0.1' AS FLOAT)",
  },
  "an enumeration": {
    duckdb: "STRPOS(CAST(c AS VARCHAR), 'a') > 0",
    bigquery: "STRPOS(c, 'a') > 0",
    snowflake: "CONTAINS(c, 'a')",
  },
  "a list of integers": {
    duckdb: "LIST_CONTAINS(c, 2.5)",
    bigquery: "IF(c IS NULL, NULL, EXISTS (SELECT 1 FROM UNNEST(c) AS e WHERE e = NUMERIC '2.5'))",
    snowflake: "ARRAY_CONTAINS(TO_VARIANT(2.5), c)",
  },
  "a list of booleans": {
    duckdb: "LIST_CONTAINS(c, TRUE)",
    bigquery: "IF(c IS NULL, NULL, EXISTS (SELECT 1 FROM UNNEST(c) AS e WHERE e = TRUE))",
    snowflake: "ARRAY_CONTAINS(TO_VARIANT(TRUE), c)",
  },
  "a list of dates": {
    duckdb: "LIST_CONTAINS(CAST(c AS VARCHAR[]), '2026-03-29')",
    bigquery: "IF(c IS NULL, NULL, EXISTS (SELECT 1 FROM UNNEST(c) AS e WHERE CAST(e AS STRING) = '2026-03-29'))",
    snowflake: "ARRAY_CONTAINS(TO_VARIANT('2026-03-29'), c)",
  },
  "a list of structs": {
    duckdb: "NOT_SUPPORTED E230",
    bigquery: "NOT_SUPPORTED E230",
    snowflake: "ARRAY_CONTAINS(TO_VARIANT('a'), c)",
  },
  "an integer against a fraction": "c > 2",
  "an integer against more than 64 bits": {
    duckdb: "c < 9223372036854775808",
    bigquery: "c < BIGNUMERIC '9223372036854775808'",
    snowflake: "c < 9223372036854775808",
  },
  "an integer against more than 38 digits": {
    duckdb: "CAST(c AS DOUBLE) > CAST('1e+40' AS DOUBLE)",
    bigquery: "(NOT CAST(c AS FLOAT64) <= CAST('1e+40' AS FLOAT64))",
    snowflake: "CAST(c AS FLOAT) > CAST('1e+40' AS FLOAT)",
  },
  "a decimal against more places": {
    duckdb: "c <= 12.34",
    bigquery: "c < NUMERIC '12.345'",
    snowflake: "c <= 12.34",
  },
  "a decimal against a negative number": {
    duckdb: "c > -0.01",
    bigquery: "c > NUMERIC '-0.001'",
    snowflake: "c > -0.01",
  },
  "a decimal of many places": {
    duckdb: "c = 0.00000000000000000001",
    bigquery: "c = BIGNUMERIC '0.00000000000000000001'",
    snowflake: "c = 0.00000000000000000001",
  },
  "the empty text": "CASE WHEN c IS NOT NULL THEN TRUE END",
  "the first day of all years in Paris": {
    duckdb: "c >= TIMESTAMPTZ '0000-12-29 23:50:39.000+00'",
    bigquery: "CASE WHEN c IS NOT NULL THEN TRUE END",
    snowflake: "c >= CAST('0000-12-29T23:50:39.000+00:00' AS TIMESTAMP_TZ)",
  },
};

test.for(
  (Object.keys(columns) as ColumnFamily[]).flatMap((family) =>
    fieldOperators.map((operator) => ({ family, operator })),
  ),
)("$family $operator", ({ family, operator }) => {
  const expected = operators[`${family} ${operator}`] ?? "NOT_SUPPORTED E230";
  expect(compiled(family, columns[family], operator, valueOf(family, operator))).toEqual(everywhere(expected));
});

test.for(Object.keys(special))("%s", (name) => {
  expect(compiled(...special[name]!)).toEqual(everywhere(others[name] ?? ""));
});
