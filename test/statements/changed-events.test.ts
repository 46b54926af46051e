/** Events that are otherwise than when they were sent: counted, not sent. */
import { expect, test } from "vitest";
import { changedEvents } from "../../src/engine/diff.ts";
import { sideBySide } from "./recorded.ts";
import { diffOf, vip } from "./vip.ts";

test("events that changed after they were sent", async () => {
  const said = await sideBySide(
    (at) => `SELECT count(*) AS changed FROM ${changedEvents(diffOf(at, vip("append")))} e`,
  );
  expect(said.duckdb).toMatchInlineSnapshot(`
    SELECT count(*) AS changed FROM (SELECT d.k FROM (SELECT CAST("id" AS VARCHAR) AS k, hash('0123456789abcdef', "name", "since", "spent") AS h_fast, "id", "name", "since", "spent" FROM "acme"."shop"."customers") d JOIN (SELECT k, h, coalesce(h_tag = 4242, FALSE) AS is_fast, CASE WHEN coalesce(h_tag = 4242, FALSE) THEN h_fast ELSE h END AS print, m, state, sent_at
    FROM "acme"."millrace"."sent__vip" WHERE k IS NOT NULL) s ON d.k = s.k
    WHERE s.state = 'ok' AND s.print IS DISTINCT FROM CASE WHEN s.is_fast THEN d.h_fast ELSE CAST(md5_number(CAST(json_array('0123456789abcdef', CAST(d."name" AS VARCHAR), CAST(d."since" AS VARCHAR), CASE WHEN NOT suffix(CAST(d."spent" AS VARCHAR), '0') THEN CAST(d."spent" AS VARCHAR) WHEN contains(CAST(d."spent" AS VARCHAR), '.') THEN rtrim(rtrim(CAST(d."spent" AS VARCHAR), '0'), '.') ELSE CAST(d."spent" AS VARCHAR) END) AS VARCHAR)) >> 64 AS UBIGINT) END) e
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    SELECT count(*) AS changed FROM (SELECT d.k FROM (SELECT CAST(\`id\` AS STRING) AS k, CAST(NULL AS INT64) AS h_fast, \`id\`, \`name\`, \`since\`, \`spent\` FROM \`acme\`.\`shop\`.\`customers\`) d JOIN (SELECT k, h, FALSE AS is_fast, CASE WHEN FALSE THEN h_fast ELSE h END AS print, m, state, sent_at
    FROM \`acme\`.\`millrace\`.\`sent__vip\` WHERE k IS NOT NULL) s ON d.k = s.k
    WHERE s.state = 'ok' AND s.print IS DISTINCT FROM CASE WHEN s.is_fast THEN d.h_fast ELSE (SELECT (CAST(CONCAT('0x', SUBSTR(millrace_digest, 17, 8)) AS INT64) - IF(SUBSTR(millrace_digest, 17, 1) >= '8', 4294967296, 0)) * 4294967296 + CAST(CONCAT('0x', SUBSTR(millrace_digest, 25, 8)) AS INT64) FROM (SELECT TO_HEX(MD5(TO_JSON_STRING(['0123456789abcdef', CAST(d.\`name\` AS STRING), CAST(d.\`since\` AS STRING), IF(STRPOS(CAST(d.\`spent\` AS STRING), '.') > 0, RTRIM(RTRIM(CAST(d.\`spent\` AS STRING), '0'), '.'), CAST(d.\`spent\` AS STRING))]))) AS millrace_digest)) END) e
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    SELECT count(*) AS changed FROM (SELECT d.k FROM (SELECT CAST("ID" AS VARCHAR) AS k, CAST(NULL AS NUMBER(20,0)) AS h_fast, "ID", "NAME", "SINCE", "SPENT" FROM "ACME"."SHOP"."CUSTOMERS") d JOIN (SELECT k, h, FALSE AS is_fast, CASE WHEN FALSE THEN h_fast ELSE h END AS print, m, state, sent_at
    FROM "ACME"."MILLRACE"."SENT__VIP" WHERE k IS NOT NULL) s ON d.k = s.k
    WHERE s.state = 'ok' AND s.print IS DISTINCT FROM CASE WHEN s.is_fast THEN d.h_fast ELSE MD5_NUMBER_LOWER64('[' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE('0123456789abcdef', '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."NAME" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(TO_CHAR(d."SINCE", 'YYYY-MM-DD'), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CASE WHEN CONTAINS(CAST(d."SPENT" AS VARCHAR), '.') THEN REGEXP_REPLACE(CAST(d."SPENT" AS VARCHAR), '[.]?0*$', '') ELSE CAST(d."SPENT" AS VARCHAR) END, '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ']') END) e
  `);
});
