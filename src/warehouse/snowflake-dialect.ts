import { failure } from "../errors.ts";
import type { ColumnFamily, Dialect } from "./warehouse.ts";

/** Snowflake's side of every SQL text the engine writes; docs.snowflake.com/en/sql-reference names each function. */
export const snowflakeDialect: Dialect = {
  name: "snowflake",
  quote,
  literal,
  relation: (...parts) => parts.map(quote).join("."),
  timestamp: (ms) => `CAST(${literal(new Date(ms).toISOString().replace("Z", "+00:00"))} AS TIMESTAMP_TZ)`,
  // Snowflake has no function that composes Unicode: two spellings of one letter are two keys here.
  keyText: canonical,
  canonical,
  wireJson,
  // Nothing of it can be brought back after it is dropped. docs.snowflake.com/en/user-guide/tables-temp-transient
  scratchTable: (relation, made) => {
    const kept = "DATA_RETENTION_TIME_IN_DAYS = 0";
    return `CREATE OR REPLACE TRANSIENT TABLE ${relation} ${"query" in made ? `${kept} AS ${made.query}` : `(${made.columns}) ${kept}`}`;
  },
  columnType: (family) => types[family] ?? "VARCHAR",
  textJson: (x) => `TO_JSON(TO_VARIANT(${x}))`,
  textsJson: (texts) => `TO_JSON(ARRAY_CONSTRUCT(${texts.join(", ")}))`,
  textAt: (json, index) => `CAST(PARSE_JSON(${json})[${index}] AS VARCHAR)`,
  wholeNumber: (x) => `TRY_TO_NUMBER(${x}, 38, 0)`,
  utf8: (x) => `TO_BINARY(${x}, 'UTF-8')`,
  jsonObject: (members) =>
    members.length === 0
      ? "'{}'"
      : `'{' || ${members.map(([name, json]) => `${literal(`${JSON.stringify(name)}:`)} || COALESCE(${json}, 'null')`).join(" || ',' || ")} || '}'`,
  // Each text behind its length, so that no two lists of texts are one; no JSON, whose escapes Snowflake may change.
  stablePrint: (texts) =>
    `MD5_NUMBER_LOWER64(${texts.length === 0 ? "''" : texts.map((x) => `COALESCE(LENGTH(${x}) || ':' || ${x}, '-')`).join(" || ',' || ")})`,
  // HASH() may change with any release, and Snowflake releases every week without a version that a print could be bound to.
  fastPrint: () => null,
};

/** The name that `quote` takes, of one that Snowflake gives: small letters where it has capitals alone. */
export const nameOf = (given: string): string => (/^[A-Z_][A-Z0-9_$]*$/.test(given) ? given.toLowerCase() : given);

const types: Partial<Readonly<Record<ColumnFamily, string>>> = {
  // Of 38 digits fakesnow makes a 64-bit integer, which unsigned prints do not fit.
  integer: "NUMBER(37,0)",
  decimal: "NUMBER(38,9)",
  float: "FLOAT",
  boolean: "BOOLEAN",
  date: "DATE",
  timestamp: "TIMESTAMP_NTZ",
  timestamptz: "TIMESTAMP_TZ",
  time: "TIME",
  json: "VARIANT",
  binary: "BINARY",
};

/**
 * Snowflake folds names without quotes to capitals, and its people write none: a name in small letters is the folded one, as
 * files write `customer_id` and Snowflake has CUSTOMER_ID. Any other name is taken as it is. {@link nameOf} turns it back.
 */
function quote(name: string): string {
  if (name.includes("\0")) throw failure("E701", "a name must not hold a NUL character");
  if (/^[a-z_][a-z0-9_$]*$/.test(name)) return `"${name.toUpperCase()}"`;
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(value: string | number | boolean | null | bigint): string {
  if (value === null) return "NULL";
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "string") return text(value);
  if (typeof value === "number" && !Number.isFinite(value))
    return `CAST(${text(String(value).replace("Infinity", "inf"))} AS FLOAT)`;
  // In parentheses: `1--1` would begin a comment.
  return value < 0 || Object.is(value, -0) ? `(${String(value)})` : String(value);
}

/** A backslash is an escape inside '…' (docs.snowflake.com/en/sql-reference/data-types-text). */
function text(value: string): string {
  const parts = value.split("\0").map((part) => `'${part.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`);
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(" || CHR(0) || ")})`;
}

/**
 * One text for one value, whatever type carries it and wherever the session stands (R18); the texts are those of DuckDB.
 *
 * Two differ: floats have the digits that Snowflake prints (about 15), and the keys of JSON stand in its own order.
 */
function canonical(x: string, family: ColumnFamily): string {
  switch (family) {
    case "decimal":
      return withoutTrailingZeros(`CAST(${x} AS VARCHAR)`);
    case "float":
      return floatText(x);
    case "date":
      return `TO_CHAR(${x}, 'YYYY-MM-DD')`;
    case "time":
      return timeText(x);
    case "timestamp":
    case "timestamptz":
      return isoText(x, family);
    case "binary":
      return `HEX_ENCODE(${x})`;
    case "json":
      return `TO_JSON(${x})`;
    case "list":
    case "struct":
      return `TO_JSON(TO_VARIANT(${x}))`;
    default:
      return `CAST(${x} AS VARCHAR)`;
  }
}

function withoutTrailingZeros(digits: string): string {
  return `CASE WHEN CONTAINS(${digits}, '.') THEN REGEXP_REPLACE(${digits}, '[.]?0*$', '') ELSE ${digits} END`;
}

function floatText(x: string): string {
  const digits = `LOWER(CAST(${x} AS VARCHAR))`;
  const mantissa = `REPLACE(REPLACE(SPLIT_PART(${digits}, 'e', 1), '.', ''), '-', '')`;
  // 1.25e-07 -> 0.000000125, so that it equals the same NUMBER.
  const small = `CASE WHEN ${x} < 0 THEN '-0.' ELSE '0.' END || REPEAT('0', TRY_CAST(SPLIT_PART(${digits}, 'e-', 2) AS INTEGER) - 1) || ${mantissa}`;
  return `CASE WHEN ${x} IS NULL THEN NULL ${notFinite(x, (word) => `'float:${word}'`)} \
WHEN ${x} = TRUNC(${x}) AND ABS(${x}) < CAST('1e38' AS FLOAT) THEN CAST(CAST(${x} AS NUMBER(38,0)) AS VARCHAR) \
WHEN CONTAINS(${digits}, 'e-') THEN RTRIM(${small}, '0') WHEN CONTAINS(${digits}, 'e') THEN ${digits} ELSE RTRIM(${digits}, '0') END`;
}

/** Branches of a CASE for what is no number; NaN equals itself in Snowflake. */
function notFinite(x: string, then: (word: string) => string): string {
  return ["NaN", "inf", "-inf"]
    .map((word) => `WHEN ${x} = CAST('${word}' AS FLOAT) THEN ${then(word.toLowerCase())}`)
    .join(" ");
}

function timeText(x: string): string {
  return withoutTrailingZeros(`TO_CHAR(${x}, 'HH24:MI:SS.FF6')`);
}

/** A timestamp without a zone is UTC; of the others the instant counts. */
function isoText(x: string, family: "timestamp" | "timestamptz"): string {
  const utc = family === "timestamp" ? x : `CONVERT_TIMEZONE('UTC', ${x})`;
  return `TO_CHAR(${utc}, 'YYYY-MM-DD"T"HH24:MI:SS.FF6') || 'Z'`;
}

/** JSON text; SQL NULL is `null`. NaN and infinities have no JSON: they travel as text. */
function wireJson(x: string, family: ColumnFamily): string {
  const digits = `CAST(${x} AS VARCHAR)`;
  const json = (): string => {
    switch (family) {
      case "integer":
        return `CASE WHEN ${x} BETWEEN -9007199254740991 AND 9007199254740991 THEN ${digits} ELSE '"' || ${digits} || '"' END`;
      case "decimal":
        return `'"' || ${digits} || '"'`;
      case "date":
      case "time":
      case "timestamp":
      case "timestamptz":
        return `'"' || ${canonical(x, family)} || '"'`;
      case "float":
        return `CASE ${notFinite(x, (word) => `'"${word}"'`)} ELSE ${digits} END`;
      case "boolean":
        return digits;
      case "json":
      case "list":
      case "struct":
        return canonical(x, family);
      case "binary":
        return `'"' || BASE64_ENCODE(${x}) || '"'`;
      case "text":
      case "other":
        return `TO_JSON(TO_VARIANT(${digits}))`;
    }
  };
  return `COALESCE(${json()}, 'null')`;
}
