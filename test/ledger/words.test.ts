/** What statements over a ledger and around models take from their warehouse, side by side; that it does what it should the pipelines say. */
import { expect, test } from "vitest";
import { wordsOf, type LedgerWords } from "../../src/ledger/words.ts";
import { wordsOf as modelWordsOf, type ModelWords } from "../../src/models/words.ts";

type Three = readonly [duckdb: string, bigquery: string, snowflake: string];
const names = ["duckdb", "bigquery", "snowflake"] as const;

const ledger: readonly (readonly [name: string, of: (words: LedgerWords) => string, ...Three])[] = [
  ["text", (w) => w.text("x"), "CAST(x AS VARCHAR)", "CAST(x AS STRING)", "CAST(x AS VARCHAR)"],
  ["type of a print", (w) => w.types.print, "UBIGINT", "INT64", "NUMBER(20,0)"],
  [
    "type of identifiers",
    (w) => w.types.ids,
    'STRUCT(kind VARCHAR, "value" VARCHAR, version INTEGER)[]',
    "STRING",
    "VARCHAR",
  ],
  ["idsText", (w) => w.idsText("ids"), "CAST(to_json(ids) AS VARCHAR)", "ids", "ids"],
  [
    "idsOf",
    (w) => w.idsOf("x"),
    `from_json(x, '[{"kind":"VARCHAR","value":"VARCHAR","version":"INTEGER"}]')`,
    "x",
    "x",
  ],
  [
    "ownKeyIds",
    (w) => w.ownKeyIds("k"),
    "[{'kind': 'key', 'value': k, 'version': 1}]",
    `CONCAT('[{"kind":"key","value":', TO_JSON_STRING(k), ',"version":1}]')`,
    `'[{"kind":"key","value":' || TO_JSON(TO_VARIANT(k)) || ',"version":1}]'`,
  ],
  [
    "countIds",
    (w) => w.countIds("ids"),
    "len(ids)",
    "ARRAY_LENGTH(JSON_QUERY_ARRAY(ids))",
    "ARRAY_SIZE(PARSE_JSON(ids))",
  ],
  [
    "eachId",
    (w) => w.eachId("t", ["k"], "h IS NULL"),
    '(SELECT k, u.kind AS kind, u."value" AS "value" FROM (SELECT k, unnest(ids) AS u FROM t WHERE h IS NULL))',
    "(SELECT k, JSON_VALUE(u, '$.kind') AS kind, JSON_VALUE(u, '$.value') AS `value` FROM (SELECT k, ids FROM t WHERE h IS NULL) CROSS JOIN UNNEST(JSON_QUERY_ARRAY(ids)) AS u)",
    '(SELECT t.k, CAST(u.value:kind AS VARCHAR) AS kind, CAST(u.value:value AS VARCHAR) AS "VALUE" FROM (SELECT ids, k FROM t WHERE h IS NULL) t, LATERAL FLATTEN(INPUT => PARSE_JSON(t.ids)) u)',
  ],
  ["printOf", (w) => w.printOf("x"), "CAST(x AS UBIGINT)", "CAST(x AS INT64)", "CAST(x AS NUMBER(20,0))"],
  ["opOf", (w) => w.opOf("1"), "CAST(1 AS UTINYINT)", "1", "1"],
  [
    "rowNumber",
    (w) => w.rowNumber,
    "CAST(row_number() OVER () AS UBIGINT)",
    "ROW_NUMBER() OVER ()",
    "ROW_NUMBER() OVER (ORDER BY NULL)",
  ],
  [
    "seq",
    (w) => w.seq("op", "n"),
    "(CAST(op AS UBIGINT) << 48) + n",
    "op * 281474976710656 + n",
    "op * 281474976710656 + n",
  ],
  [
    "spread",
    (w) => w.spread("k"),
    "(hash(k) % 1000)",
    "MOD(ABS(MOD(FARM_FINGERPRINT(k), 1000)), 1000)",
    "MOD(MD5_NUMBER_LOWER64(k), 1000)",
  ],
  [
    "newest",
    (w) => w.newest("c", "t"),
    "arg_max(c, t) FILTER (WHERE c IS NOT NULL)",
    "MAX_BY(c, IF(c IS NULL, NULL, t))",
    "MAX_BY(c, IFF(c IS NULL, NULL, t))",
  ],
  ["fail", (w) => w.fail("'no'"), "error('no')", "ERROR('no')", "CAST(CAST('no' AS NUMBER(38,0)) AS VARCHAR)"],
  [
    "updateFrom",
    (w) => w.updateFrom({ table: "s", set: { h: "r.h" }, from: "(q)", where: "t.k = r.k" }),
    "UPDATE s AS t SET h = r.h FROM (q) r WHERE t.k = r.k",
    "UPDATE s AS t SET h = r.h FROM (q) AS r WHERE t.k = r.k",
    "UPDATE s t SET h = r.h FROM (q) r WHERE t.k = r.k",
  ],
  [
    "createTable",
    (w) => w.createTable("t", "k x", "k"),
    "CREATE TABLE IF NOT EXISTS t (k x)",
    "CREATE TABLE IF NOT EXISTS t (k x) CLUSTER BY k",
    "CREATE TRANSIENT TABLE IF NOT EXISTS t (k x) CLUSTER BY (k) DATA_RETENTION_TIME_IN_DAYS = 1",
  ],
  [
    "createTable without a key",
    (w) => w.createTable("t", "k x"),
    "CREATE TABLE IF NOT EXISTS t (k x)",
    "CREATE TABLE IF NOT EXISTS t (k x)",
    "CREATE TRANSIENT TABLE IF NOT EXISTS t (k x) DATA_RETENTION_TIME_IN_DAYS = 1",
  ],
  [
    "cloneTable",
    (w) => w.cloneTable?.("c", "t", 7) ?? "none",
    "none",
    "CREATE TABLE c CLONE t OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 7 DAY))",
    "CREATE TRANSIENT TABLE c CLONE t",
  ],
  [
    "tables",
    (w) => w.tables(["shop", "millrace"]),
    "SELECT table_name AS name FROM information_schema.tables WHERE table_catalog = 'shop' AND table_schema = 'millrace' ORDER BY 1",
    "SELECT table_name AS name FROM `shop`.`millrace`.INFORMATION_SCHEMA.TABLES ORDER BY 1",
    "SELECT LOWER(table_name) AS name FROM INFORMATION_SCHEMA.TABLES WHERE table_catalog = 'SHOP' AND table_schema = 'MILLRACE' ORDER BY 1",
  ],
  [
    "listing",
    (w) => w.listing({ ledger: ["shop", "l"], models: ["shop", "m"], scratch: ["shop", "l_scratch"] }),
    "SELECT 'ledger' AS place, table_name AS name FROM information_schema.tables WHERE table_catalog = 'shop' AND table_schema = 'l' UNION ALL SELECT 'models' AS place, table_name AS name FROM information_schema.tables WHERE table_catalog = 'shop' AND table_schema = 'm'",
    "SELECT 'ledger' AS place, table_name AS name FROM `shop`.`l`.INFORMATION_SCHEMA.TABLES UNION ALL SELECT 'models' AS place, table_name AS name FROM `shop`.`m`.INFORMATION_SCHEMA.TABLES",
    "SELECT CASE table_schema WHEN 'L' THEN 'ledger' WHEN 'M' THEN 'models' WHEN 'L_SCRATCH' THEN 'scratch' END AS place, LOWER(table_name) AS name FROM INFORMATION_SCHEMA.TABLES WHERE table_catalog = 'SHOP' AND table_schema IN ('L', 'M', 'L_SCRATCH')",
  ],
];

test.each(ledger)("ledger: %s", (_, of, ...expected) => {
  expect(names.map((name) => of(wordsOf({ name })))).toEqual(expected);
});

const models: readonly (readonly [name: string, of: (words: ModelWords) => string, ...Three])[] = [
  ["inlined", (w) => w.inlined, "NOT MATERIALIZED ", "", ""],
  [
    "epochMs",
    (w) => w.epochMs("x"),
    "epoch_ms(CAST(x AS TIMESTAMPTZ))",
    "UNIX_MILLIS(CAST(x AS TIMESTAMP))",
    "DATE_PART(EPOCH_MILLISECOND, CAST(x AS TIMESTAMP_TZ))",
  ],
  [
    "asNumber",
    (w) => w.asNumber("x"),
    "TRY_CAST(x AS DOUBLE)",
    "SAFE_CAST(CAST(x AS STRING) AS FLOAT64)",
    "TRY_CAST(CAST(x AS VARCHAR) AS FLOAT)",
  ],
  [
    "together",
    (w) => w.together(["x", "y"]),
    "[CAST(x AS VARCHAR), CAST(y AS VARCHAR)]",
    "TO_JSON_STRING([CAST(x AS STRING), CAST(y AS STRING)])",
    "TO_JSON(ARRAY_CONSTRUCT(CAST(x AS VARCHAR), CAST(y AS VARCHAR)))",
  ],
  ["now", (w) => w.now, "now()", "CURRENT_TIMESTAMP()", "CURRENT_TIMESTAMP()"],
];

test.each(models)("models: %s", (_, of, ...expected) => {
  expect(names.map((name) => of(modelWordsOf({ name })))).toEqual(expected);
});
