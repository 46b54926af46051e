import type { LedgerWords } from "./words.ts";

/** A ledger in Snowflake: identifiers are their JSON text; names without quotes, which Snowflake folds to its own case. */
export const snowflakeWords: LedgerWords = {
  types: {
    text: "VARCHAR",
    integer: "NUMBER(38,0)",
    boolean: "BOOLEAN",
    share: "FLOAT",
    seq: "NUMBER(20,0)",
    // MD5_NUMBER_LOWER64's, unsigned; there is no fast print.
    print: "NUMBER(20,0)",
    tag: "NUMBER(20,0)",
    ids: "VARCHAR",
  },
  text: (value) => `CAST(${value} AS VARCHAR)`,
  idsText: (column) => column,
  idsOf: (text) => text,
  ownKeyIds: (key) => `'[{"kind":"key","value":' || TO_JSON(TO_VARIANT(${key})) || ',"version":1}]'`,
  countIds: (column) => `ARRAY_SIZE(PARSE_JSON(${column}))`,
  eachId: (table, columns, where = "TRUE") => {
    const names = columns.map((column) => `t.${column}, `).join("");
    const own = ["ids", ...columns].join(", ");
    return `(SELECT ${names}CAST(u.value:kind AS VARCHAR) AS kind, CAST(u.value:value AS VARCHAR) AS "VALUE" FROM (SELECT ${own} FROM ${table} WHERE ${where}) t, LATERAL FLATTEN(INPUT => PARSE_JSON(t.ids)) u)`;
  },
  opOf: (value) => value,
  printOf: (text) => `CAST(${text} AS NUMBER(20,0))`,
  // Snowflake asks for an order.
  rowNumber: "ROW_NUMBER() OVER (ORDER BY NULL)",
  seq: (op, n) => `${op} * 281474976710656 + ${n}`,
  // Snowflake has no function that fails: a text that is no number does, and tells the text.
  spread: (text) => `MOD(MD5_NUMBER_LOWER64(${text}), 1000)`,
  newest: (column, by) => `MAX_BY(${column}, IFF(${column} IS NULL, NULL, ${by}))`,
  fail: (message) => `CAST(CAST(${message} AS NUMBER(38,0)) AS VARCHAR)`,
  oneRow: "(SELECT 1)",
  updateFrom: ({ table, set, from, where }) => {
    const sets = Object.entries(set).map(([column, value]) => `${column} = ${value}`);
    return `UPDATE ${table} t SET ${sets.join(", ")} FROM ${from} r WHERE ${where}`;
  },
  // Transient: rows that were changed or deleted are kept, and paid for, for a day, and not for seven more after it.
  createTable: (table, columns, key) => {
    const cluster = key === undefined ? "" : ` CLUSTER BY (${key})`;
    return `CREATE TRANSIENT TABLE IF NOT EXISTS ${table} (${columns})${cluster} DATA_RETENTION_TIME_IN_DAYS = 1`;
  },
  cloneTable: (copy, table) => `CREATE TRANSIENT TABLE ${copy} CLONE ${table}`,
  tables: ([database = "", schema = ""]) => {
    const upper = (name: string): string => `'${name.toUpperCase().replaceAll("'", "''")}'`;
    return `SELECT LOWER(table_name) AS name FROM INFORMATION_SCHEMA.TABLES WHERE table_catalog = ${upper(database)} AND table_schema = ${upper(schema)} ORDER BY 1`;
  },
  listing: ({ ledger, models, scratch }) => {
    const upper = (name = ""): string => `'${name.toUpperCase().replaceAll("'", "''")}'`;
    const schemas = Object.entries({ ledger, models, scratch }).map(([place, [, schema]]) => [place, upper(schema)]);
    const cases = schemas.map(([place, schema]) => `WHEN ${schema} THEN '${place}'`).join(" ");
    return `SELECT CASE table_schema ${cases} END AS place, LOWER(table_name) AS name FROM INFORMATION_SCHEMA.TABLES \
WHERE table_catalog = ${upper(ledger[0])} AND table_schema IN (${schemas.map(([, schema]) => schema).join(", ")})`;
  },
};
