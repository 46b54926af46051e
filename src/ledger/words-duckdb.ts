import { duckdbDialect } from "../warehouse/duckdb-dialect.ts";
import type { LedgerWords } from "./words.ts";

const { literal } = duckdbDialect;
const ids = 'STRUCT(kind VARCHAR, "value" VARCHAR, version INTEGER)[]';

/** A ledger in DuckDB: identifiers are a list of structs. */
export const duckdbWords: LedgerWords = {
  types: {
    text: "VARCHAR",
    integer: "BIGINT",
    boolean: "BOOLEAN",
    share: "DOUBLE",
    seq: "UBIGINT",
    print: "UBIGINT",
    tag: "UINTEGER",
    ids,
  },
  text: (value) => `CAST(${value} AS VARCHAR)`,
  idsText: (column) => `CAST(to_json(${column}) AS VARCHAR)`,
  idsOf: (text) => `from_json(${text}, '[{"kind":"VARCHAR","value":"VARCHAR","version":"INTEGER"}]')`,
  ownKeyIds: (key) => `[{'kind': 'key', 'value': ${key}, 'version': 1}]`,
  countIds: (column) => `len(${column})`,
  eachId: (table, columns, where = "TRUE") => {
    const names = columns.map((column) => `${column}, `).join("");
    return `(SELECT ${names}u.kind AS kind, u."value" AS "value" FROM (SELECT ${names}unnest(ids) AS u FROM ${table} WHERE ${where}))`;
  },
  opOf: (value) => `CAST(${value} AS UTINYINT)`,
  printOf: (text) => `CAST(${text} AS UBIGINT)`,
  rowNumber: "CAST(row_number() OVER () AS UBIGINT)",
  seq: (op, n) => `(CAST(${op} AS UBIGINT) << 48) + ${n}`,
  spread: (text) => `(hash(${text}) % 1000)`,
  newest: (column, by) => `arg_max(${column}, ${by}) FILTER (WHERE ${column} IS NOT NULL)`,
  fail: (message) => `error(${message})`,
  oneRow: "(SELECT 1)",
  updateFrom: ({ table, set, from, where }) => {
    const sets = Object.entries(set).map(([column, value]) => `${column} = ${value}`);
    return `UPDATE ${table} AS t SET ${sets.join(", ")} FROM ${from} r WHERE ${where}`;
  },
  createTable: (table, columns) => `CREATE TABLE IF NOT EXISTS ${table} (${columns})`,
  cloneTable: null,
  tables: ([catalog = "", schema = ""]) =>
    `SELECT table_name AS name FROM information_schema.tables WHERE table_catalog = ${literal(catalog)} AND table_schema = ${literal(schema)} ORDER BY 1`,
  listing: ({ ledger, models }) =>
    Object.entries({ ledger, models })
      .map(
        ([place, [catalog = "", schema = ""]]) =>
          `SELECT '${place}' AS place, table_name AS name FROM information_schema.tables WHERE table_catalog = ${literal(catalog)} AND table_schema = ${literal(schema)}`,
      )
      .join(" UNION ALL "),
};
