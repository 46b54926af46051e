/** The events that a sync has not sent yet. */
import { expect, test } from "vitest";
import { deltaQuery } from "../../src/engine/diff.ts";
import { sideBySide } from "./recorded.ts";
import { diffOf, vip } from "./vip.ts";

test("events: new ones alone", async () => {
  const said = await sideBySide((at) => deltaQuery(diffOf(at, vip("append"))));
  expect(said.duckdb).toMatchInlineSnapshot(`
    SELECT CAST(CASE WHEN s.k IS NULL THEN 1 WHEN d.k IS NULL THEN 3
      WHEN s.state = 'doubt' THEN 2 ELSE 4 END AS UTINYINT) AS op, coalesce(d.k, s.k) AS k,
      CASE WHEN d.k IS NULL THEN CASE WHEN TRY_CAST(s.k AS HUGEINT) BETWEEN -9007199254740991 AND 9007199254740991 THEN s.k ELSE '"' || s.k || '"' END ELSE coalesce(CASE WHEN d."id" BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(d."id" AS VARCHAR) ELSE '"' || CAST(d."id" AS VARCHAR) || '"' END, 'null') END AS "key",
      CAST(md5_number(CAST(json_array('0123456789abcdef', CAST(d."name" AS VARCHAR), CAST(d."since" AS VARCHAR), CASE WHEN NOT suffix(CAST(d."spent" AS VARCHAR), '0') THEN CAST(d."spent" AS VARCHAR) WHEN contains(CAST(d."spent" AS VARCHAR), '.') THEN rtrim(rtrim(CAST(d."spent" AS VARCHAR), '0'), '.') ELSE CAST(d."spent" AS VARCHAR) END) AS VARCHAR)) >> 64 AS UBIGINT) AS h, d.h_fast, CASE WHEN d.k IS NULL THEN NULL ELSE '{' || '"name":' || coalesce(coalesce(CAST(to_json(CAST(d."name" AS VARCHAR)) AS VARCHAR), 'null'), 'null') || ',' || '"since":' || coalesce(coalesce('"' || CAST(d."since" AS VARCHAR) || '"', 'null'), 'null') || ',' || '"spent":' || coalesce(coalesce('"' || CAST(d."spent" AS VARCHAR) || '"', 'null'), 'null') || '}' END AS fields,
      s.k IS NOT NULL AS known
    FROM (SELECT CAST("id" AS VARCHAR) AS k, hash('0123456789abcdef', "name", "since", "spent") AS h_fast, "id", "name", "since", "spent" FROM "acme"."shop"."customers") d FULL OUTER JOIN (SELECT k, h, coalesce(h_tag = 4242, FALSE) AS is_fast, CASE WHEN coalesce(h_tag = 4242, FALSE) THEN h_fast ELSE h END AS print, m, state, sent_at
    FROM "acme"."millrace"."sent__vip" WHERE k IS NOT NULL) s ON d.k = s.k
    WHERE CASE WHEN s.k IS NULL THEN d.k IS NOT NULL WHEN d.k IS NULL THEN FALSE
      ELSE s.state = 'doubt' OR FALSE END
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    SELECT CASE WHEN s.k IS NULL THEN 1 WHEN d.k IS NULL THEN 3
      WHEN s.state = 'doubt' THEN 2 ELSE 4 END AS op, coalesce(d.k, s.k) AS k,
      CASE WHEN d.k IS NULL THEN CASE WHEN SAFE_CAST(s.k AS BIGNUMERIC) BETWEEN -9007199254740991 AND 9007199254740991 THEN s.k ELSE '"' || s.k || '"' END ELSE COALESCE(IF(d.\`id\` BETWEEN -9007199254740991 AND 9007199254740991, CAST(d.\`id\` AS STRING), CONCAT('"', CAST(d.\`id\` AS STRING), '"')), 'null') END AS \`key\`,
      (SELECT (CAST(CONCAT('0x', SUBSTR(millrace_digest, 17, 8)) AS INT64) - IF(SUBSTR(millrace_digest, 17, 1) >= '8', 4294967296, 0)) * 4294967296 + CAST(CONCAT('0x', SUBSTR(millrace_digest, 25, 8)) AS INT64) FROM (SELECT TO_HEX(MD5(TO_JSON_STRING(['0123456789abcdef', CAST(d.\`name\` AS STRING), CAST(d.\`since\` AS STRING), IF(STRPOS(CAST(d.\`spent\` AS STRING), '.') > 0, RTRIM(RTRIM(CAST(d.\`spent\` AS STRING), '0'), '.'), CAST(d.\`spent\` AS STRING))]))) AS millrace_digest)) AS h, d.h_fast, CASE WHEN d.k IS NULL THEN NULL ELSE CONCAT('{', '"name":', COALESCE(COALESCE(TO_JSON_STRING(d.\`name\`), 'null'), 'null'), ',', '"since":', COALESCE(COALESCE(CONCAT('"', CAST(d.\`since\` AS STRING), '"'), 'null'), 'null'), ',', '"spent":', COALESCE(COALESCE(CONCAT('"', IF(STRPOS(CAST(d.\`spent\` AS STRING), '.') > 0, RTRIM(RTRIM(CAST(d.\`spent\` AS STRING), '0'), '.'), CAST(d.\`spent\` AS STRING)), '"'), 'null'), 'null'), '}') END AS fields,
      s.k IS NOT NULL AS known
    FROM (SELECT CAST(\`id\` AS STRING) AS k, CAST(NULL AS INT64) AS h_fast, \`id\`, \`name\`, \`since\`, \`spent\` FROM \`acme\`.\`shop\`.\`customers\`) d FULL OUTER JOIN (SELECT k, h, FALSE AS is_fast, CASE WHEN FALSE THEN h_fast ELSE h END AS print, m, state, sent_at
    FROM \`acme\`.\`millrace\`.\`sent__vip\` WHERE k IS NOT NULL) s ON d.k = s.k
    WHERE CASE WHEN s.k IS NULL THEN d.k IS NOT NULL WHEN d.k IS NULL THEN FALSE
      ELSE s.state = 'doubt' OR FALSE END
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    SELECT CASE WHEN s.k IS NULL THEN 1 WHEN d.k IS NULL THEN 3
      WHEN s.state = 'doubt' THEN 2 ELSE 4 END AS op, coalesce(d.k, s.k) AS k,
      CASE WHEN d.k IS NULL THEN CASE WHEN TRY_TO_NUMBER(s.k, 38, 0) BETWEEN -9007199254740991 AND 9007199254740991 THEN s.k ELSE '"' || s.k || '"' END ELSE COALESCE(CASE WHEN d."ID" BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(d."ID" AS VARCHAR) ELSE '"' || CAST(d."ID" AS VARCHAR) || '"' END, 'null') END AS "KEY",
      MD5_NUMBER_LOWER64('[' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE('0123456789abcdef', '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CAST(d."NAME" AS VARCHAR), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(TO_CHAR(d."SINCE", 'YYYY-MM-DD'), '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ',' || COALESCE('"' || REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CASE WHEN CONTAINS(CAST(d."SPENT" AS VARCHAR), '.') THEN REGEXP_REPLACE(CAST(d."SPENT" AS VARCHAR), '[.]?0*$', '') ELSE CAST(d."SPENT" AS VARCHAR) END, '\\\\', '\\\\\\\\'), '"', '\\\\"'), '
    ', '\\\\n'), '
    ', '\\\\r'), '	', '\\\\t') || '"', 'null') || ']') AS h, d.h_fast, CASE WHEN d.k IS NULL THEN NULL ELSE '{' || '"name":' || COALESCE(COALESCE(TO_JSON(TO_VARIANT(CAST(d."NAME" AS VARCHAR))), 'null'), 'null') || ',' || '"since":' || COALESCE(COALESCE('"' || TO_CHAR(d."SINCE", 'YYYY-MM-DD') || '"', 'null'), 'null') || ',' || '"spent":' || COALESCE(COALESCE('"' || CAST(d."SPENT" AS VARCHAR) || '"', 'null'), 'null') || '}' END AS fields,
      s.k IS NOT NULL AS known
    FROM (SELECT CAST("ID" AS VARCHAR) AS k, CAST(NULL AS NUMBER(20,0)) AS h_fast, "ID", "NAME", "SINCE", "SPENT" FROM "ACME"."SHOP"."CUSTOMERS") d FULL OUTER JOIN (SELECT k, h, FALSE AS is_fast, CASE WHEN FALSE THEN h_fast ELSE h END AS print, m, state, sent_at
    FROM "ACME"."MILLRACE"."SENT__VIP" WHERE k IS NOT NULL) s ON d.k = s.k
    WHERE CASE WHEN s.k IS NULL THEN d.k IS NOT NULL WHEN d.k IS NULL THEN FALSE
      ELSE s.state = 'doubt' OR FALSE END
  `);
});
