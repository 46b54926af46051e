import { failure } from "../errors.ts";
import type { ColumnFamily, Dialect } from "./warehouse.ts";

/** BigQuery's side of every SQL text the engine writes (GoogleSQL). */
export const bigqueryDialect: Dialect = {
  name: "bigquery",
  quote,
  literal,
  relation: (...parts) => parts.map(quote).join("."),
  timestamp: (ms) => `TIMESTAMP ${text(new Date(ms).toISOString().replace("T", " ").replace("Z", "+00:00"))}`,
  keyText: (column, family) =>
    family === "text" ? `NORMALIZE(CAST(${column} AS STRING), NFC)` : canonical(column, family),
  canonical,
  wireJson,
  scratchTable: (relation, made) => {
    const expires = "OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR))";
    return `CREATE OR REPLACE TABLE ${relation} ${"query" in made ? `${expires} AS ${made.query}` : `(${made.columns}) ${expires}`}`;
  },
  columnType: (family) => types[family] ?? "STRING",
  textJson: (x) => `TO_JSON_STRING(${x})`,
  textsJson: (texts) => `TO_JSON_STRING([${texts.join(", ")}])`,
  textAt: (json, index) => `JSON_VALUE(${json}, '$[${index}]')`,
  wholeNumber: (x) => `SAFE_CAST(${x} AS BIGNUMERIC)`,
  utf8: (x) => `CAST(${x} AS BYTES)`,
  jsonObject: (members) =>
    members.length === 0
      ? "'{}'"
      : `CONCAT('{', ${members.map(([name, json]) => `${text(`${JSON.stringify(name)}:`)}, COALESCE(${json}, 'null')`).join(", ',', ")}, '}')`,
  // INT64, which the ledger's column then is: documented never to change, where the upper half of an MD5 would not fit.
  // https://cloud.google.com/bigquery/docs/reference/standard-sql/hash_functions#farm_fingerprint
  stablePrint: (texts) => `FARM_FINGERPRINT(TO_JSON_STRING([${texts.join(", ")}]))`,
  // Bytes read are paid for and hashing is not: a second print would cost a column and save nothing.
  fastPrint: () => null,
};

const types: Partial<Readonly<Record<ColumnFamily, string>>> = {
  integer: "INT64",
  decimal: "BIGNUMERIC",
  float: "FLOAT64",
  boolean: "BOOL",
  date: "DATE",
  timestamp: "DATETIME",
  timestamptz: "TIMESTAMP",
  time: "TIME",
  json: "JSON",
  binary: "BYTES",
};

/** Backquoted names take the escapes of texts. https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#quoted_identifiers */
function quote(name: string): string {
  if (name.includes("\0")) throw failure("E720", "a name must not hold a NUL character");
  if (name === "") throw failure("E720", "a name must not be empty");
  return `\`${escaped(name).replaceAll("`", "\\`")}\``;
}

function literal(value: string | number | boolean | null | bigint): string {
  if (value === null) return "NULL";
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "string") return text(value);
  if (typeof value === "number" && !Number.isFinite(value)) return `CAST(${text(String(value))} AS FLOAT64)`;
  if (typeof value === "bigint" && BigInt.asIntN(64, value) !== value) return `BIGNUMERIC ${text(String(value))}`;
  // Digits alone are an INT64, which ends at 2^63.
  const digits =
    Number.isInteger(value) && !Number.isSafeInteger(value) ? Number(value).toExponential() : String(value);
  // In parentheses: `1--1` would begin a comment.
  return value < 0 || Object.is(value, -0) ? `(${digits})` : digits;
}

const text = (value: string): string => `'${escaped(value).replaceAll("'", "\\'")}'`;

/** A quoted text may not hold a line break as it is. https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#escape_sequences */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\0", "\\u0000");
}

/** One text for one value, as DuckDB's dialect writes it, whatever type carries it (R18). */
function canonical(x: string, family: ColumnFamily): string {
  switch (family) {
    case "float":
      return floatText(x);
    case "timestamp":
      return fourDigitYear(`FORMAT_DATETIME('%Y-%m-%dT%H:%M:%E6S', ${x})`);
    case "timestamptz":
      return fourDigitYear(`FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6S', ${x}, 'UTC')`);
    case "time":
      return `RTRIM(RTRIM(FORMAT_TIME('%H:%M:%E6S', ${x}), '0'), '.')`;
    case "binary":
      return `UPPER(TO_HEX(${x}))`;
    case "json":
    case "list":
    case "struct":
    case "other":
      // Alone it would make the text `null` of NULL.
      return `IF(${x} IS NULL, NULL, TO_JSON_STRING(${x}))`;
    case "decimal":
      return withoutTrailingZeros(`CAST(${x} AS STRING)`);
    default:
      return `CAST(${x} AS STRING)`;
  }
}

/** `%Y` writes the year 1 as `1`; `%E4Y` does not, and no emulator knows it. */
const fourDigitYear = (iso: string): string => `CONCAT(LPAD(${iso}, 26, '0'), 'Z')`;

/** BigQuery writes none, and does not promise it. */
const withoutTrailingZeros = (digits: string): string =>
  `IF(STRPOS(${digits}, '.') > 0, RTRIM(RTRIM(${digits}, '0'), '.'), ${digits})`;

/**
 * The fewest of 15, 16 or 17 digits that read back as the same number, without exponent below 1e38: BigQuery's own cast
 * knows 15 and 17 only. Digits are computed once, in a subquery under a name that no column has.
 */
function floatText(x: string): string {
  const shortest = [15, 16]
    .map((digits) => `WHEN CAST(FORMAT('%.${digits}g', ${x}) AS FLOAT64) = ${x} THEN FORMAT('%.${digits}g', ${x})`)
    .join(" ");
  const digits = `CASE WHEN ${x} IS NULL THEN NULL WHEN IS_NAN(${x}) THEN 'float:nan' \
WHEN IS_INF(${x}) THEN IF(${x} > 0, 'float:inf', 'float:-inf') WHEN ${x} = 0 THEN '0' \
WHEN ${x} = TRUNC(${x}) AND ABS(${x}) < 1e38 THEN FORMAT('%.0f', ${x}) ${shortest} ELSE FORMAT('%.17g', ${x}) END`;
  const d = "millrace_digits";
  // 1.25e-07 -> 0.000000125, so that it equals the same NUMERIC.
  const mantissa = `REPLACE(REPLACE(SPLIT(${d}, 'e-')[OFFSET(0)], '.', ''), '-', '')`;
  const zeros = `REPEAT('0', CAST(SPLIT(${d}, 'e-')[OFFSET(1)] AS INT64) - 1)`;
  return `(SELECT IF(${d} LIKE '%e-%', CONCAT(IF(STARTS_WITH(${d}, '-'), '-0.', '0.'), ${zeros}, ${mantissa}), ${d}) FROM (SELECT ${digits} AS ${d}))`;
}

/** JSON text; SQL NULL is `null`. NaN and infinities have no JSON: they travel as text. */
function wireJson(x: string, family: ColumnFamily): string {
  const quoted = (sql: string): string => `CONCAT('"', ${sql}, '"')`;
  const json = (): string => {
    switch (family) {
      case "integer":
        return `IF(${x} BETWEEN -9007199254740991 AND 9007199254740991, CAST(${x} AS STRING), ${quoted(`CAST(${x} AS STRING)`)})`;
      case "decimal":
      case "date":
      case "time":
      case "timestamp":
      case "timestamptz":
        return quoted(canonical(x, family));
      case "float":
        return `CASE WHEN ${x} IS NULL THEN NULL WHEN IS_NAN(${x}) THEN '"nan"' WHEN IS_INF(${x}) THEN IF(${x} > 0, '"inf"', '"-inf"') ELSE TO_JSON_STRING(${x}) END`;
      case "boolean":
        return `CAST(${x} AS STRING)`;
      case "binary":
        return quoted(`TO_BASE64(${x})`);
      default:
        return `TO_JSON_STRING(${x})`;
    }
  };
  return `COALESCE(${json()}, 'null')`;
}
