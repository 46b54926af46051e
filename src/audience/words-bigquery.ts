import type { Scalar } from "../project/schema/rule.ts";
import { bigqueryDialect } from "../warehouse/bigquery-dialect.ts";
import { digitsOf, digitsText } from "./number.ts";
import type { AudienceWords } from "./words.ts";

const { literal } = bigqueryDialect;

/** Audiences in BigQuery (GoogleSQL). */
export const bigqueryWords: AudienceWords = {
  types: { text: "STRING", instant: "TIMESTAMP" },
  text: (x) => `CAST(${x} AS STRING)`,
  contains: (text, part) => `STRPOS(${text}, ${part}) > 0`,
  startsWith: (text, part) => `STARTS_WITH(${text}, ${part})`,
  exact,
  double: (x) => `CAST(${x} AS FLOAT64)`,
  floats: (column) => column,
  // Every comparison with NaN is false there, but `<>`: what is above or equal is what is not below.
  // https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#floating_point_semantics
  compareDoubles: (one, comparator, other) => {
    if (comparator === ">") return `(NOT ${one} <= ${other})`;
    return comparator === ">=" ? `(NOT ${one} < ${other})` : `${one} ${comparator} ${other}`;
  },
  // A sum of INT64 is an INT64, and fails beyond it.
  sum: (column, family) => (family === "integer" ? `SUM(CAST(${column} AS BIGNUMERIC))` : `SUM(${column})`),
  // Seconds must be there.
  time: (clock) => `CAST(${literal(/^\d\d:\d\d$/.test(clock) ? `${clock}:00` : clock)} AS TIME)`,
  years: [1, 9999],
  plainTimestamp: (text) => `CAST(${literal(text)} AS DATETIME)`,
  elementType: (list) => /^ARRAY<(.*)>$/.exec(list)?.[1] ?? null,
  // IN UNNEST is NULL where an element is, and FALSE where the list is.
  listHas: (list, type, value) => {
    const element = typeof value === "string" && type !== "ARRAY<STRING>" ? "CAST(e AS STRING)" : "e";
    return `IF(${list} IS NULL, NULL, EXISTS (SELECT 1 FROM UNNEST(${list}) AS e WHERE ${element} = ${scalar(value)}))`;
  },
  // NaN is the least of the numbers there, as long as nothing says otherwise.
  orderBy: (x, family, direction) =>
    family === "float"
      ? `IS_NAN(${x}) ${direction} NULLS LAST, ${x} ${direction} NULLS LAST`
      : `${x} ${direction} NULLS LAST`,
  nobody: "SELECT CAST(NULL AS STRING) AS k FROM (SELECT 1) AS o WHERE FALSE",
  union: "UNION DISTINCT",
  countWithFirst: (relation, few) =>
    `SELECT COUNT(*) AS total, ARRAY_AGG(k ORDER BY k LIMIT ${few}) AS people FROM ${relation}`,
  takesApart: false,
};

/** Digits with a point alone would be a FLOAT64, and whole ones end at 2^63. */
function exact(digits: string): string {
  const [whole = "", fraction = ""] = digits.replace("-", "").split(".");
  if (fraction === "" && BigInt(whole) < 2n ** 63n) return digits;
  const fits = fraction !== "" && whole.length <= 29 && fraction.length <= 9;
  return `${fits ? "NUMERIC" : "BIGNUMERIC"} ${literal(digits)}`;
}

function scalar(value: Scalar): string {
  const digits = typeof value === "number" || typeof value === "bigint" ? digitsOf(value) : null;
  return digits === null || String(digits.digits).length > 38 ? literal(value) : exact(digitsText(digits));
}
