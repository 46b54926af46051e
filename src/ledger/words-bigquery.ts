import type { LedgerWords } from "./words.ts";

/** One identifier of the JSON text, as `u`. */
const part = (name: string): string => `JSON_VALUE(u, '$.${name}')`;

/**
 * A ledger in BigQuery: identifiers are their JSON text, since an array column is never NULL and its structs cannot be compared.
 */
export const bigqueryWords: LedgerWords = {
  types: {
    text: "STRING",
    integer: "INT64",
    boolean: "BOOL",
    share: "FLOAT64",
    seq: "INT64",
    // FARM_FINGERPRINT's; there is no fast print.
    print: "INT64",
    tag: "INT64",
    ids: "STRING",
  },
  text: (value) => `CAST(${value} AS STRING)`,
  idsText: (column) => column,
  idsOf: (text) => text,
  ownKeyIds: (key) => `CONCAT('[{"kind":"key","value":', TO_JSON_STRING(${key}), ',"version":1}]')`,
  countIds: (column) => `ARRAY_LENGTH(JSON_QUERY_ARRAY(${column}))`,
  eachId: (table, columns, where = "TRUE") => {
    const names = columns.map((column) => `${column}, `).join("");
    return `(SELECT ${names}${part("kind")} AS kind, ${part("value")} AS \`value\` FROM (SELECT ${names}ids FROM ${table} WHERE ${where}) CROSS JOIN UNNEST(JSON_QUERY_ARRAY(ids)) AS u)`;
  },
  opOf: (value) => value,
  printOf: (text) => `CAST(${text} AS INT64)`,
  rowNumber: "ROW_NUMBER() OVER ()",
  seq: (op, n) => `${op} * 281474976710656 + ${n}`,
  spread: (text) => `MOD(ABS(MOD(FARM_FINGERPRINT(${text}), 1000)), 1000)`,
  newest: (column, by) => `MAX_BY(${column}, IF(${column} IS NULL, NULL, ${by}))`,
  fail: (message) => `ERROR(${message})`,
  oneRow: "(SELECT 1)",
  updateFrom: ({ table, set, from, where }) => {
    const sets = Object.entries(set).map(([column, value]) => `${column} = ${value}`);
    return `UPDATE ${table} AS t SET ${sets.join(", ")} FROM ${from} AS r WHERE ${where}`;
  },
  createTable: (table, columns, key) =>
    `CREATE TABLE IF NOT EXISTS ${table} (${columns})${key === undefined ? "" : ` CLUSTER BY ${key}`}`,
  // A clone, not a snapshot: whose right to end by itself only owners of the dataset have.
  // https://cloud.google.com/bigquery/docs/table-snapshots-create#permissions
  cloneTable: (copy, table, days) =>
    `CREATE TABLE ${copy} CLONE ${table} OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL ${days} DAY))`,
  tables: (schema) => {
    const place = schema.map((name) => `\`${name}\``).join(".");
    return `SELECT table_name AS name FROM ${place}.INFORMATION_SCHEMA.TABLES ORDER BY 1`;
  },
  listing: ({ ledger, models }) =>
    Object.entries({ ledger, models })
      .map(([place, schema]) => {
        const views = `${schema.map((name) => `\`${name}\``).join(".")}.INFORMATION_SCHEMA.TABLES`;
        return `SELECT '${place}' AS place, table_name AS name FROM ${views}`;
      })
      .join(" UNION ALL "),
};
