/**
 * Statements for rows that have the same columns. They travel as one JSON value that the server reads by the table's own types,
 * so dates, numerics, arrays and enums are the server's to judge.
 */
import type { Json, SqlStatement } from "millrace/destination";
import { sqlName } from "millrace/destination";
import type { Table } from "./settings.ts";

/** Cells of a row by column. */
export type Cells = Readonly<Record<string, Json>>;

/** Rows of the same columns: those of the key and others. */
export interface Rows {
  readonly columns: readonly string[];
  readonly cells: readonly Cells[];
}

/** `"a", "b"`, or with `before` `t."a", t."b"`. */
const list = (names: readonly string[], before = ""): string => names.map((name) => before + sqlName(name)).join(", ");

const assignments = (columns: readonly string[], from: string): string =>
  columns.map((name) => `${sqlName(name)} = ${from}${sqlName(name)}`).join(", ");

/** As texts, since not every type can be compared (json); both sides have been through the column's type. */
const differs = (columns: readonly string[], from: string): string =>
  `ROW(${list(columns, "t.")})::text IS DISTINCT FROM ROW(${list(columns, from)})::text`;

const sameKey = ({ keys }: Table): string =>
  keys.map((name) => `t.${sqlName(name)} = r.${sqlName(name)}`).join(" AND ");

/** The place of a row in its batch, beside the table's own columns. */
const place = sqlName("millrace row");

/** The rows as a relation `r` of the table's own types. */
function relation({ name }: Table, { cells }: Rows): { readonly from: string; readonly values: readonly [string] } {
  const record = `jsonb_populate_record(NULL::${name}, o.value) p`;
  const elements = "jsonb_array_elements($1::jsonb) WITH ORDINALITY o";
  return {
    from: `(SELECT p.*, o.ordinality - 1 AS ${place} FROM ${elements}, ${record}) r`,
    values: [JSON.stringify(cells)],
  };
}

/** Inserts rows, or updates those that differ; returns `inserted` of each row that was written. */
export function upsert(table: Table, rows: Rows): SqlStatement {
  const { from, values } = relation(table, rows);
  const names = [...table.keys, ...rows.columns];
  const insert = `INSERT INTO ${table.name} AS t (${list(names)}) SELECT ${list(names, "r.")} FROM ${from}`;
  const then =
    rows.columns.length === 0
      ? "NOTHING"
      : `UPDATE SET ${assignments(rows.columns, "EXCLUDED.")} WHERE ${differs(rows.columns, "EXCLUDED.")}`;
  return { text: `${insert} ON CONFLICT (${list(table.keys)}) DO ${then} RETURNING (xmax = 0) AS inserted`, values };
}

/**
 * Mode `update`: what is not there stays away, and is told: the first statement returns `row`, the place of each row that is
 * there. Locked, so that none comes or goes in between.
 */
export function update(table: Table, rows: Rows): readonly SqlStatement[] {
  const { from, values } = relation(table, rows);
  const { columns } = rows;
  const found = `SELECT r.${place} AS row FROM ${table.name} AS t JOIN ${from} ON ${sameKey(table)}`;
  if (columns.length === 0) return [{ text: found, values }];
  const set = `UPDATE ${table.name} AS t SET ${assignments(columns, "r.")} FROM ${from}`;
  return [
    { text: `${found} FOR UPDATE OF t`, values },
    { text: `${set} WHERE ${sameKey(table)} AND ${differs(columns, "r.")}`, values },
  ];
}

/** Deletes rows. */
export function remove(table: Table, rows: Rows): SqlStatement {
  const { from, values } = relation(table, rows);
  return { text: `DELETE FROM ${table.name} AS t USING ${from} WHERE ${sameKey(table)}`, values };
}
