import { duckdbDialect } from "../warehouse/duckdb-dialect.ts";
import type { AudienceWords } from "./words.ts";

const { literal } = duckdbDialect;

/** Audiences in DuckDB. */
export const duckdbWords: AudienceWords = {
  types: { text: "VARCHAR", instant: "TIMESTAMP WITH TIME ZONE" },
  text: (x) => `CAST(${x} AS VARCHAR)`,
  contains: (text, part) => `STRPOS(${text}, ${part}) > 0`,
  startsWith: (text, part) => `STARTS_WITH(${text}, ${part})`,
  exact: (digits) => digits,
  double: (x) => `CAST(${x} AS DOUBLE)`,
  // A 32-bit float is the number it reads as (0.1), not the double nearest to its bits (0.10000000149).
  floats: (column, type) =>
    type === "FLOAT" ? `CAST(CAST(${column} AS VARCHAR) AS DOUBLE)` : `CAST(${column} AS DOUBLE)`,
  compareDoubles: (one, comparator, other) => `${one} ${comparator} ${other}`,
  sum: (column) => `SUM(${column})`,
  time: (clock) => `CAST(${literal(clock)} AS TIME)`,
  years: [-Infinity, Infinity],
  plainTimestamp: (text) => `CAST(${literal(text)} AS TIMESTAMP)`,
  elementType: (list) => list.replace(/\[\d*\]$/, ""),
  // Dates, UUIDs and the like compare as the texts they read as.
  listHas: (list, type, value) => {
    const texts = typeof value !== "string" || /^VARCHAR\[/i.test(type) ? list : `CAST(${list} AS VARCHAR[])`;
    return `LIST_CONTAINS(${texts}, ${literal(value)})`;
  },
  orderBy: (x, _, direction) => `${x} ${direction} NULLS LAST`,
  nobody: "SELECT CAST(NULL AS VARCHAR) AS k WHERE FALSE",
  union: "UNION",
  countWithFirst: (relation, few) =>
    `SELECT COUNT(*) AS total, LIST(k ORDER BY k) FILTER (WHERE n <= ${few}) AS people FROM (SELECT k, ROW_NUMBER() OVER (ORDER BY k) AS n FROM ${relation}) r`,
  takesApart: true,
};
