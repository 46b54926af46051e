/** What the SQL around models needs of a warehouse besides {@link Dialect}. */
import type { Dialect } from "../warehouse/warehouse.ts";

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
  /** Who asks, by the name that rights are granted to. */
  readonly whoami: string;
}

const words: Readonly<Record<Dialect["name"], ModelWords>> = {
  duckdb: {
    inlined: "NOT MATERIALIZED ",
    epochMs: (moment) => `epoch_ms(CAST(${moment} AS TIMESTAMPTZ))`,
    asNumber: (value) => `TRY_CAST(${value} AS DOUBLE)`,
    together: (values) => `[${values.map((value) => `CAST(${value} AS VARCHAR)`).join(", ")}]`,
    now: "now()",
    whoami: "current_user",
  },
  bigquery: {
    inlined: "",
    epochMs: (moment) => `UNIX_MILLIS(CAST(${moment} AS TIMESTAMP))`,
    asNumber: (value) => `SAFE_CAST(CAST(${value} AS STRING) AS FLOAT64)`,
    together: (values) => `TO_JSON_STRING([${values.map((value) => `CAST(${value} AS STRING)`).join(", ")}])`,
    now: "CURRENT_TIMESTAMP()",
    whoami: "SESSION_USER()",
  },
  snowflake: {
    inlined: "",
    epochMs: (moment) => `DATE_PART(EPOCH_MILLISECOND, CAST(${moment} AS TIMESTAMP_TZ))`,
    asNumber: (value) => `TRY_CAST(CAST(${value} AS VARCHAR) AS FLOAT)`,
    together: (values) => `TO_JSON(ARRAY_CONSTRUCT(${values.map((value) => `CAST(${value} AS VARCHAR)`).join(", ")}))`,
    now: "CURRENT_TIMESTAMP()",
    whoami: "CURRENT_ROLE()",
  },
};

export const wordsOf = ({ name }: Pick<Dialect, "name">): ModelWords => words[name];
