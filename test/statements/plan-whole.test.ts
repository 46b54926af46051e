/** The plan of a sync made by one statement, where the warehouse is apart from the desk. */
import { expect, test } from "vitest";
import { wholePlanQuery } from "../../src/engine/diff.ts";
import { sideBySide } from "./recorded.ts";
import { diffOf, vip } from "./vip.ts";

const stepwise =
  "NOT_SUPPORTED: in a file the delta stands first, so that wide rows stream past narrow ones (plan.test.ts)";

test("the rows of a plan in one go", async () => {
  const said = await sideBySide(async (at) => {
    if (!at.ferry.apart) return stepwise;
    await at.ferry.make("plan__vip", wholePlanQuery(diffOf(at, vip("mirror"))));
    return null;
  });
  expect(said.duckdb).toMatchInlineSnapshot(
    `NOT_SUPPORTED: in a file the delta stands first, so that wide rows stream past narrow ones (plan.test.ts)`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(`
    CREATE OR REPLACE TABLE \`acme\`.\`millrace_scratch\`.\`plan__vip\` OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)) AS SELECT p.op * 281474976710656 + p.n AS seq, p.* FROM (SELECT ROW_NUMBER() OVER () AS n, y.* FROM (SELECT CASE WHEN s.k IS NULL THEN 1 WHEN d.k IS NULL THEN 3
      WHEN (s.state IN ('doubt', 'owed', 'left') OR (s.state IN ('ok', 'assumed') AND s.print IS DISTINCT FROM CASE WHEN s.is_fast THEN d.h_fast ELSE (SELECT (CAST(CONCAT('0x', SUBSTR(millrace_digest, 17, 8)) AS INT64) - IF(SUBSTR(millrace_digest, 17, 1) >= '8', 4294967296, 0)) * 4294967296 + CAST(CONCAT('0x', SUBSTR(millrace_digest, 25, 8)) AS INT64) FROM (SELECT TO_HEX(MD5(TO_JSON_STRING(['0123456789abcdef', CAST(d.\`email\` AS STRING), CAST(d.\`phone\` AS STRING), CAST(d.\`country\` AS STRING), CAST(d.\`name\` AS STRING), CAST(d.\`since\` AS STRING), IF(STRPOS(CAST(d.\`spent\` AS STRING), '.') > 0, RTRIM(RTRIM(CAST(d.\`spent\` AS STRING), '0'), '.'), CAST(d.\`spent\` AS STRING))]))) AS millrace_digest)) END)) THEN 2 ELSE 4 END AS op, coalesce(d.k, s.k) AS k,
      CASE WHEN d.k IS NULL THEN CASE WHEN SAFE_CAST(s.k AS BIGNUMERIC) BETWEEN -9007199254740991 AND 9007199254740991 THEN s.k ELSE '"' || s.k || '"' END ELSE COALESCE(IF(d.\`id\` BETWEEN -9007199254740991 AND 9007199254740991, CAST(d.\`id\` AS STRING), CONCAT('"', CAST(d.\`id\` AS STRING), '"')), 'null') END AS \`key\`,
      (SELECT (CAST(CONCAT('0x', SUBSTR(millrace_digest, 17, 8)) AS INT64) - IF(SUBSTR(millrace_digest, 17, 1) >= '8', 4294967296, 0)) * 4294967296 + CAST(CONCAT('0x', SUBSTR(millrace_digest, 25, 8)) AS INT64) FROM (SELECT TO_HEX(MD5(TO_JSON_STRING(['0123456789abcdef', CAST(d.\`email\` AS STRING), CAST(d.\`phone\` AS STRING), CAST(d.\`country\` AS STRING), CAST(d.\`name\` AS STRING), CAST(d.\`since\` AS STRING), IF(STRPOS(CAST(d.\`spent\` AS STRING), '.') > 0, RTRIM(RTRIM(CAST(d.\`spent\` AS STRING), '0'), '.'), CAST(d.\`spent\` AS STRING))]))) AS millrace_digest)) AS h, d.h_fast, CASE WHEN d.k IS NULL THEN NULL ELSE CONCAT('{', '"name":', COALESCE(COALESCE(TO_JSON_STRING(d.\`name\`), 'null'), 'null'), ',', '"since":', COALESCE(COALESCE(CONCAT('"', CAST(d.\`since\` AS STRING), '"'), 'null'), 'null'), ',', '"spent":', COALESCE(COALESCE(CONCAT('"', IF(STRPOS(CAST(d.\`spent\` AS STRING), '.') > 0, RTRIM(RTRIM(CAST(d.\`spent\` AS STRING), '0'), '.'), CAST(d.\`spent\` AS STRING)), '"'), 'null'), 'null'), '}') END AS fields,
      CAST(d.\`email\` AS STRING) AS raw_0, CAST(NULL AS STRING) AS country_0, CAST(d.\`phone\` AS STRING) AS raw_1, CAST(d.\`country\` AS STRING) AS country_1, s.k IS NOT NULL AS known, s.ids AS b_ids, s.h AS b_h, s.h_fast AS b_h_fast, s.h_tag AS b_h_tag, s.m AS b_m, s.state AS b_state, s.doubt_at AS b_doubt_at, s.remote_id AS b_remote_id, s.idem AS b_idem, s.fields AS b_fields, s.run_id AS b_run_id, s.sent_at AS b_sent_at
    FROM (SELECT CAST(\`id\` AS STRING) AS k, CAST(NULL AS INT64) AS h_fast, \`id\`, \`email\`, \`phone\`, \`country\`, \`name\`, \`since\`, \`spent\` FROM \`acme\`.\`shop\`.\`customers\`) d FULL OUTER JOIN (SELECT k, h, FALSE AS is_fast, CASE WHEN FALSE THEN h_fast ELSE h END AS print, m, state, sent_at, ids, h_fast, h_tag, doubt_at, remote_id, idem, fields, run_id
    FROM \`acme\`.\`millrace\`.\`sent__vip\` WHERE k IS NOT NULL) s ON d.k = s.k
    WHERE CASE WHEN s.k IS NULL THEN d.k IS NOT NULL WHEN d.k IS NULL THEN s.state NOT IN ('left', 'held')
      ELSE (s.state IN ('doubt', 'owed', 'left') OR (s.state IN ('ok', 'assumed') AND s.print IS DISTINCT FROM CASE WHEN s.is_fast THEN d.h_fast ELSE (SELECT (CAST(CONCAT('0x', SUBSTR(millrace_digest, 17, 8)) AS INT64) - IF(SUBSTR(millrace_digest, 17, 1) >= '8', 4294967296, 0)) * 4294967296 + CAST(CONCAT('0x', SUBSTR(millrace_digest, 25, 8)) AS INT64) FROM (SELECT TO_HEX(MD5(TO_JSON_STRING(['0123456789abcdef', CAST(d.\`email\` AS STRING), CAST(d.\`phone\` AS STRING), CAST(d.\`country\` AS STRING), CAST(d.\`name\` AS STRING), CAST(d.\`since\` AS STRING), IF(STRPOS(CAST(d.\`spent\` AS STRING), '.') > 0, RTRIM(RTRIM(CAST(d.\`spent\` AS STRING), '0'), '.'), CAST(d.\`spent\` AS STRING))]))) AS millrace_digest)) END)) OR FALSE END) y) p;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    CREATE OR REPLACE TRANSIENT TABLE "ACME"."MILLRACE_SCRATCH"."PLAN__VIP" DATA_RETENTION_TIME_IN_DAYS = 0 AS SELECT p.op * 281474976710656 + p.n AS seq, p.* FROM (SELECT ROW_NUMBER() OVER (ORDER BY NULL) AS n, y.* FROM (SELECT CASE WHEN s.k IS NULL THEN 1 WHEN d.k IS NULL THEN 3
      WHEN (s.state IN ('doubt', 'owed', 'left') OR (s.state IN ('ok', 'assumed') AND s.print IS DISTINCT FROM CASE WHEN s.is_fast THEN d.h_fast ELSE MD5_NUMBER_LOWER64('[' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE('0123456789abcdef', '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."EMAIL" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."PHONE" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."COUNTRY" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."NAME" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(TO_CHAR(d."SINCE", 'YYYY-MM-DD'), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CASE WHEN CONTAINS(CAST(d."SPENT" AS VARCHAR), '.') THEN REGEXP_REPLACE(CAST(d."SPENT" AS VARCHAR), '[.]?0*$', '') ELSE CAST(d."SPENT" AS VARCHAR) END, '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ']') END)) THEN 2 ELSE 4 END AS op, coalesce(d.k, s.k) AS k,
      CASE WHEN d.k IS NULL THEN CASE WHEN TRY_TO_NUMBER(s.k, 38, 0) BETWEEN -9007199254740991 AND 9007199254740991 THEN s.k ELSE '"' || s.k || '"' END ELSE COALESCE(CASE WHEN d."ID" BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(d."ID" AS VARCHAR) ELSE '"' || CAST(d."ID" AS VARCHAR) || '"' END, 'null') END AS "KEY",
      MD5_NUMBER_LOWER64('[' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE('0123456789abcdef', '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."EMAIL" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."PHONE" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."COUNTRY" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."NAME" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(TO_CHAR(d."SINCE", 'YYYY-MM-DD'), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CASE WHEN CONTAINS(CAST(d."SPENT" AS VARCHAR), '.') THEN REGEXP_REPLACE(CAST(d."SPENT" AS VARCHAR), '[.]?0*$', '') ELSE CAST(d."SPENT" AS VARCHAR) END, '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ']') AS h, d.h_fast, CASE WHEN d.k IS NULL THEN NULL ELSE '{' || '"name":' || COALESCE(COALESCE(TO_JSON(TO_VARIANT(CAST(d."NAME" AS VARCHAR))), 'null'), 'null') || ',' || '"since":' || COALESCE(COALESCE('"' || TO_CHAR(d."SINCE", 'YYYY-MM-DD') || '"', 'null'), 'null') || ',' || '"spent":' || COALESCE(COALESCE('"' || CAST(d."SPENT" AS VARCHAR) || '"', 'null'), 'null') || '}' END AS fields,
      CAST(d."EMAIL" AS VARCHAR) AS raw_0, CAST(NULL AS VARCHAR) AS country_0, CAST(d."PHONE" AS VARCHAR) AS raw_1, CAST(d."COUNTRY" AS VARCHAR) AS country_1, s.k IS NOT NULL AS known, s.ids AS b_ids, s.h AS b_h, s.h_fast AS b_h_fast, s.h_tag AS b_h_tag, s.m AS b_m, s.state AS b_state, s.doubt_at AS b_doubt_at, s.remote_id AS b_remote_id, s.idem AS b_idem, s.fields AS b_fields, s.run_id AS b_run_id, s.sent_at AS b_sent_at
    FROM (SELECT CAST("ID" AS VARCHAR) AS k, CAST(NULL AS NUMBER(20,0)) AS h_fast, "ID", "EMAIL", "PHONE", "COUNTRY", "NAME", "SINCE", "SPENT" FROM "ACME"."SHOP"."CUSTOMERS") d FULL OUTER JOIN (SELECT k, h, FALSE AS is_fast, CASE WHEN FALSE THEN h_fast ELSE h END AS print, m, state, sent_at, ids, h_fast, h_tag, doubt_at, remote_id, idem, fields, run_id
    FROM "ACME"."MILLRACE"."SENT__VIP" WHERE k IS NOT NULL) s ON d.k = s.k
    WHERE CASE WHEN s.k IS NULL THEN d.k IS NOT NULL WHEN d.k IS NULL THEN s.state NOT IN ('left', 'held')
      ELSE (s.state IN ('doubt', 'owed', 'left') OR (s.state IN ('ok', 'assumed') AND s.print IS DISTINCT FROM CASE WHEN s.is_fast THEN d.h_fast ELSE MD5_NUMBER_LOWER64('[' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE('0123456789abcdef', '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."EMAIL" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."PHONE" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."COUNTRY" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."NAME" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(TO_CHAR(d."SINCE", 'YYYY-MM-DD'), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CASE WHEN CONTAINS(CAST(d."SPENT" AS VARCHAR), '.') THEN REGEXP_REPLACE(CAST(d."SPENT" AS VARCHAR), '[.]?0*$', '') ELSE CAST(d."SPENT" AS VARCHAR) END, '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ']') END)) OR FALSE END) y) p;
  `);
});
