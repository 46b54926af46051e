/** The SQL that each dialect writes, side by side; that it does what it should is the contract's (test/contract/warehouses). */
import { expect, test } from "vitest";
import { bigqueryDialect } from "../../src/warehouse/bigquery-dialect.ts";
import { duckdbDialect } from "../../src/warehouse/duckdb-dialect.ts";
import { snowflakeDialect } from "../../src/warehouse/snowflake-dialect.ts";
import type { ColumnFamily, Dialect } from "../../src/warehouse/warehouse.ts";

const dialects = { duckdb: duckdbDialect, bigquery: bigqueryDialect, snowflake: snowflakeDialect } as const;

interface Case {
  readonly of: (dialect: Dialect) => string | null;
  readonly duckdb: string | null;
  readonly bigquery: string | null;
  readonly snowflake: string | null;
}
const cases: Readonly<Record<string, Case>> = {
  "quote a name": {
    of: (d) => d.quote('a`b"c\\d'),
    duckdb: '"a`b""c\\d"',
    bigquery: '`a\\`b"c\\\\d`',
    snowflake: '"a`b""c\\d"',
  },
  "quote a name that folds": {
    of: (d) => d.quote("customer_id"),
    duckdb: '"customer_id"',
    bigquery: "`customer_id`",
    snowflake: '"CUSTOMER_ID"',
  },
  textJson: {
    of: (d) => d.textJson("x"),
    duckdb: "CAST(to_json(x) AS VARCHAR)",
    bigquery: "TO_JSON_STRING(x)",
    snowflake: "TO_JSON(TO_VARIANT(x))",
  },
  textsJson: {
    of: (d) => d.textsJson(["x", "y"]),
    duckdb: "CAST(to_json([x, y]) AS VARCHAR)",
    bigquery: "TO_JSON_STRING([x, y])",
    snowflake: "TO_JSON(ARRAY_CONSTRUCT(x, y))",
  },
  textAt: {
    of: (d) => d.textAt("x", 1),
    duckdb: "json_extract_string(x, '$[1]')",
    bigquery: "JSON_VALUE(x, '$[1]')",
    snowflake: "CAST(PARSE_JSON(x)[1] AS VARCHAR)",
  },
  wholeNumber: {
    of: (d) => d.wholeNumber("x"),
    duckdb: "TRY_CAST(x AS HUGEINT)",
    bigquery: "SAFE_CAST(x AS BIGNUMERIC)",
    snowflake: "TRY_TO_NUMBER(x, 38, 0)",
  },
  "columnType timestamp": {
    of: (d) => d.columnType("timestamp"),
    duckdb: "TIMESTAMP",
    bigquery: "DATETIME",
    snowflake: "TIMESTAMP_NTZ",
  },
  "columnType integer": {
    of: (d) => d.columnType("integer"),
    duckdb: "HUGEINT",
    bigquery: "INT64",
    snowflake: "NUMBER(37,0)",
  },
  "columnType of what has no family": {
    of: (d) => d.columnType("other"),
    duckdb: "VARCHAR",
    bigquery: "STRING",
    snowflake: "VARCHAR",
  },
  "scratchTable of a query": {
    of: (d) => d.scratchTable("t", { query: "SELECT 1" }),
    duckdb: "CREATE OR REPLACE TABLE t AS SELECT 1",
    bigquery:
      "CREATE OR REPLACE TABLE t OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)) AS SELECT 1",
    snowflake: "CREATE OR REPLACE TRANSIENT TABLE t DATA_RETENTION_TIME_IN_DAYS = 0 AS SELECT 1",
  },
  "scratchTable of columns": {
    of: (d) => d.scratchTable("t", { columns: "a X" }),
    duckdb: "CREATE OR REPLACE TABLE t (a X)",
    bigquery:
      "CREATE OR REPLACE TABLE t (a X) OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR))",
    snowflake: "CREATE OR REPLACE TRANSIENT TABLE t (a X) DATA_RETENTION_TIME_IN_DAYS = 0",
  },
  relation: {
    of: (d) => d.relation("shop", "crm", "order"),
    duckdb: '"shop"."crm"."order"',
    bigquery: "`shop`.`crm`.`order`",
    snowflake: '"SHOP"."CRM"."ORDER"',
  },
  "literal NULL": {
    of: (d) => d.literal(null),
    duckdb: "NULL",
    bigquery: "NULL",
    snowflake: "NULL",
  },
  "literal true": {
    of: (d) => d.literal(true),
    duckdb: "TRUE",
    bigquery: "TRUE",
    snowflake: "TRUE",
  },
  "literal text": {
    of: (d) => d.literal("O'Hara \\ \n"),
    duckdb: "'O''Hara \\ \n'",
    bigquery: "'O\\'Hara \\\\ \\n'",
    snowflake: "'O''Hara \\\\ \n'",
  },
  "literal negative": {
    of: (d) => d.literal(-1),
    duckdb: "(-1)",
    bigquery: "(-1)",
    snowflake: "(-1)",
  },
  "literal fraction": {
    of: (d) => d.literal(0.5),
    duckdb: "0.5",
    bigquery: "0.5",
    snowflake: "0.5",
  },
  "literal beyond 2^53": {
    of: (d) => d.literal(2n ** 60n),
    duckdb: "1152921504606846976",
    bigquery: "1152921504606846976",
    snowflake: "1152921504606846976",
  },
  "literal beyond 64 bits": {
    of: (d) => d.literal(2n ** 64n),
    duckdb: "18446744073709551616",
    bigquery: "BIGNUMERIC '18446744073709551616'",
    snowflake: "18446744073709551616",
  },
  "literal large number": {
    of: (d) => d.literal(1e20),
    duckdb: "100000000000000000000",
    bigquery: "1e+20",
    snowflake: "100000000000000000000",
  },
  "literal NaN": {
    of: (d) => d.literal(NaN),
    duckdb: "CAST('NaN' AS DOUBLE)",
    bigquery: "CAST('NaN' AS FLOAT64)",
    snowflake: "CAST('NaN' AS FLOAT)",
  },
  "literal infinity": {
    of: (d) => d.literal(-Infinity),
    duckdb: "CAST('-Infinity' AS DOUBLE)",
    bigquery: "CAST('-Infinity' AS FLOAT64)",
    snowflake: "CAST('-inf' AS FLOAT)",
  },
  "literal text with NUL": {
    of: (d) => d.literal("a\0b"),
    duckdb: "('a' || chr(0) || 'b')",
    bigquery: "'a\\u0000b'",
    snowflake: "('a' || CHR(0) || 'b')",
  },
  timestamp: {
    of: (d) => d.timestamp(1),
    duckdb: "TIMESTAMPTZ '1970-01-01 00:00:00.001+00'",
    bigquery: "TIMESTAMP '1970-01-01 00:00:00.001+00:00'",
    snowflake: "CAST('1970-01-01T00:00:00.001+00:00' AS TIMESTAMP_TZ)",
  },
  utf8: {
    of: (d) => d.utf8("x"),
    duckdb: "encode(x)",
    bigquery: "CAST(x AS BYTES)",
    snowflake: "TO_BINARY(x, 'UTF-8')",
  },
  "jsonObject of nothing": {
    of: (d) => d.jsonObject([]),
    duckdb: "'{}'",
    bigquery: "'{}'",
    snowflake: "'{}'",
  },
  jsonObject: {
    of: (d) =>
      d.jsonObject([
        ['a"b', "x"],
        ["c", "NULL"],
      ]),
    duckdb: "'{' || '\"a\\\"b\":' || coalesce(x, 'null') || ',' || '\"c\":' || coalesce(NULL, 'null') || '}'",
    bigquery: "CONCAT('{', '\"a\\\\\"b\":', COALESCE(x, 'null'), ',', '\"c\":', COALESCE(NULL, 'null'), '}')",
    snowflake: "'{' || '\"a\\\\\"b\":' || COALESCE(x, 'null') || ',' || '\"c\":' || COALESCE(NULL, 'null') || '}'",
  },
  "stablePrint of nothing": {
    of: (d) => d.stablePrint([]),
    duckdb: "CAST(md5_number(CAST(json_array() AS VARCHAR)) >> 64 AS UBIGINT)",
    bigquery: "FARM_FINGERPRINT(TO_JSON_STRING([]))",
    snowflake: "MD5_NUMBER_LOWER64('')",
  },
  stablePrint: {
    of: (d) => d.stablePrint(["a", "b"]),
    duckdb: "CAST(md5_number(CAST(json_array(a, b) AS VARCHAR)) >> 64 AS UBIGINT)",
    bigquery: "FARM_FINGERPRINT(TO_JSON_STRING([a, b]))",
    snowflake:
      "MD5_NUMBER_LOWER64(COALESCE(LENGTH(a) || ':' || a, '-') || ',' || COALESCE(LENGTH(b) || ':' || b, '-'))",
  },
  "fastPrint of nothing": {
    of: (d) => d.fastPrint([]),
    duckdb: "hash(0)",
    bigquery: null,
    snowflake: null,
  },
  fastPrint: {
    of: (d) => d.fastPrint(["a", "b"]),
    duckdb: "hash(a, b)",
    bigquery: null,
    snowflake: null,
  },
  "canonical integer": {
    of: (d) => d.canonical("x", "integer"),
    duckdb: "CAST(x AS VARCHAR)",
    bigquery: "CAST(x AS STRING)",
    snowflake: "CAST(x AS VARCHAR)",
  },
  "canonical decimal": {
    of: (d) => d.canonical("x", "decimal"),
    duckdb:
      "CASE WHEN NOT suffix(CAST(x AS VARCHAR), '0') THEN CAST(x AS VARCHAR) WHEN contains(CAST(x AS VARCHAR), '.') THEN rtrim(rtrim(CAST(x AS VARCHAR), '0'), '.') ELSE CAST(x AS VARCHAR) END",
    bigquery: "IF(STRPOS(CAST(x AS STRING), '.') > 0, RTRIM(RTRIM(CAST(x AS STRING), '0'), '.'), CAST(x AS STRING))",
    snowflake:
      "CASE WHEN CONTAINS(CAST(x AS VARCHAR), '.') THEN REGEXP_REPLACE(CAST(x AS VARCHAR), '[.]?0*$', '') ELSE CAST(x AS VARCHAR) END",
  },
  "canonical float": {
    of: (d) => d.canonical("x", "float"),
    duckdb:
      "CASE WHEN x IS NULL THEN NULL WHEN isnan(x) THEN 'float:nan' WHEN isinf(x) THEN 'float:' || CAST(x AS VARCHAR) WHEN x = trunc(x) AND abs(x) < 1e38 THEN CAST(CAST(x AS HUGEINT) AS VARCHAR) WHEN contains(CAST(x AS VARCHAR), 'e-') THEN rtrim((CASE WHEN x < 0 THEN '-0.' ELSE '0.' END) || repeat('0', CAST(split_part(CAST(x AS VARCHAR), 'e-', 2) AS INTEGER) - 1) || replace(replace(split_part(CAST(x AS VARCHAR), 'e', 1), '.', ''), '-', ''), '0') WHEN contains(CAST(x AS VARCHAR), 'e') THEN CAST(x AS VARCHAR) ELSE rtrim(CAST(x AS VARCHAR), '0') END",
    bigquery:
      "(SELECT IF(millrace_digits LIKE '%e-%', CONCAT(IF(STARTS_WITH(millrace_digits, '-'), '-0.', '0.'), REPEAT('0', CAST(SPLIT(millrace_digits, 'e-')[OFFSET(1)] AS INT64) - 1), REPLACE(REPLACE(SPLIT(millrace_digits, 'e-')[OFFSET(0)], '.', ''), '-', '')), millrace_digits) FROM (SELECT CASE WHEN x IS NULL THEN NULL WHEN IS_NAN(x) THEN 'float:nan' WHEN IS_INF(x) THEN IF(x > 0, 'float:inf', 'float:-inf') WHEN x = 0 THEN '0' WHEN x = TRUNC(x) AND ABS(x) < 1e38 THEN FORMAT('%.0f', x) WHEN CAST(FORMAT('%.15g', x) AS FLOAT64) = x THEN FORMAT('%.15g', x) WHEN CAST(FORMAT('%.16g', x) AS FLOAT64) = x THEN FORMAT('%.16g', x) ELSE FORMAT('%.17g', x) END AS millrace_digits))",
    snowflake:
      "CASE WHEN x IS NULL THEN NULL WHEN x = CAST('NaN' AS FLOAT) THEN 'float:nan' WHEN x = CAST('inf' AS FLOAT) THEN 'float:inf' WHEN x = CAST('-inf' AS FLOAT) THEN 'float:-inf' WHEN x = TRUNC(x) AND ABS(x) < CAST('1e38' AS FLOAT) THEN CAST(CAST(x AS NUMBER(38,0)) AS VARCHAR) WHEN CONTAINS(LOWER(CAST(x AS VARCHAR)), 'e-') THEN RTRIM(CASE WHEN x < 0 THEN '-0.' ELSE '0.' END || REPEAT('0', TRY_CAST(SPLIT_PART(LOWER(CAST(x AS VARCHAR)), 'e-', 2) AS INTEGER) - 1) || REPLACE(REPLACE(SPLIT_PART(LOWER(CAST(x AS VARCHAR)), 'e', 1), '.', ''), '-', ''), '0') WHEN CONTAINS(LOWER(CAST(x AS VARCHAR)), 'e') THEN LOWER(CAST(x AS VARCHAR)) ELSE RTRIM(LOWER(CAST(x AS VARCHAR)), '0') END",
  },
  "canonical text": {
    of: (d) => d.canonical("x", "text"),
    duckdb: "CAST(x AS VARCHAR)",
    bigquery: "CAST(x AS STRING)",
    snowflake: "CAST(x AS VARCHAR)",
  },
  "canonical boolean": {
    of: (d) => d.canonical("x", "boolean"),
    duckdb: "CAST(x AS VARCHAR)",
    bigquery: "CAST(x AS STRING)",
    snowflake: "CAST(x AS VARCHAR)",
  },
  "canonical date": {
    of: (d) => d.canonical("x", "date"),
    duckdb: "CAST(x AS VARCHAR)",
    bigquery: "CAST(x AS STRING)",
    snowflake: "TO_CHAR(x, 'YYYY-MM-DD')",
  },
  "canonical timestamp": {
    of: (d) => d.canonical("x", "timestamp"),
    duckdb:
      "CASE WHEN isfinite(x) THEN strftime(make_timestamp(epoch_us(x)), '%Y-%m-%dT%H:%M:%S.%fZ') ELSE CAST(x AS VARCHAR) END",
    bigquery: "CONCAT(LPAD(FORMAT_DATETIME('%Y-%m-%dT%H:%M:%E6S', x), 26, '0'), 'Z')",
    snowflake: "TO_CHAR(x, 'YYYY-MM-DD\"T\"HH24:MI:SS.FF6') || 'Z'",
  },
  "canonical timestamptz": {
    of: (d) => d.canonical("x", "timestamptz"),
    duckdb:
      "CASE WHEN isfinite(x) THEN strftime(make_timestamp(epoch_us(x)), '%Y-%m-%dT%H:%M:%S.%fZ') ELSE CAST(x AS VARCHAR) END",
    bigquery: "CONCAT(LPAD(FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6S', x, 'UTC'), 26, '0'), 'Z')",
    snowflake: "TO_CHAR(CONVERT_TIMEZONE('UTC', x), 'YYYY-MM-DD\"T\"HH24:MI:SS.FF6') || 'Z'",
  },
  "canonical time": {
    of: (d) => d.canonical("x", "time"),
    duckdb: "CAST(x AS VARCHAR)",
    bigquery: "RTRIM(RTRIM(FORMAT_TIME('%H:%M:%E6S', x), '0'), '.')",
    snowflake:
      "CASE WHEN CONTAINS(TO_CHAR(x, 'HH24:MI:SS.FF6'), '.') THEN REGEXP_REPLACE(TO_CHAR(x, 'HH24:MI:SS.FF6'), '[.]?0*$', '') ELSE TO_CHAR(x, 'HH24:MI:SS.FF6') END",
  },
  "canonical list": {
    of: (d) => d.canonical("x", "list"),
    duckdb: "CAST(to_json(x) AS VARCHAR)",
    bigquery: "IF(x IS NULL, NULL, TO_JSON_STRING(x))",
    snowflake: "TO_JSON(TO_VARIANT(x))",
  },
  "canonical struct": {
    of: (d) => d.canonical("x", "struct"),
    duckdb: "CAST(to_json(x) AS VARCHAR)",
    bigquery: "IF(x IS NULL, NULL, TO_JSON_STRING(x))",
    snowflake: "TO_JSON(TO_VARIANT(x))",
  },
  "canonical json": {
    of: (d) => d.canonical("x", "json"),
    duckdb: "CAST(json(x) AS VARCHAR)",
    bigquery: "IF(x IS NULL, NULL, TO_JSON_STRING(x))",
    snowflake: "TO_JSON(x)",
  },
  "canonical binary": {
    of: (d) => d.canonical("x", "binary"),
    duckdb: "hex(x)",
    bigquery: "UPPER(TO_HEX(x))",
    snowflake: "HEX_ENCODE(x)",
  },
  "canonical other": {
    of: (d) => d.canonical("x", "other"),
    duckdb: "CAST(x AS VARCHAR)",
    bigquery: "IF(x IS NULL, NULL, TO_JSON_STRING(x))",
    snowflake: "CAST(x AS VARCHAR)",
  },
  "keyText text": {
    of: (d) => d.keyText("x", "text"),
    duckdb: "nfc_normalize(CAST(x AS VARCHAR))",
    bigquery: "NORMALIZE(CAST(x AS STRING), NFC)",
    snowflake: "CAST(x AS VARCHAR)",
  },
  "keyText integer": {
    of: (d) => d.keyText("x", "integer"),
    duckdb: "CAST(x AS VARCHAR)",
    bigquery: "CAST(x AS STRING)",
    snowflake: "CAST(x AS VARCHAR)",
  },
  "keyText decimal": {
    of: (d) => d.keyText("x", "decimal"),
    duckdb:
      "CASE WHEN NOT suffix(CAST(x AS VARCHAR), '0') THEN CAST(x AS VARCHAR) WHEN contains(CAST(x AS VARCHAR), '.') THEN rtrim(rtrim(CAST(x AS VARCHAR), '0'), '.') ELSE CAST(x AS VARCHAR) END",
    bigquery: "IF(STRPOS(CAST(x AS STRING), '.') > 0, RTRIM(RTRIM(CAST(x AS STRING), '0'), '.'), CAST(x AS STRING))",
    snowflake:
      "CASE WHEN CONTAINS(CAST(x AS VARCHAR), '.') THEN REGEXP_REPLACE(CAST(x AS VARCHAR), '[.]?0*$', '') ELSE CAST(x AS VARCHAR) END",
  },
  "wireJson integer": {
    of: (d) => d.wireJson("x", "integer"),
    duckdb:
      "coalesce(CASE WHEN x BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(x AS VARCHAR) ELSE '\"' || CAST(x AS VARCHAR) || '\"' END, 'null')",
    bigquery:
      "COALESCE(IF(x BETWEEN -9007199254740991 AND 9007199254740991, CAST(x AS STRING), CONCAT('\"', CAST(x AS STRING), '\"')), 'null')",
    snowflake:
      "COALESCE(CASE WHEN x BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(x AS VARCHAR) ELSE '\"' || CAST(x AS VARCHAR) || '\"' END, 'null')",
  },
  "wireJson decimal": {
    of: (d) => d.wireJson("x", "decimal"),
    duckdb: "coalesce('\"' || CAST(x AS VARCHAR) || '\"', 'null')",
    bigquery:
      "COALESCE(CONCAT('\"', IF(STRPOS(CAST(x AS STRING), '.') > 0, RTRIM(RTRIM(CAST(x AS STRING), '0'), '.'), CAST(x AS STRING)), '\"'), 'null')",
    snowflake: "COALESCE('\"' || CAST(x AS VARCHAR) || '\"', 'null')",
  },
  "wireJson float": {
    of: (d) => d.wireJson("x", "float"),
    duckdb:
      "coalesce(CASE WHEN isfinite(x) THEN CAST(x AS VARCHAR) ELSE '\"' || CAST(x AS VARCHAR) || '\"' END, 'null')",
    bigquery:
      "COALESCE(CASE WHEN x IS NULL THEN NULL WHEN IS_NAN(x) THEN '\"nan\"' WHEN IS_INF(x) THEN IF(x > 0, '\"inf\"', '\"-inf\"') ELSE TO_JSON_STRING(x) END, 'null')",
    snowflake:
      "COALESCE(CASE WHEN x = CAST('NaN' AS FLOAT) THEN '\"nan\"' WHEN x = CAST('inf' AS FLOAT) THEN '\"inf\"' WHEN x = CAST('-inf' AS FLOAT) THEN '\"-inf\"' ELSE CAST(x AS VARCHAR) END, 'null')",
  },
  "wireJson text": {
    of: (d) => d.wireJson("x", "text"),
    duckdb: "coalesce(CAST(to_json(CAST(x AS VARCHAR)) AS VARCHAR), 'null')",
    bigquery: "COALESCE(TO_JSON_STRING(x), 'null')",
    snowflake: "COALESCE(TO_JSON(TO_VARIANT(CAST(x AS VARCHAR))), 'null')",
  },
  "wireJson boolean": {
    of: (d) => d.wireJson("x", "boolean"),
    duckdb: "coalesce(CAST(x AS VARCHAR), 'null')",
    bigquery: "COALESCE(CAST(x AS STRING), 'null')",
    snowflake: "COALESCE(CAST(x AS VARCHAR), 'null')",
  },
  "wireJson date": {
    of: (d) => d.wireJson("x", "date"),
    duckdb: "coalesce('\"' || CAST(x AS VARCHAR) || '\"', 'null')",
    bigquery: "COALESCE(CONCAT('\"', CAST(x AS STRING), '\"'), 'null')",
    snowflake: "COALESCE('\"' || TO_CHAR(x, 'YYYY-MM-DD') || '\"', 'null')",
  },
  "wireJson timestamp": {
    of: (d) => d.wireJson("x", "timestamp"),
    duckdb:
      "coalesce('\"' || CASE WHEN isfinite(x) THEN strftime(make_timestamp(epoch_us(x)), '%Y-%m-%dT%H:%M:%S.%fZ') ELSE CAST(x AS VARCHAR) END || '\"', 'null')",
    bigquery:
      "COALESCE(CONCAT('\"', CONCAT(LPAD(FORMAT_DATETIME('%Y-%m-%dT%H:%M:%E6S', x), 26, '0'), 'Z'), '\"'), 'null')",
    snowflake: "COALESCE('\"' || TO_CHAR(x, 'YYYY-MM-DD\"T\"HH24:MI:SS.FF6') || 'Z' || '\"', 'null')",
  },
  "wireJson timestamptz": {
    of: (d) => d.wireJson("x", "timestamptz"),
    duckdb:
      "coalesce('\"' || CASE WHEN isfinite(x) THEN strftime(make_timestamp(epoch_us(x)), '%Y-%m-%dT%H:%M:%S.%fZ') ELSE CAST(x AS VARCHAR) END || '\"', 'null')",
    bigquery:
      "COALESCE(CONCAT('\"', CONCAT(LPAD(FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6S', x, 'UTC'), 26, '0'), 'Z'), '\"'), 'null')",
    snowflake:
      "COALESCE('\"' || TO_CHAR(CONVERT_TIMEZONE('UTC', x), 'YYYY-MM-DD\"T\"HH24:MI:SS.FF6') || 'Z' || '\"', 'null')",
  },
  "wireJson time": {
    of: (d) => d.wireJson("x", "time"),
    duckdb: "coalesce('\"' || CAST(x AS VARCHAR) || '\"', 'null')",
    bigquery: "COALESCE(CONCAT('\"', RTRIM(RTRIM(FORMAT_TIME('%H:%M:%E6S', x), '0'), '.'), '\"'), 'null')",
    snowflake:
      "COALESCE('\"' || CASE WHEN CONTAINS(TO_CHAR(x, 'HH24:MI:SS.FF6'), '.') THEN REGEXP_REPLACE(TO_CHAR(x, 'HH24:MI:SS.FF6'), '[.]?0*$', '') ELSE TO_CHAR(x, 'HH24:MI:SS.FF6') END || '\"', 'null')",
  },
  "wireJson list": {
    of: (d) => d.wireJson("x", "list"),
    duckdb: "coalesce(CAST(to_json(x) AS VARCHAR), 'null')",
    bigquery: "COALESCE(TO_JSON_STRING(x), 'null')",
    snowflake: "COALESCE(TO_JSON(TO_VARIANT(x)), 'null')",
  },
  "wireJson struct": {
    of: (d) => d.wireJson("x", "struct"),
    duckdb: "coalesce(CAST(to_json(x) AS VARCHAR), 'null')",
    bigquery: "COALESCE(TO_JSON_STRING(x), 'null')",
    snowflake: "COALESCE(TO_JSON(TO_VARIANT(x)), 'null')",
  },
  "wireJson json": {
    of: (d) => d.wireJson("x", "json"),
    duckdb: "coalesce(CAST(json(x) AS VARCHAR), 'null')",
    bigquery: "COALESCE(TO_JSON_STRING(x), 'null')",
    snowflake: "COALESCE(TO_JSON(x), 'null')",
  },
  "wireJson binary": {
    of: (d) => d.wireJson("x", "binary"),
    duckdb: "coalesce('\"' || base64(x) || '\"', 'null')",
    bigquery: "COALESCE(CONCAT('\"', TO_BASE64(x), '\"'), 'null')",
    snowflake: "COALESCE('\"' || BASE64_ENCODE(x) || '\"', 'null')",
  },
  "wireJson other": {
    of: (d) => d.wireJson("x", "other"),
    duckdb: "coalesce(CAST(to_json(CAST(x AS VARCHAR)) AS VARCHAR), 'null')",
    bigquery: "COALESCE(TO_JSON_STRING(x), 'null')",
    snowflake: "COALESCE(TO_JSON(TO_VARIANT(CAST(x AS VARCHAR))), 'null')",
  },
};

test.each(Object.entries(cases))("%s", (_, { of, ...expected }) => {
  const { duckdb, bigquery, snowflake } = dialects;
  expect({ duckdb: of(duckdb), bigquery: of(bigquery), snowflake: of(snowflake) }).toEqual(expected);
});

test("every function of every family is stated", () => {
  const families: readonly ColumnFamily[] = [
    "integer",
    "decimal",
    "float",
    "text",
    "boolean",
    "date",
    "timestamp",
    "timestamptz",
    "time",
    "list",
    "struct",
    "json",
    "binary",
    "other",
  ];
  const stated = Object.keys(cases);
  expect(
    families.filter((family) => !stated.includes(`canonical ${family}`) || !stated.includes(`wireJson ${family}`)),
  ).toEqual([]);
});
