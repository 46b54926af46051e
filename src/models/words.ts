/** What the SQL around models needs of a warehouse besides {@link Dialect}. */
import type { Column, Dialect } from "../warehouse/warehouse.ts";

export interface ModelWords {
  /** Before the query of a CTE whose filters should be its readers' too. */
  readonly inlined: string;
  /** A moment as milliseconds since the epoch; a date is its midnight, one without a zone is UTC. */
  epochMs(moment: string): string;
  /** A value as a number of double precision, NULL where it is none. */
  asNumber(value: string): string;
  /** Several values as one, to be counted and shown. */
  together(values: readonly string[]): string;
  readonly now: string;
  /** The type of whole numbers that a unit test gives without saying one. */
  readonly whole: string;
  /** A literal of JSON as a value of a column of lists, objects or JSON. */
  fromJson(json: string, column: Pick<Column, "type" | "family">): string;
}

const words: Readonly<Record<Dialect["name"], ModelWords>> = {
  duckdb: {
    inlined: "NOT MATERIALIZED ",
    epochMs: (moment) => `epoch_ms(CAST(${moment} AS TIMESTAMPTZ))`,
    asNumber: (value) => `TRY_CAST(${value} AS DOUBLE)`,
    together: (values) => `[${values.map((value) => `CAST(${value} AS VARCHAR)`).join(", ")}]`,
    now: "now()",
    whole: "BIGINT",
    fromJson: (json, { type }) => `CAST(${json} AS ${type})`,
  },
  bigquery: {
    inlined: "",
    epochMs: (moment) => `UNIX_MILLIS(CAST(${moment} AS TIMESTAMP))`,
    asNumber: (value) => `SAFE_CAST(CAST(${value} AS STRING) AS FLOAT64)`,
    together: (values) => `TO_JSON_STRING([${values.map((value) => `CAST(${value} AS STRING)`).join(", ")}])`,
    now: "CURRENT_TIMESTAMP()",
    whole: "INT64",
    fromJson: (json, { type }) => {
      const element = /^ARRAY<(.*)>$/.exec(type)?.[1];
      if (element === undefined) return `PARSE_JSON(${json})`;
      return `ARRAY(SELECT CAST(e AS ${element}) FROM UNNEST(JSON_VALUE_ARRAY(${json})) AS e WITH OFFSET AS o ORDER BY o)`;
    },
  },
  snowflake: {
    inlined: "",
    epochMs: (moment) => `DATE_PART(EPOCH_MILLISECOND, CAST(${moment} AS TIMESTAMP_TZ))`,
    asNumber: (value) => `TRY_CAST(CAST(${value} AS VARCHAR) AS FLOAT)`,
    together: (values) => `TO_JSON(ARRAY_CONSTRUCT(${values.map((value) => `CAST(${value} AS VARCHAR)`).join(", ")}))`,
    now: "CURRENT_TIMESTAMP()",
    whole: "NUMBER(38,0)",
    fromJson: (json, { type, family }) =>
      family === "json" ? `PARSE_JSON(${json})` : `CAST(PARSE_JSON(${json}) AS ${type})`,
  },
};

export const wordsOf = ({ name }: Pick<Dialect, "name">): ModelWords => words[name];
