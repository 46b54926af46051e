import { failure } from "../errors.ts";
import type { ColumnFamily, Dialect } from "./warehouse.ts";

/** DuckDB's side of every SQL text the engine writes. */
export const duckdbDialect: Dialect = {
  name: "duckdb",
  quote,
  literal,
  relation: (...parts) => parts.map(quote).join("."),
  timestamp: (ms) => `TIMESTAMPTZ ${literal(new Date(ms).toISOString().replace("T", " ").replace("Z", "+00"))}`,
  keyText: (column, family) =>
    family === "text" ? `nfc_normalize(CAST(${column} AS VARCHAR))` : canonical(column, family),
  canonical,
  wireJson,
  scratchTable: (relation, made) =>
    `CREATE OR REPLACE TABLE ${relation} ${"query" in made ? `AS ${made.query}` : `(${made.columns})`}`,
  columnType: (family) => types[family] ?? "VARCHAR",
  textJson: (x) => `CAST(to_json(${x}) AS VARCHAR)`,
  textsJson: (texts) => `CAST(to_json([${texts.join(", ")}]) AS VARCHAR)`,
  textAt: (json, index) => `json_extract_string(${json}, '$[${index}]')`,
  wholeNumber: (x) => `TRY_CAST(${x} AS HUGEINT)`,
  utf8: (x) => `encode(${x})`,
  jsonObject: (members) =>
    members.length === 0
      ? "'{}'"
      : `'{' || ${members.map(([name, json]) => `${literal(`${JSON.stringify(name)}:`)} || coalesce(${json}, 'null')`).join(" || ',' || ")} || '}'`,
  // The value of md5_number_lower, which goes through a text of 128 bits; json_array gives what to_json gives of a list, sooner.
  stablePrint: (texts) => `CAST(md5_number(CAST(json_array(${texts.join(", ")}) AS VARCHAR)) >> 64 AS UBIGINT)`,
  fastPrint: (expressions) => (expressions.length === 0 ? "hash(0)" : `hash(${expressions.join(", ")})`),
};

const types: Partial<Readonly<Record<ColumnFamily, string>>> = {
  // Others have integers of 38 digits.
  integer: "HUGEINT",
  decimal: "DECIMAL(38,9)",
  float: "DOUBLE",
  boolean: "BOOLEAN",
  date: "DATE",
  timestamp: "TIMESTAMP",
  timestamptz: "TIMESTAMPTZ",
  time: "TIME",
  json: "JSON",
  binary: "BLOB",
};

/** DuckDB takes SQL as a C string: a NUL would end the statement early. */
function quote(name: string): string {
  if (name.includes("\0")) throw failure("E701", "a name must not hold a NUL character");
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(value: string | number | boolean | null | bigint): string {
  if (value === null) return "NULL";
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "string") return text(value);
  if (typeof value === "number" && !Number.isFinite(value)) return `CAST(${text(String(value))} AS DOUBLE)`;
  // In parentheses: `1--1` would begin a comment.
  return value < 0 || Object.is(value, -0) ? `(${String(value)})` : String(value);
}

function text(value: string): string {
  const parts = value.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(" || chr(0) || ")})`;
}

/**
 * One text for one value, whatever type carries it and wherever the session stands (R18).
 *
 * INT 1, DECIMAL 1.00 and DOUBLE 1.0 all are `1`; -0 is `0`; doubles are their shortest exact digits without exponent
 * below 1e38; NaN and infinities are tagged; timestamps are UTC with microseconds (those without a zone are UTC).
 */
function canonical(x: string, family: ColumnFamily): string {
  switch (family) {
    case "decimal":
      return withoutTrailingZeros(`CAST(${x} AS VARCHAR)`);
    case "float":
      return floatText(x);
    case "timestamp":
    case "timestamptz":
      return isoText(x);
    case "json":
      return `CAST(json(${x}) AS VARCHAR)`;
    case "binary":
      return `hex(${x})`;
    case "list":
    case "struct":
      return `CAST(to_json(${x}) AS VARCHAR)`;
    default:
      return `CAST(${x} AS VARCHAR)`;
  }
}

/** Trimming is dear and most numbers need none, so those are told by their last digit. */
function withoutTrailingZeros(digits: string): string {
  return `CASE WHEN NOT suffix(${digits}, '0') THEN ${digits} \
WHEN contains(${digits}, '.') THEN rtrim(rtrim(${digits}, '0'), '.') ELSE ${digits} END`;
}

function floatText(x: string): string {
  const digits = `CAST(${x} AS VARCHAR)`;
  // 1.25e-07 -> 0.000000125, so that it equals the same DECIMAL.
  const mantissa = `replace(replace(split_part(${digits}, 'e', 1), '.', ''), '-', '')`;
  const small = `(CASE WHEN ${x} < 0 THEN '-0.' ELSE '0.' END) || repeat('0', CAST(split_part(${digits}, 'e-', 2) AS INTEGER) - 1) || ${mantissa}`;
  return `CASE WHEN ${x} IS NULL THEN NULL WHEN isnan(${x}) THEN 'float:nan' WHEN isinf(${x}) THEN 'float:' || ${digits} \
WHEN ${x} = trunc(${x}) AND abs(${x}) < 1e38 THEN CAST(CAST(${x} AS HUGEINT) AS VARCHAR) \
WHEN contains(${digits}, 'e-') THEN rtrim(${small}, '0') WHEN contains(${digits}, 'e') THEN ${digits} ELSE rtrim(${digits}, '0') END`;
}

function isoText(x: string): string {
  // Through epoch_us, because the text of a TIMESTAMPTZ follows the session's zone.
  return `CASE WHEN isfinite(${x}) THEN strftime(make_timestamp(epoch_us(${x})), '%Y-%m-%dT%H:%M:%S.%fZ') ELSE CAST(${x} AS VARCHAR) END`;
}

/** JSON text; SQL NULL is `null`. NaN and infinities have no JSON: they travel as text. */
function wireJson(x: string, family: ColumnFamily): string {
  const json = (): string => {
    switch (family) {
      case "integer":
        return `CASE WHEN ${x} BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(${x} AS VARCHAR) ELSE '"' || CAST(${x} AS VARCHAR) || '"' END`;
      case "decimal":
      case "date":
      case "time":
        return `'"' || CAST(${x} AS VARCHAR) || '"'`;
      case "timestamp":
      case "timestamptz":
        return `'"' || ${isoText(x)} || '"'`;
      case "float":
        return `CASE WHEN isfinite(${x}) THEN CAST(${x} AS VARCHAR) ELSE '"' || CAST(${x} AS VARCHAR) || '"' END`;
      case "boolean":
        return `CAST(${x} AS VARCHAR)`;
      case "json":
        return `CAST(json(${x}) AS VARCHAR)`;
      case "binary":
        return `'"' || base64(${x}) || '"'`;
      case "list":
      case "struct":
        return `CAST(to_json(${x}) AS VARCHAR)`;
      case "text":
      case "other":
        return `CAST(to_json(CAST(${x} AS VARCHAR)) AS VARCHAR)`;
    }
  };
  return `coalesce(${json()}, 'null')`;
}
