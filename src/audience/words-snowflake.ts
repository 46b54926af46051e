import { snowflakeDialect } from "../warehouse/snowflake-dialect.ts";
import type { AudienceWords } from "./words.ts";

const { literal } = snowflakeDialect;

/** Audiences in Snowflake. */
export const snowflakeWords: AudienceWords = {
  types: { text: "VARCHAR", instant: "TIMESTAMP_TZ(6)" },
  text: (x) => `CAST(${x} AS VARCHAR)`,
  contains: (text, part) => `CONTAINS(${text}, ${part})`,
  startsWith: (text, part) => `STARTSWITH(${text}, ${part})`,
  exact: (digits) => digits,
  double: (x) => `CAST(${x} AS FLOAT)`,
  // FLOAT has 64 bits there, and its text has 15 digits of them.
  floats: (column) => column,
  compareDoubles: (one, comparator, other) => `${one} ${comparator} ${other}`,
  sum: (column) => `SUM(${column})`,
  time: (clock) => `CAST(${literal(clock)} AS TIME)`,
  // docs.snowflake.com/en/sql-reference/data-types-datetime
  years: [0, 9999],
  plainTimestamp: (text) => `CAST(${literal(text)} AS TIMESTAMP_NTZ)`,
  elementType: () => null,
  listHas: (list, _, value) => `ARRAY_CONTAINS(TO_VARIANT(${literal(value)}), ${list})`,
  orderBy: (x, _, direction) => `${x} ${direction} NULLS LAST`,
  nobody: "SELECT CAST(NULL AS VARCHAR) AS k FROM (SELECT 1) o WHERE FALSE",
  union: "UNION",
  // Of the texts that JSON makes; LISTAGG leaves NULLs out.
  countWithFirst: (relation, few) =>
    `SELECT COUNT(*) AS total, '[' || LISTAGG(CASE WHEN n <= ${few} THEN ${snowflakeDialect.textJson("k")} END, ',') WITHIN GROUP (ORDER BY k) || ']' AS people FROM (SELECT k, ROW_NUMBER() OVER (ORDER BY k) AS n FROM ${relation}) r`,
  takesApart: false,
};
