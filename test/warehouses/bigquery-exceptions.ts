import type { Exception } from "../contract/warehouses/contract.ts";

/** What emulators of BigQuery do otherwise than BigQuery's documentation says, as bqemulator 1.4.0 and bigquery-emulator 0.6.6 answered. */
export const exceptions: readonly Exception[] = [
  {
    emulator: "bqemulator",
    operation: "describe: runs nothing",
    reason: "a dry run runs the query, where BigQuery only reads it",
  },
  {
    emulator: "bqemulator",
    operation: "utf8: the bytes of a text",
    reason: "CAST of a text beyond ASCII as BYTES fails in the DuckDB beneath it",
  },
  {
    emulator: "bqemulator",
    operation: "quote: names with dots, quotes and backslashes are read exactly",
    reason: "its parser cuts quoted names at dots and knows no escape in them",
  },
  {
    emulator: "bqemulator",
    operation: "relation: tables named by letters beyond ASCII",
    reason: "it takes ASCII in names of tables",
  },
  { emulator: "bigquery-emulator", operation: "describe: integer", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: decimal", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: float", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: text", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: boolean", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: date", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: timestamp", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: timestamptz", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: time", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: list", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: struct", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: json", reason: "its dry run tells no columns" },
  { emulator: "bigquery-emulator", operation: "describe: binary", reason: "its dry run tells no columns" },
  {
    emulator: "bigquery-emulator",
    operation: "describe: extremes",
    reason: "it cannot read back NaN and infinities, nor the year 9999",
  },
  {
    emulator: "bigquery-emulator",
    operation: "describe: NULL",
    reason: "its dry run tells no columns",
  },
  { emulator: "bigquery-emulator", operation: "describe: columns of a table", reason: "its dry run tells no columns" },
  {
    emulator: "bigquery-emulator",
    operation: "given rows: types are told from values, unless the columns are known",
    reason: "its dry run tells no columns",
  },
  {
    emulator: "bigquery-emulator",
    operation: "describe: runs nothing",
    reason: "a dry run runs the query, where BigQuery only reads it",
  },
  {
    emulator: "bigquery-emulator",
    operation: "execute: counts changed rows",
    reason: "it tells no number of changed rows",
  },
  {
    emulator: "bigquery-emulator",
    operation: "execute: MERGE counts what it inserts and updates",
    reason: "it cannot run a MERGE whose source is a UNION",
  },
  {
    emulator: "bigquery-emulator",
    operation: "execute: parameters are bound, not pasted",
    reason: "it takes every positional parameter for an INT64",
  },
  {
    emulator: "bigquery-emulator",
    operation: "script: a failing statement leaves nothing of those before",
    reason: "it has no transactions of several statements over REST",
  },
  {
    emulator: "bigquery-emulator",
    operation: "rows: parameters and names",
    reason: "it takes every positional parameter for an INT64",
  },
  {
    emulator: "bigquery-emulator",
    operation: "rows and read: plain and exact values: json",
    reason: "it keeps the text of JSON as it was written",
  },
  {
    emulator: "bigquery-emulator",
    operation: "rows and read: plain and exact values: extremes",
    reason: "it cannot read back NaN and infinities, nor the year 9999",
  },
  {
    emulator: "bigquery-emulator",
    operation: "read: many rows, in order, in flat memory",
    reason: "it knows no pages: all rows come at once",
  },
  {
    emulator: "bigquery-emulator",
    operation: "read: a consumer may stop early, and run statements between batches",
    reason: "it knows no pages: all rows come at once",
  },
  {
    emulator: "bigquery-emulator",
    operation: "append: values of every type come back the same",
    reason: "it takes every positional parameter for an INT64",
  },
  {
    emulator: "bigquery-emulator",
    operation: "append: more rows than one statement takes",
    reason: "it takes every positional parameter for an INT64",
  },
  {
    emulator: "bigquery-emulator",
    operation: "canonical: json",
    reason: "it keeps the text of JSON as it was written",
  },
  {
    emulator: "bigquery-emulator",
    operation: "canonical: extremes",
    reason: "it cannot read back NaN and infinities, nor the year 9999",
  },
  {
    emulator: "bigquery-emulator",
    operation: "wireJson: extremes",
    reason: "it cannot read back NaN and infinities, nor the year 9999",
  },
  {
    emulator: "bigquery-emulator",
    operation: "wireJson: NULL",
    reason: "its process ends at TO_JSON_STRING of NULL",
  },
  {
    emulator: "bigquery-emulator",
    operation: "jsonObject: any names and texts, NULL members kept",
    reason: "its TO_JSON_STRING escapes control characters as \\x01, which is no JSON",
  },
  {
    emulator: "bigquery-emulator",
    operation: "timestamp: milliseconds since the epoch, UTC",
    reason: "it counts nanoseconds in 64 bits: the year 9999 is another one",
  },
  {
    emulator: "bigquery-emulator",
    operation: "quote: names of any characters are read exactly",
    reason: "the SQLite beneath it mistakes $$",
  },
  {
    emulator: "bigquery-emulator",
    operation: "quote: names with dots, quotes and backslashes are read exactly",
    reason: "the SQLite beneath it does not take the analyser's escapes in names",
  },
];
