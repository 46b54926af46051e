/** Values of every family as each warehouse writes them, and what must come of them everywhere. */
import type { ColumnFamily } from "../../../src/warehouse/warehouse.ts";
import type { Each } from "./words.ts";

export interface Sample {
  readonly name: string;
  readonly family: ColumnFamily;
  /** The expression: one for all, or one each. */
  readonly sql: string | Each<string>;
  /** As `rows`, `read` and `append` have it. */
  readonly value?: unknown;
  /** `canonical` as text; null: SQL NULL. */
  readonly canonical?: string | null;
  /** `wireJson`, parsed. */
  readonly wire?: unknown;
  /** `keyText`. */
  readonly key?: string;
  /** At the end of what its type holds. */
  readonly extreme?: true;
}

const cast = (text: string, duckdb: string, bigquery: string, snowflake: string): Each<string> => ({
  duckdb: `CAST(${text} AS ${duckdb})`,
  bigquery: `CAST(${text} AS ${bigquery})`,
  snowflake: `CAST(${text} AS ${snowflake})`,
});
const integer = (text: string): Each<string> => cast(text, "BIGINT", "INT64", "NUMBER(38,0)");
const decimal = (text: string): Each<string> => ({
  ...cast(text, "DECIMAL(38,9)", "NUMERIC", "NUMBER(38,9)"),
  bigquery: `PARSE_NUMERIC(${text})`,
});
const float = (text: string): Each<string> => cast(text, "DOUBLE", "FLOAT64", "FLOAT");
const zoned = (text: string): Each<string> => cast(text, "TIMESTAMPTZ", "TIMESTAMP", "TIMESTAMP_TZ(6)");
const plain = (text: string): Each<string> => cast(text, "TIMESTAMP", "DATETIME", "TIMESTAMP_NTZ(6)");
const text = (value: string): Each<string> => cast(value, "VARCHAR", "STRING", "VARCHAR");
const json = (value: string): Each<string> => ({
  duckdb: `json(${value})`,
  bigquery: `PARSE_JSON(${value})`,
  snowflake: `PARSE_JSON(${value})`,
});

// prettier-ignore
export const samples: readonly Sample[] = [
  { name: "integer", family: "integer", sql: integer("42"), value: 42, canonical: "42", wire: 42, key: "42" },
  { name: "negative integer", family: "integer", sql: integer("-7"), value: -7, canonical: "-7", wire: -7, key: "-7" },
  { name: "largest safe integer", family: "integer", sql: integer("9007199254740991"), value: 9007199254740991, canonical: "9007199254740991", wire: 9007199254740991 },
  { name: "integer beyond 2^53", family: "integer", sql: integer("9007199254740993"), value: 9007199254740993n, canonical: "9007199254740993", wire: "9007199254740993", key: "9007199254740993" },
  { name: "smallest 64-bit integer", extreme: true, family: "integer", sql: integer("'-9223372036854775808'"), value: -9223372036854775808n, canonical: "-9223372036854775808", wire: "-9223372036854775808" },
  { name: "decimal", family: "decimal", sql: decimal("'12.345678901'"), value: "12.345678901", canonical: "12.345678901", wire: "12.345678901", key: "12.345678901" },
  { name: "decimal of a whole value", family: "decimal", sql: decimal("'1.00'"), canonical: "1", key: "1" },
  { name: "decimal hundred", family: "decimal", sql: decimal("'100'"), canonical: "100", key: "100" },
  { name: "decimal zero", family: "decimal", sql: decimal("'0.00'"), canonical: "0" },
  { name: "negative decimal", family: "decimal", sql: decimal("'-1.50'"), canonical: "-1.5" },
  { name: "small decimal", family: "decimal", sql: decimal("'0.00000015'"), canonical: "0.00000015" },
  { name: "float", family: "float", sql: float("'1.5'"), value: 1.5, canonical: "1.5", wire: 1.5 },
  { name: "float of a whole value", family: "float", sql: float("'1'"), value: 1, canonical: "1", wire: 1 },
  { name: "float tenth", family: "float", sql: float("'0.1'"), value: 0.1, canonical: "0.1", wire: 0.1 },
  { name: "float third", family: "float", sql: float("'0.3333333333333333'"), value: 0.3333333333333333, canonical: "0.3333333333333333", wire: 0.3333333333333333 },
  { name: "float of 17 digits", family: "float", sql: float("'0.30000000000000004'"), value: 0.30000000000000004, canonical: "0.30000000000000004", wire: 0.30000000000000004 },
  { name: "small float", family: "float", sql: float("'1.5e-7'"), value: 1.5e-7, canonical: "0.00000015", wire: 1.5e-7 },
  { name: "negative small float", family: "float", sql: float("'-1e-10'"), value: -1e-10, canonical: "-0.0000000001", wire: -1e-10 },
  { name: "large float", family: "float", sql: float("'1e20'"), value: 1e20, canonical: "100000000000000000000", wire: 1e20 },
  { name: "huge float", extreme: true, family: "float", sql: float("'1e300'"), value: 1e300, canonical: "1e+300", wire: 1e300 },
  { name: "negative zero", family: "float", sql: float("'-0'"), canonical: "0" },
  { name: "not a number", extreme: true, family: "float", sql: float("'nan'"), value: NaN, canonical: "float:nan", wire: "nan" },
  { name: "infinity", extreme: true, family: "float", sql: float("'inf'"), value: Infinity, canonical: "float:inf", wire: "inf" },
  { name: "negative infinity", extreme: true, family: "float", sql: float("'-inf'"), value: -Infinity, canonical: "float:-inf", wire: "-inf" },
  { name: "text", family: "text", sql: { duckdb: "'Zoë 😀 O''Hara'", bigquery: "'Zoë 😀 O\\'Hara'", snowflake: "'Zoë 😀 O''Hara'" }, value: "Zoë 😀 O'Hara", canonical: "Zoë 😀 O'Hara", wire: "Zoë 😀 O'Hara", key: "Zoë 😀 O'Hara" },
  { name: "empty text", family: "text", sql: text("''"), value: "", canonical: "", wire: "", key: "" },
  { name: "text with zeros in front", family: "text", sql: text("'0071'"), value: "0071", canonical: "0071", wire: "0071", key: "0071" },
  { name: "text with spaces around", family: "text", sql: text("' A '"), value: " A ", canonical: " A ", wire: " A ", key: " A " },
  { name: "text decomposed", family: "text", sql: text("'e\u0301'"), value: "e\u0301", canonical: "e\u0301", wire: "e\u0301", key: "\u00e9" },
  { name: "true", family: "boolean", sql: "TRUE", value: true, canonical: "true", wire: true, key: "true" },
  { name: "false", family: "boolean", sql: "FALSE", value: false, canonical: "false", wire: false, key: "false" },
  { name: "date", family: "date", sql: "DATE '2024-02-29'", value: "2024-02-29", canonical: "2024-02-29", wire: "2024-02-29", key: "2024-02-29" },
  { name: "first date", extreme: true, family: "date", sql: "DATE '0001-01-01'", value: "0001-01-01", canonical: "0001-01-01", wire: "0001-01-01" },
  { name: "timestamp without zone", family: "timestamp", sql: plain("'2023-12-31 22:00:00.5'"), value: "2023-12-31T22:00:00.500000Z", canonical: "2023-12-31T22:00:00.500000Z", wire: "2023-12-31T22:00:00.500000Z", key: "2023-12-31T22:00:00.500000Z" },
  { name: "timestamp with zone", family: "timestamptz", sql: zoned("'2024-01-01 00:00:00.123456+02:00'"), value: "2023-12-31T22:00:00.123456Z", canonical: "2023-12-31T22:00:00.123456Z", wire: "2023-12-31T22:00:00.123456Z" },
  { name: "timestamp before 1970", family: "timestamptz", sql: zoned("'1969-12-31 23:59:59.999999+00:00'"), value: "1969-12-31T23:59:59.999999Z", canonical: "1969-12-31T23:59:59.999999Z", wire: "1969-12-31T23:59:59.999999Z" },
  { name: "last timestamp", extreme: true, family: "timestamptz", sql: zoned("'9999-12-31 23:59:59.999999+00:00'"), value: "9999-12-31T23:59:59.999999Z", canonical: "9999-12-31T23:59:59.999999Z", wire: "9999-12-31T23:59:59.999999Z" },
  { name: "time", family: "time", sql: "TIME '10:00:00'", value: "10:00:00", canonical: "10:00:00", wire: "10:00:00" },
  { name: "time with microseconds", family: "time", sql: "TIME '10:00:00.000250'", value: "10:00:00.00025", canonical: "10:00:00.00025", wire: "10:00:00.00025" },
  { name: "list", family: "list", sql: { duckdb: "['a', 'é\"']", bigquery: "['a', 'é\"']", snowflake: "ARRAY_CONSTRUCT('a', 'é\"')" }, value: ["a", 'é"'], canonical: '["a","é\\""]', wire: ["a", 'é"'] },
  { name: "struct", family: "struct", sql: { duckdb: "{'kind': 'e', 'n': 7::BIGINT, 'since': NULL::VARCHAR}", bigquery: "STRUCT('e' AS kind, 7 AS n, CAST(NULL AS STRING) AS since)", snowflake: "OBJECT_CONSTRUCT_KEEP_NULL('kind', 'e', 'n', 7, 'since', NULL)" }, value: { kind: "e", n: 7, since: null }, wire: { kind: "e", n: 7, since: null } },
  { name: "json", family: "json", sql: json(`'{"a":  [1, "x", null]}'`), value: '{"a":[1,"x",null]}', canonical: '{"a":[1,"x",null]}', wire: { a: [1, "x", null] } },
  { name: "json scalar", family: "json", sql: json(`'"x"'`), value: '"x"', canonical: '"x"', wire: "x" },
  { name: "binary", family: "binary", sql: { duckdb: "'hi\\xFF'::BLOB", bigquery: "FROM_HEX('6869ff')", snowflake: "TO_BINARY('6869FF', 'HEX')" }, value: "aGn/", canonical: "6869FF", wire: "aGn/" },
];

/** NULL of each family: NULL stays NULL, in JSON it is `null`. */
export const nulls: readonly Sample[] = (
  [
    ["integer", integer("NULL")],
    ["decimal", cast("NULL", "DECIMAL(38,9)", "NUMERIC", "NUMBER(38,9)")],
    ["float", float("NULL")],
    ["text", text("NULL")],
    ["boolean", cast("NULL", "BOOLEAN", "BOOL", "BOOLEAN")],
    ["date", cast("NULL", "DATE", "DATE", "DATE")],
    ["timestamp", plain("NULL")],
    ["timestamptz", zoned("NULL")],
    ["time", cast("NULL", "TIME", "TIME", "TIME")],
    ["json", cast("NULL", "JSON", "JSON", "VARIANT")],
    ["binary", cast("NULL", "BLOB", "BYTES", "BINARY")],
  ] satisfies [ColumnFamily, Each<string>][]
).map(([family, sql]) => ({ name: `NULL ${family}`, family, sql, value: null, canonical: null, wire: null }));

/** Samples in groups that an emulator may have or lack: one a family, NULLs, and what stands at the end of a type. */
export const groups: readonly { readonly name: string; readonly samples: readonly Sample[] }[] = [
  ...[...new Set(samples.map(({ family }) => family))].map((family) => ({
    name: family,
    samples: samples.filter((sample) => sample.family === family && sample.extreme === undefined),
  })),
  { name: "extremes", samples: samples.filter(({ extreme }) => extreme) },
  { name: "NULL", samples: nulls },
];
