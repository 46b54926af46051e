/** The statements about audiences, of all warehouses side by side. */
import { expect, test } from "vitest";
import { traceKey } from "../../src/audience/trace.ts";
import { bigqueryDialect } from "../../src/warehouse/bigquery-dialect.ts";
import { duckdbDialect } from "../../src/warehouse/duckdb-dialect.ts";
import { snowflakeDialect } from "../../src/warehouse/snowflake-dialect.ts";
import type { Each } from "./dialect-cases.ts";
import { statements } from "./statement-cases.ts";

/** One text where all write the same. */
const expected: Readonly<Record<string, string | Each<string>>> = {
  "an event within a window": {
    duckdb: `COALESCE(CAST(m."id" AS VARCHAR) IN (
SELECT nfc_normalize(CAST(e1."person" AS VARCHAR)) AS "k0" FROM (
SELECT * FROM orders
) e1 WHERE nfc_normalize(CAST(e1."person" AS VARCHAR)) IS NOT NULL AND (e1."at" >= TIMESTAMPTZ '2026-02-28 13:00:00.000+00' AND e1."at" <= TIMESTAMPTZ '2026-03-29 12:00:00.000+00') GROUP BY 1 HAVING SUM(e1."pieces") >= 3
), FALSE)`,
    bigquery: `COALESCE(CAST(m.\`id\` AS STRING) IN (
SELECT NORMALIZE(CAST(e1.\`person\` AS STRING), NFC) AS \`k0\` FROM (
SELECT * FROM orders
) e1 WHERE NORMALIZE(CAST(e1.\`person\` AS STRING), NFC) IS NOT NULL AND (e1.\`at\` >= TIMESTAMP '2026-02-28 13:00:00.000+00:00' AND e1.\`at\` <= TIMESTAMP '2026-03-29 12:00:00.000+00:00') GROUP BY 1 HAVING SUM(CAST(e1.\`pieces\` AS BIGNUMERIC)) >= 3
), FALSE)`,
    snowflake: `COALESCE(CAST(m."ID" AS VARCHAR) IN (
SELECT CAST(e1."PERSON" AS VARCHAR) AS "K0" FROM (
SELECT * FROM orders
) e1 WHERE CAST(e1."PERSON" AS VARCHAR) IS NOT NULL AND (e1."AT" >= CAST('2026-02-28T13:00:00.000+00:00' AS TIMESTAMP_TZ) AND e1."AT" <= CAST('2026-03-29T12:00:00.000+00:00' AS TIMESTAMP_TZ)) GROUP BY 1 HAVING SUM(e1."PIECES") >= 3
), FALSE)`,
  },
  "no event": {
    duckdb: `(NOT COALESCE(m."id" IN (
SELECT e1."id" AS "k0" FROM (
SELECT * FROM orders
) e1 WHERE e1."id" IS NOT NULL GROUP BY 1 HAVING NOT (COUNT(*) = 0)
), FALSE))`,
    bigquery: `(NOT COALESCE(m.\`id\` IN (
SELECT e1.\`id\` AS \`k0\` FROM (
SELECT * FROM orders
) e1 WHERE e1.\`id\` IS NOT NULL GROUP BY 1 HAVING NOT (COUNT(*) = 0)
), FALSE))`,
    snowflake: `(NOT COALESCE(m."ID" IN (
SELECT e1."ID" AS "K0" FROM (
SELECT * FROM orders
) e1 WHERE e1."ID" IS NOT NULL GROUP BY 1 HAVING NOT (COUNT(*) = 0)
), FALSE))`,
  },
  "related rows by a key of two": {
    duckdb: `EXISTS (SELECT 1 FROM (
SELECT e1."id" AS "k0", e1."line" AS "k1" FROM (
SELECT * FROM orders
) e1 WHERE e1."id" IS NOT NULL AND e1."line" IS NOT NULL GROUP BY 1, 2 HAVING COUNT(*) = SUM(CASE WHEN TRUE THEN 1 ELSE 0 END)
) r1 WHERE m."id" = r1."k0" AND m."email" = r1."k1")`,
    bigquery: `EXISTS (SELECT 1 FROM (
SELECT e1.\`id\` AS \`k0\`, e1.\`line\` AS \`k1\` FROM (
SELECT * FROM orders
) e1 WHERE e1.\`id\` IS NOT NULL AND e1.\`line\` IS NOT NULL GROUP BY 1, 2 HAVING COUNT(*) = SUM(CASE WHEN TRUE THEN 1 ELSE 0 END)
) r1 WHERE m.\`id\` = r1.\`k0\` AND m.\`email\` = r1.\`k1\`)`,
    snowflake: `EXISTS (SELECT 1 FROM (
SELECT e1."ID" AS "K0", e1."LINE" AS "K1" FROM (
SELECT * FROM orders
) e1 WHERE e1."ID" IS NOT NULL AND e1."LINE" IS NOT NULL GROUP BY 1, 2 HAVING COUNT(*) = SUM(CASE WHEN TRUE THEN 1 ELSE 0 END)
) r1 WHERE m."ID" = r1."K0" AND m."EMAIL" = r1."K1")`,
  },
  "what an event comes to": {
    duckdb: `(SELECT SUM(e1."pieces") FROM (
SELECT * FROM orders
) e1 WHERE CAST(m."id" AS VARCHAR) = nfc_normalize(CAST(e1."person" AS VARCHAR)))`,
    bigquery: `(SELECT SUM(CAST(e1.\`pieces\` AS BIGNUMERIC)) FROM (
SELECT * FROM orders
) e1 WHERE CAST(m.\`id\` AS STRING) = NORMALIZE(CAST(e1.\`person\` AS STRING), NFC))`,
    snowflake: `(SELECT SUM(e1."PIECES") FROM (
SELECT * FROM orders
) e1 WHERE CAST(m."ID" AS VARCHAR) = CAST(e1."PERSON" AS VARCHAR))`,
  },
  "members in an order, those who are in first": {
    duckdb: `SELECT m1."id", m1."email", m1."score" FROM (
SELECT * FROM people
) m1 LEFT JOIN (SELECT DISTINCT k FROM (
SELECT k FROM members__vip
) d) c ON CAST(m1."id" AS VARCHAR) = c.k WHERE COALESCE(CAST(m1."score" AS DOUBLE) > CAST('1' AS DOUBLE), FALSE) AND (NOT COALESCE(m1."id" IN (
SELECT "id" FROM (
SELECT id FROM big
) q WHERE "id" IS NOT NULL
), FALSE)) ORDER BY CASE WHEN c.k IS NULL THEN 1 ELSE 0 END, m1."score" DESC NULLS LAST, m1."email" ASC NULLS LAST, m1."id" ASC NULLS LAST LIMIT 10`,
    bigquery: `SELECT m1.\`id\`, m1.\`email\`, m1.\`score\` FROM (
SELECT * FROM people
) m1 LEFT JOIN (SELECT DISTINCT k FROM (
SELECT k FROM members__vip
) d) c ON CAST(m1.\`id\` AS STRING) = c.k WHERE COALESCE((NOT m1.\`score\` <= CAST('1' AS FLOAT64)), FALSE) AND (NOT COALESCE(m1.\`id\` IN (
SELECT \`id\` FROM (
SELECT id FROM big
) q WHERE \`id\` IS NOT NULL
), FALSE)) ORDER BY CASE WHEN c.k IS NULL THEN 1 ELSE 0 END, IS_NAN(m1.\`score\`) DESC NULLS LAST, m1.\`score\` DESC NULLS LAST, m1.\`email\` ASC NULLS LAST, m1.\`id\` ASC NULLS LAST LIMIT 10`,
    snowflake: `SELECT m1."ID", m1."EMAIL", m1."SCORE" FROM (
SELECT * FROM people
) m1 LEFT JOIN (SELECT DISTINCT k FROM (
SELECT k FROM members__vip
) d) c ON CAST(m1."ID" AS VARCHAR) = c.k WHERE COALESCE(m1."SCORE" > CAST('1' AS FLOAT), FALSE) AND (NOT COALESCE(m1."ID" IN (
SELECT "ID" FROM (
SELECT id FROM big
) q WHERE "ID" IS NOT NULL
), FALSE)) ORDER BY CASE WHEN c.k IS NULL THEN 1 ELSE 0 END, m1."SCORE" DESC NULLS LAST, m1."EMAIL" ASC NULLS LAST, m1."ID" ASC NULLS LAST LIMIT 10`,
  },
  "keys of members": {
    duckdb: `SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)`,
    bigquery: `SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)`,
    snowflake: `SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)`,
  },
  "keys of two columns as texts": {
    duckdb: `SELECT DISTINCT CASE WHEN CAST(a."id" AS VARCHAR) IS NULL OR nfc_normalize(CAST(a."line" AS VARCHAR)) IS NULL THEN NULL ELSE CAST(to_json([CAST(a."id" AS VARCHAR), nfc_normalize(CAST(a."line" AS VARCHAR))]) AS VARCHAR) END AS k FROM (
SELECT m1."id", m1."line" FROM (
SELECT * FROM orders
) m1 WHERE TRUE
) a WHERE CASE WHEN CAST(a."id" AS VARCHAR) IS NULL OR nfc_normalize(CAST(a."line" AS VARCHAR)) IS NULL THEN NULL ELSE CAST(to_json([CAST(a."id" AS VARCHAR), nfc_normalize(CAST(a."line" AS VARCHAR))]) AS VARCHAR) END IS NOT NULL`,
    bigquery: `SELECT DISTINCT CASE WHEN CAST(a.\`id\` AS STRING) IS NULL OR NORMALIZE(CAST(a.\`line\` AS STRING), NFC) IS NULL THEN NULL ELSE TO_JSON_STRING([CAST(a.\`id\` AS STRING), NORMALIZE(CAST(a.\`line\` AS STRING), NFC)]) END AS k FROM (
SELECT m1.\`id\`, m1.\`line\` FROM (
SELECT * FROM orders
) m1 WHERE TRUE
) a WHERE CASE WHEN CAST(a.\`id\` AS STRING) IS NULL OR NORMALIZE(CAST(a.\`line\` AS STRING), NFC) IS NULL THEN NULL ELSE TO_JSON_STRING([CAST(a.\`id\` AS STRING), NORMALIZE(CAST(a.\`line\` AS STRING), NFC)]) END IS NOT NULL`,
    snowflake: `SELECT DISTINCT CASE WHEN CAST(a."ID" AS VARCHAR) IS NULL OR CAST(a."LINE" AS VARCHAR) IS NULL THEN NULL ELSE TO_JSON(ARRAY_CONSTRUCT(CAST(a."ID" AS VARCHAR), CAST(a."LINE" AS VARCHAR))) END AS k FROM (
SELECT m1."ID", m1."LINE" FROM (
SELECT * FROM orders
) m1 WHERE TRUE
) a WHERE CASE WHEN CAST(a."ID" AS VARCHAR) IS NULL OR CAST(a."LINE" AS VARCHAR) IS NULL THEN NULL ELSE TO_JSON(ARRAY_CONSTRUCT(CAST(a."ID" AS VARCHAR), CAST(a."LINE" AS VARCHAR))) END IS NOT NULL`,
  },
  "a history": {
    duckdb: `CREATE TABLE IF NOT EXISTS members__vip (k VARCHAR NOT NULL, entered_at TIMESTAMP WITH TIME ZONE NOT NULL, entered_run VARCHAR NOT NULL, left_at TIMESTAMP WITH TIME ZONE, left_run VARCHAR)`,
    bigquery: `CREATE TABLE IF NOT EXISTS members__vip (k STRING NOT NULL, entered_at TIMESTAMP NOT NULL, entered_run STRING NOT NULL, left_at TIMESTAMP, left_run STRING)`,
    snowflake: `CREATE TABLE IF NOT EXISTS members__vip (k VARCHAR NOT NULL, entered_at TIMESTAMP_TZ(6) NOT NULL, entered_run VARCHAR NOT NULL, left_at TIMESTAMP_TZ(6), left_run VARCHAR)`,
  },
  "a history closes stays": {
    duckdb: `UPDATE members__vip SET left_at = TIMESTAMPTZ '2026-03-29 12:00:00.000+00', left_run = 'r_1' WHERE left_at IS NULL AND k NOT IN (SELECT k FROM (
SELECT k FROM now
) m WHERE k IS NOT NULL)`,
    bigquery: `UPDATE members__vip SET left_at = TIMESTAMP '2026-03-29 12:00:00.000+00:00', left_run = 'r_1' WHERE left_at IS NULL AND k NOT IN (SELECT k FROM (
SELECT k FROM now
) m WHERE k IS NOT NULL)`,
    snowflake: `UPDATE members__vip SET left_at = CAST('2026-03-29T12:00:00.000+00:00' AS TIMESTAMP_TZ), left_run = 'r_1' WHERE left_at IS NULL AND k NOT IN (SELECT k FROM (
SELECT k FROM now
) m WHERE k IS NOT NULL)`,
  },
  "a history opens stays": {
    duckdb: `INSERT INTO members__vip (k, entered_at, entered_run, left_at, left_run) SELECT DISTINCT m.k, TIMESTAMPTZ '2026-03-29 12:00:00.000+00', 'r_1', CAST(NULL AS TIMESTAMP WITH TIME ZONE), CAST(NULL AS VARCHAR) FROM (
SELECT k FROM now
) m WHERE m.k IS NOT NULL AND m.k NOT IN (SELECT k FROM members__vip WHERE left_at IS NULL)`,
    bigquery: `INSERT INTO members__vip (k, entered_at, entered_run, left_at, left_run) SELECT DISTINCT m.k, TIMESTAMP '2026-03-29 12:00:00.000+00:00', 'r_1', CAST(NULL AS TIMESTAMP), CAST(NULL AS STRING) FROM (
SELECT k FROM now
) m WHERE m.k IS NOT NULL AND m.k NOT IN (SELECT k FROM members__vip WHERE left_at IS NULL)`,
    snowflake: `INSERT INTO members__vip (k, entered_at, entered_run, left_at, left_run) SELECT DISTINCT m.k, CAST('2026-03-29T12:00:00.000+00:00' AS TIMESTAMP_TZ), 'r_1', CAST(NULL AS TIMESTAMP_TZ(6)), CAST(NULL AS VARCHAR) FROM (
SELECT k FROM now
) m WHERE m.k IS NOT NULL AND m.k NOT IN (SELECT k FROM members__vip WHERE left_at IS NULL)`,
  },
  "members by a history": `SELECT k FROM members__vip WHERE left_at IS NULL`,
  "stays of a person": {
    duckdb: `SELECT entered_at, entered_run, left_at, left_run FROM members__vip WHERE k = 'O''Hara\\' ORDER BY entered_at`,
    bigquery: `SELECT entered_at, entered_run, left_at, left_run FROM members__vip WHERE k = 'O\\'Hara\\\\' ORDER BY entered_at`,
    snowflake: `SELECT entered_at, entered_run, left_at, left_run FROM members__vip WHERE k = 'O''Hara\\\\' ORDER BY entered_at`,
  },
  "what changes": `SELECT COUNT(CASE WHEN p.k IS NOT NULL THEN 1 END) AS before_count, COUNT(CASE WHEN m.k IS NOT NULL THEN 1 END) AS now_count, COUNT(CASE WHEN p.k IS NULL THEN 1 END) AS enter_count, COUNT(CASE WHEN m.k IS NULL THEN 1 END) AS leave_count FROM (SELECT DISTINCT k FROM (
SELECT k FROM before
) d WHERE k IS NOT NULL) p FULL OUTER JOIN (SELECT DISTINCT k FROM (
SELECT k FROM now
) d WHERE k IS NOT NULL) m ON p.k = m.k`,
  "what changes the first time": {
    duckdb: `SELECT COUNT(CASE WHEN p.k IS NOT NULL THEN 1 END) AS before_count, COUNT(CASE WHEN m.k IS NOT NULL THEN 1 END) AS now_count, COUNT(CASE WHEN p.k IS NULL THEN 1 END) AS enter_count, COUNT(CASE WHEN m.k IS NULL THEN 1 END) AS leave_count FROM (SELECT CAST(NULL AS VARCHAR) AS k WHERE FALSE) p FULL OUTER JOIN (SELECT DISTINCT k FROM (
SELECT k FROM now
) d WHERE k IS NOT NULL) m ON p.k = m.k`,
    bigquery: `SELECT COUNT(CASE WHEN p.k IS NOT NULL THEN 1 END) AS before_count, COUNT(CASE WHEN m.k IS NOT NULL THEN 1 END) AS now_count, COUNT(CASE WHEN p.k IS NULL THEN 1 END) AS enter_count, COUNT(CASE WHEN m.k IS NULL THEN 1 END) AS leave_count FROM (SELECT CAST(NULL AS STRING) AS k FROM (SELECT 1) AS o WHERE FALSE) p FULL OUTER JOIN (SELECT DISTINCT k FROM (
SELECT k FROM now
) d WHERE k IS NOT NULL) m ON p.k = m.k`,
    snowflake: `SELECT COUNT(CASE WHEN p.k IS NOT NULL THEN 1 END) AS before_count, COUNT(CASE WHEN m.k IS NOT NULL THEN 1 END) AS now_count, COUNT(CASE WHEN p.k IS NULL THEN 1 END) AS enter_count, COUNT(CASE WHEN m.k IS NULL THEN 1 END) AS leave_count FROM (SELECT CAST(NULL AS VARCHAR) AS k FROM (SELECT 1) o WHERE FALSE) p FULL OUTER JOIN (SELECT DISTINCT k FROM (
SELECT k FROM now
) d WHERE k IS NOT NULL) m ON p.k = m.k`,
  },
  "what an edit changes": `SELECT COUNT(CASE WHEN p.k IS NULL AND c.k IS NOT NULL AND o.k IS NULL THEN 1 END) AS enter_edit, COUNT(CASE WHEN p.k IS NULL AND c.k IS NOT NULL AND o.k IS NOT NULL THEN 1 END) AS enter_data, COUNT(CASE WHEN p.k IS NOT NULL AND c.k IS NULL AND o.k IS NOT NULL THEN 1 END) AS leave_edit, COUNT(CASE WHEN p.k IS NOT NULL AND c.k IS NULL AND o.k IS NULL THEN 1 END) AS leave_data FROM (SELECT DISTINCT k FROM (
SELECT k FROM before
) d WHERE k IS NOT NULL) p FULL OUTER JOIN (SELECT DISTINCT k FROM (
SELECT k FROM now
) d WHERE k IS NOT NULL) c ON p.k = c.k LEFT JOIN (SELECT DISTINCT k FROM (
SELECT k FROM old
) d WHERE k IS NOT NULL) o ON o.k = COALESCE(p.k, c.k)`,
  "test size": {
    duckdb: `SELECT COUNT(*) AS total FROM (
SELECT DISTINCT CAST(a."id" AS VARCHAR) AS k FROM (
SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a WHERE CAST(a."id" AS VARCHAR) IS NOT NULL
) a`,
    bigquery: `SELECT COUNT(*) AS total FROM (
SELECT DISTINCT CAST(a.\`id\` AS STRING) AS k FROM (
SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a WHERE CAST(a.\`id\` AS STRING) IS NOT NULL
) a`,
    snowflake: `SELECT COUNT(*) AS total FROM (
SELECT DISTINCT CAST(a."ID" AS VARCHAR) AS k FROM (
SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a WHERE CAST(a."ID" AS VARCHAR) IS NOT NULL
) a`,
  },
  "test share_with_identifier": {
    duckdb: `SELECT COUNT(*) AS total, COUNT(a."email") AS hits FROM (
SELECT m1."id", m1."email", m1."score" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a`,
    bigquery: `SELECT COUNT(*) AS total, COUNT(a.\`email\`) AS hits FROM (
SELECT m1.\`id\`, m1.\`email\`, m1.\`score\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a`,
    snowflake: `SELECT COUNT(*) AS total, COUNT(a."EMAIL") AS hits FROM (
SELECT m1."ID", m1."EMAIL", m1."SCORE" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a`,
  },
  "test overlap": {
    duckdb: `SELECT COUNT(*) AS total, COUNT(b.k) AS hits FROM (
SELECT DISTINCT CAST(a."id" AS VARCHAR) AS k FROM (
SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a WHERE CAST(a."id" AS VARCHAR) IS NOT NULL
) a LEFT JOIN (
SELECT DISTINCT CAST(a."id" AS VARCHAR) AS k FROM (
SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a WHERE CAST(a."id" AS VARCHAR) IS NOT NULL
) b ON a.k = b.k`,
    bigquery: `SELECT COUNT(*) AS total, COUNT(b.k) AS hits FROM (
SELECT DISTINCT CAST(a.\`id\` AS STRING) AS k FROM (
SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a WHERE CAST(a.\`id\` AS STRING) IS NOT NULL
) a LEFT JOIN (
SELECT DISTINCT CAST(a.\`id\` AS STRING) AS k FROM (
SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a WHERE CAST(a.\`id\` AS STRING) IS NOT NULL
) b ON a.k = b.k`,
    snowflake: `SELECT COUNT(*) AS total, COUNT(b.k) AS hits FROM (
SELECT DISTINCT CAST(a."ID" AS VARCHAR) AS k FROM (
SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a WHERE CAST(a."ID" AS VARCHAR) IS NOT NULL
) a LEFT JOIN (
SELECT DISTINCT CAST(a."ID" AS VARCHAR) AS k FROM (
SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a WHERE CAST(a."ID" AS VARCHAR) IS NOT NULL
) b ON a.k = b.k`,
  },
  "test disjoint_from": {
    duckdb: `SELECT COUNT(*) AS total, LIST(k ORDER BY k) FILTER (WHERE n <= 5) AS people FROM (SELECT k, ROW_NUMBER() OVER (ORDER BY k) AS n FROM (
SELECT a.k FROM (
SELECT DISTINCT CAST(a."id" AS VARCHAR) AS k FROM (
SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a WHERE CAST(a."id" AS VARCHAR) IS NOT NULL
) a JOIN (
SELECT DISTINCT CAST(a."id" AS VARCHAR) AS k FROM (
SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a WHERE CAST(a."id" AS VARCHAR) IS NOT NULL
) b ON a.k = b.k
) o) r`,
    bigquery: `SELECT COUNT(*) AS total, ARRAY_AGG(k ORDER BY k LIMIT 5) AS people FROM (
SELECT a.k FROM (
SELECT DISTINCT CAST(a.\`id\` AS STRING) AS k FROM (
SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a WHERE CAST(a.\`id\` AS STRING) IS NOT NULL
) a JOIN (
SELECT DISTINCT CAST(a.\`id\` AS STRING) AS k FROM (
SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a WHERE CAST(a.\`id\` AS STRING) IS NOT NULL
) b ON a.k = b.k
) o`,
    snowflake: `SELECT COUNT(*) AS total, '[' || LISTAGG(CASE WHEN n <= 5 THEN TO_JSON(TO_VARIANT(k)) END, ',') WITHIN GROUP (ORDER BY k) || ']' AS people FROM (SELECT k, ROW_NUMBER() OVER (ORDER BY k) AS n FROM (
SELECT a.k FROM (
SELECT DISTINCT CAST(a."ID" AS VARCHAR) AS k FROM (
SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a WHERE CAST(a."ID" AS VARCHAR) IS NOT NULL
) a JOIN (
SELECT DISTINCT CAST(a."ID" AS VARCHAR) AS k FROM (
SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a WHERE CAST(a."ID" AS VARCHAR) IS NOT NULL
) b ON a.k = b.k
) o) r`,
  },
  "test subset_of": {
    duckdb: `SELECT COUNT(*) AS total, LIST(k ORDER BY k) FILTER (WHERE n <= 5) AS people FROM (SELECT k, ROW_NUMBER() OVER (ORDER BY k) AS n FROM (
SELECT a.k FROM (
SELECT DISTINCT CAST(a."id" AS VARCHAR) AS k FROM (
SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a WHERE CAST(a."id" AS VARCHAR) IS NOT NULL
) a LEFT JOIN (
SELECT DISTINCT CAST(a."id" AS VARCHAR) AS k FROM (
SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a WHERE CAST(a."id" AS VARCHAR) IS NOT NULL
) b ON a.k = b.k WHERE b.k IS NULL
) o) r`,
    bigquery: `SELECT COUNT(*) AS total, ARRAY_AGG(k ORDER BY k LIMIT 5) AS people FROM (
SELECT a.k FROM (
SELECT DISTINCT CAST(a.\`id\` AS STRING) AS k FROM (
SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a WHERE CAST(a.\`id\` AS STRING) IS NOT NULL
) a LEFT JOIN (
SELECT DISTINCT CAST(a.\`id\` AS STRING) AS k FROM (
SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a WHERE CAST(a.\`id\` AS STRING) IS NOT NULL
) b ON a.k = b.k WHERE b.k IS NULL
) o`,
    snowflake: `SELECT COUNT(*) AS total, '[' || LISTAGG(CASE WHEN n <= 5 THEN TO_JSON(TO_VARIANT(k)) END, ',') WITHIN GROUP (ORDER BY k) || ']' AS people FROM (SELECT k, ROW_NUMBER() OVER (ORDER BY k) AS n FROM (
SELECT a.k FROM (
SELECT DISTINCT CAST(a."ID" AS VARCHAR) AS k FROM (
SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a WHERE CAST(a."ID" AS VARCHAR) IS NOT NULL
) a LEFT JOIN (
SELECT DISTINCT CAST(a."ID" AS VARCHAR) AS k FROM (
SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a WHERE CAST(a."ID" AS VARCHAR) IS NOT NULL
) b ON a.k = b.k WHERE b.k IS NULL
) o) r`,
  },
  "test contains": {
    duckdb: `SELECT COUNT(*) AS total, LIST(k ORDER BY k) FILTER (WHERE n <= 5) AS people FROM (SELECT k, ROW_NUMBER() OVER (ORDER BY k) AS n FROM (
SELECT w.k FROM (
SELECT '1' AS k UNION SELECT 'O''Hara' AS k
) w LEFT JOIN (
SELECT DISTINCT CAST(a."id" AS VARCHAR) AS k FROM (
SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a WHERE CAST(a."id" AS VARCHAR) IS NOT NULL
) a ON a.k = w.k WHERE a.k IS NULL
) o) r`,
    bigquery: `SELECT COUNT(*) AS total, ARRAY_AGG(k ORDER BY k LIMIT 5) AS people FROM (
SELECT w.k FROM (
SELECT '1' AS k UNION DISTINCT SELECT 'O\\'Hara' AS k
) w LEFT JOIN (
SELECT DISTINCT CAST(a.\`id\` AS STRING) AS k FROM (
SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a WHERE CAST(a.\`id\` AS STRING) IS NOT NULL
) a ON a.k = w.k WHERE a.k IS NULL
) o`,
    snowflake: `SELECT COUNT(*) AS total, '[' || LISTAGG(CASE WHEN n <= 5 THEN TO_JSON(TO_VARIANT(k)) END, ',') WITHIN GROUP (ORDER BY k) || ']' AS people FROM (SELECT k, ROW_NUMBER() OVER (ORDER BY k) AS n FROM (
SELECT w.k FROM (
SELECT '1' AS k UNION SELECT 'O''Hara' AS k
) w LEFT JOIN (
SELECT DISTINCT CAST(a."ID" AS VARCHAR) AS k FROM (
SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a WHERE CAST(a."ID" AS VARCHAR) IS NOT NULL
) a ON a.k = w.k WHERE a.k IS NULL
) o) r`,
  },
  "test contains nobody": {
    duckdb: `SELECT COUNT(*) AS total, LIST(k ORDER BY k) FILTER (WHERE n <= 5) AS people FROM (SELECT k, ROW_NUMBER() OVER (ORDER BY k) AS n FROM (
SELECT w.k FROM (
SELECT CAST(NULL AS VARCHAR) AS k WHERE FALSE
) w LEFT JOIN (
SELECT DISTINCT CAST(a."id" AS VARCHAR) AS k FROM (
SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a WHERE CAST(a."id" AS VARCHAR) IS NOT NULL
) a ON a.k = w.k WHERE a.k IS NULL
) o) r`,
    bigquery: `SELECT COUNT(*) AS total, ARRAY_AGG(k ORDER BY k LIMIT 5) AS people FROM (
SELECT w.k FROM (
SELECT CAST(NULL AS STRING) AS k FROM (SELECT 1) AS o WHERE FALSE
) w LEFT JOIN (
SELECT DISTINCT CAST(a.\`id\` AS STRING) AS k FROM (
SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a WHERE CAST(a.\`id\` AS STRING) IS NOT NULL
) a ON a.k = w.k WHERE a.k IS NULL
) o`,
    snowflake: `SELECT COUNT(*) AS total, '[' || LISTAGG(CASE WHEN n <= 5 THEN TO_JSON(TO_VARIANT(k)) END, ',') WITHIN GROUP (ORDER BY k) || ']' AS people FROM (SELECT k, ROW_NUMBER() OVER (ORDER BY k) AS n FROM (
SELECT w.k FROM (
SELECT CAST(NULL AS VARCHAR) AS k FROM (SELECT 1) o WHERE FALSE
) w LEFT JOIN (
SELECT DISTINCT CAST(a."ID" AS VARCHAR) AS k FROM (
SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a WHERE CAST(a."ID" AS VARCHAR) IS NOT NULL
) a ON a.k = w.k WHERE a.k IS NULL
) o) r`,
  },
  overlap: {
    duckdb: `SELECT SUM(f0 * f0) AS n0_0, SUM(f0 * f1) AS n0_1, SUM(f1 * f1) AS n1_1 FROM (SELECT MAX(f0) AS f0, MAX(f1) AS f1 FROM (SELECT "id", 1 AS f0, 0 AS f1 FROM (
SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a0 UNION ALL SELECT "id", 0 AS f0, 1 AS f1 FROM (
SELECT m1."id" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."id" < 5, FALSE)
) a1) m WHERE "id" IS NOT NULL GROUP BY "id") p`,
    bigquery: `SELECT SUM(f0 * f0) AS n0_0, SUM(f0 * f1) AS n0_1, SUM(f1 * f1) AS n1_1 FROM (SELECT MAX(f0) AS f0, MAX(f1) AS f1 FROM (SELECT \`id\`, 1 AS f0, 0 AS f1 FROM (
SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a0 UNION ALL SELECT \`id\`, 0 AS f0, 1 AS f1 FROM (
SELECT m1.\`id\` FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1.\`id\` < 5, FALSE)
) a1) m WHERE \`id\` IS NOT NULL GROUP BY \`id\`) p`,
    snowflake: `SELECT SUM(f0 * f0) AS n0_0, SUM(f0 * f1) AS n0_1, SUM(f1 * f1) AS n1_1 FROM (SELECT MAX(f0) AS f0, MAX(f1) AS f1 FROM (SELECT "ID", 1 AS f0, 0 AS f1 FROM (
SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a0 UNION ALL SELECT "ID", 0 AS f0, 1 AS f1 FROM (
SELECT m1."ID" FROM (
SELECT * FROM people
) m1 WHERE COALESCE(m1."ID" < 5, FALSE)
) a1) m WHERE "ID" IS NOT NULL GROUP BY "ID") p`,
  },
};

test.for(Object.keys(statements))("%s", (name) => {
  const of = statements[name]!;
  const sql = expected[name] ?? "";
  expect({ duckdb: of(duckdbDialect), bigquery: of(bigqueryDialect), snowflake: of(snowflakeDialect) }).toEqual(
    typeof sql === "string" ? { duckdb: sql, bigquery: sql, snowflake: sql } : sql,
  );
});

test.for([bigqueryDialect, snowflakeDialect])(
  "$name takes no query apart: NOT_SUPPORTED for its steps, and its result is looked at",
  async (dialect) => {
    const asked: string[] = [];
    const warehouse = {
      dialect,
      describe: async () => [{ name: "id", type: "", family: "text" } as const],
      rows: async (sql: string) => (asked.push(sql), [{ hits: 1 }]),
    };
    const key = dialect.keyText(`s.${dialect.quote("id")}`, "text");
    expect([await traceKey(warehouse, "WITH a AS (SELECT 1) SELECT * FROM a;", ["id"], "k"), asked]).toEqual([
      [
        { step: `steps are not supported on ${dialect.name}`, present: null },
        { step: "result", present: true },
      ],
      [`SELECT COUNT(*) AS hits FROM (\nWITH a AS (SELECT 1) SELECT * FROM a\n) s WHERE ${key} = 'k'`],
    ]);
  },
);
