/** The transaction that ends a settled plan. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePlan } from "../../src/engine/close.ts";
import type { DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { openDesk } from "./desk.ts";
import { sideBySide } from "./recorded.ts";
import { fence, frozenOf, now, runId, vip } from "./vip.ts";

const shape = vip("append");
let desk: DuckDBWarehouse;
beforeAll(async () => (desk = await openDesk(shape)) && undefined);
afterAll(() => desk.close());

test("prints are rewritten, refusals and old events forgotten, the mapping kept, the plan closed", async () => {
  const frozen = frozenOf(shape, { mapping: { isNew: true, definition: "{}" }, reprinted: 1, restamped: 1 });
  const said = await sideBySide(
    ({ ferry, ledger }) => closePlan({ ferry, ledger, fence, runId }, frozen, { serial: 3, now, replaced: true }),
    { desk },
  );
  expect(said.duckdb).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN error('the ledger was taken over by another run') END
    FROM "acme"."millrace"."state__vip" WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    UPDATE "acme"."millrace"."sent__vip" AS t SET h = r.h, h_fast = r.h_fast, h_tag = 4242, m = 2 FROM (SELECT * FROM "memory"."main"."reprint__vip") r WHERE t.k = r.k AND t.state = 'ok';
    UPDATE "acme"."millrace"."sent__vip" AS t SET h_fast = r.h_fast, h_tag = 4242 FROM (SELECT * FROM "memory"."main"."restamp__vip") r WHERE t.k = r.k AND t.h = r.h AND t.h_tag IS DISTINCT FROM 4242 AND t.state IN ('ok', 'assumed');
    DELETE FROM "acme"."millrace"."rejections__vip" WHERE k NOT IN (SELECT k FROM (SELECT k FROM "memory"."main"."plan__vip" WHERE op <= 4));
    UPDATE "acme"."millrace"."sent__vip" SET h = NULL, h_fast = NULL WHERE state = 'left';
    INSERT INTO "acme"."millrace"."mappings" SELECT 'vip', 2, '9f86d081884c7d65', '{}', 1772344800000 FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM "acme"."millrace"."mappings" WHERE sync = 'vip' AND m = 2);
    DELETE FROM "acme"."millrace"."sent__vip" WHERE state IN ('ok', 'assumed') AND sent_at < (SELECT least(max(sent_at), 1772344800000) FROM "acme"."millrace"."sent__vip" WHERE state IN ('ok', 'assumed')) - 1728000000;
    UPDATE "acme"."millrace"."state__vip" SET "open_plan" = NULL, "open_run" = NULL, "serial" = 4, "m" = 2, "fence" = 7 WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    COMMIT;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    CREATE OR REPLACE TABLE \`acme\`.\`millrace_scratch\`.\`lent__1\` (part INT64, cells STRING) OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR));
    -- rows for \`acme\`.\`millrace_scratch\`.\`lent__1\`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN ERROR('the ledger was taken over by another run') END
    FROM \`acme\`.\`millrace\`.\`state__vip\` WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    UPDATE \`acme\`.\`millrace\`.\`sent__vip\` AS t SET h = r.h, h_fast = r.h_fast, h_tag = 4242, m = 2 FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS INT64) AS \`h\`, CAST(JSON_VALUE(cells, '$[2]') AS INT64) AS \`h_fast\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 0) AS r WHERE t.k = r.k AND t.state = 'ok';
    UPDATE \`acme\`.\`millrace\`.\`sent__vip\` AS t SET h_fast = r.h_fast, h_tag = 4242 FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS INT64) AS \`h\`, CAST(JSON_VALUE(cells, '$[2]') AS INT64) AS \`h_fast\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 1) AS r WHERE t.k = r.k AND t.h = r.h AND t.h_tag IS DISTINCT FROM 4242 AND t.state IN ('ok', 'assumed');
    DELETE FROM \`acme\`.\`millrace\`.\`rejections__vip\` WHERE k NOT IN (SELECT k FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 2));
    UPDATE \`acme\`.\`millrace\`.\`sent__vip\` SET h = NULL, h_fast = NULL WHERE state = 'left';
    INSERT INTO \`acme\`.\`millrace\`.\`mappings\` SELECT 'vip', 2, '9f86d081884c7d65', '{}', 1772344800000 FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM \`acme\`.\`millrace\`.\`mappings\` WHERE sync = 'vip' AND m = 2);
    DELETE FROM \`acme\`.\`millrace\`.\`sent__vip\` WHERE state IN ('ok', 'assumed') AND sent_at < (SELECT least(max(sent_at), 1772344800000) FROM \`acme\`.\`millrace\`.\`sent__vip\` WHERE state IN ('ok', 'assumed')) - 1728000000;
    UPDATE \`acme\`.\`millrace\`.\`state__vip\` SET \`open_plan\` = NULL, \`open_run\` = NULL, \`serial\` = 4, \`m\` = 2, \`fence\` = 7 WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    COMMIT;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    CREATE OR REPLACE TRANSIENT TABLE "ACME"."MILLRACE_SCRATCH"."LENT__1" (part NUMBER(37,0), cells VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 0;
    -- rows for "ACME"."MILLRACE_SCRATCH"."LENT__1"
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN CAST(CAST('the ledger was taken over by another run' AS NUMBER(38,0)) AS VARCHAR) END
    FROM "ACME"."MILLRACE"."STATE__VIP" WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    UPDATE "ACME"."MILLRACE"."SENT__VIP" t SET h = r.h, h_fast = r.h_fast, h_tag = 4242, m = 2 FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS NUMBER(37,0)) AS "H", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS NUMBER(37,0)) AS "H_FAST" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 0) r WHERE t.k = r.k AND t.state = 'ok';
    UPDATE "ACME"."MILLRACE"."SENT__VIP" t SET h_fast = r.h_fast, h_tag = 4242 FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS NUMBER(37,0)) AS "H", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS NUMBER(37,0)) AS "H_FAST" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 1) r WHERE t.k = r.k AND t.h = r.h AND t.h_tag IS DISTINCT FROM 4242 AND t.state IN ('ok', 'assumed');
    DELETE FROM "ACME"."MILLRACE"."REJECTIONS__VIP" WHERE k NOT IN (SELECT k FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 2));
    UPDATE "ACME"."MILLRACE"."SENT__VIP" SET h = NULL, h_fast = NULL WHERE state = 'left';
    INSERT INTO "ACME"."MILLRACE"."MAPPINGS" SELECT 'vip', 2, '9f86d081884c7d65', '{}', 1772344800000 FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM "ACME"."MILLRACE"."MAPPINGS" WHERE sync = 'vip' AND m = 2);
    DELETE FROM "ACME"."MILLRACE"."SENT__VIP" WHERE state IN ('ok', 'assumed') AND sent_at < (SELECT least(max(sent_at), 1772344800000) FROM "ACME"."MILLRACE"."SENT__VIP" WHERE state IN ('ok', 'assumed')) - 1728000000;
    UPDATE "ACME"."MILLRACE"."STATE__VIP" SET "OPEN_PLAN" = NULL, "OPEN_RUN" = NULL, "SERIAL" = 4, "M" = 2, "FENCE" = 7 WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    COMMIT;
  `);
});
