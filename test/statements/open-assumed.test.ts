/** The transaction that opens a first plan and takes everybody wanted as held already (initial: from_now). */
import { expect, test } from "vitest";
import { openAssumed } from "../../src/engine/close.ts";
import { openDesk } from "./desk.ts";
import { type Each, placeOf } from "./recorded.ts";
import { fence, frozenOf, now, runId, vip } from "./vip.ts";

const shape = vip("mirror");

/** The plan is emptied by it: each dialect has a desk of its own. */
async function assumed(name: keyof Each<string>): Promise<string> {
  const desk = await openDesk(shape);
  try {
    const said: string[] = [];
    const { ferry, ledger } = placeOf(name, said, desk);
    await openAssumed({ ferry, ledger, fence, runId }, frozenOf(shape), shape, now);
    return said.join("\n");
  } finally {
    await desk.close();
  }
}

test("everybody wanted is assumed", async () => {
  expect(await assumed("duckdb")).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN error('the ledger was taken over by another run') END
    FROM "acme"."millrace"."state__vip" WHERE fence <= 7 AND open_plan IS NULL;
    INSERT INTO "acme"."millrace"."sent__vip"
    SELECT k, h, h_fast, 4242, 2, from_json(ids, '[{"kind":"VARCHAR","value":"VARCHAR","version":"INTEGER"}]'), 'assumed', NULL, NULL, NULL, NULL, 'r_20260301_060000_ab12', 1772344800000 FROM (SELECT p.k, p.h, p.h_fast, CAST(to_json(list_filter([CASE WHEN q.v_0 IS NULL THEN NULL ELSE {'kind': 'email', 'value': q.v_0, 'version': 1} END, CASE WHEN q.v_1 IS NULL THEN NULL ELSE {'kind': 'phone', 'value': q.v_1, 'version': 1} END], x -> x IS NOT NULL)) AS VARCHAR) AS ids
    FROM "memory"."main"."plan__vip" p JOIN "memory"."main"."prepared__vip" q ON q.n = p.n WHERE p.op <= 4);
    UPDATE "acme"."millrace"."state__vip" SET "open_plan" = '4be1d20aa7', "open_run" = 'r_20260301_060000_ab12', "fence" = 7 WHERE fence <= 7 AND open_plan IS NULL;
    COMMIT;
  `);
  expect(await assumed("bigquery")).toMatchInlineSnapshot(`
    CREATE OR REPLACE TABLE \`acme\`.\`millrace_scratch\`.\`lent__1\` (part INT64, cells STRING) OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR));
    -- rows for \`acme\`.\`millrace_scratch\`.\`lent__1\`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN ERROR('the ledger was taken over by another run') END
    FROM \`acme\`.\`millrace\`.\`state__vip\` WHERE fence <= 7 AND open_plan IS NULL;
    INSERT INTO \`acme\`.\`millrace\`.\`sent__vip\`
    SELECT k, h, h_fast, 4242, 2, ids, 'assumed', NULL, NULL, NULL, NULL, 'r_20260301_060000_ab12', 1772344800000 FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS INT64) AS \`h\`, CAST(JSON_VALUE(cells, '$[2]') AS INT64) AS \`h_fast\`, CAST(JSON_VALUE(cells, '$[3]') AS STRING) AS \`ids\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 0);
    UPDATE \`acme\`.\`millrace\`.\`state__vip\` SET \`open_plan\` = '4be1d20aa7', \`open_run\` = 'r_20260301_060000_ab12', \`fence\` = 7 WHERE fence <= 7 AND open_plan IS NULL;
    COMMIT;
  `);
  expect(await assumed("snowflake")).toMatchInlineSnapshot(`
    CREATE OR REPLACE TRANSIENT TABLE "ACME"."MILLRACE_SCRATCH"."LENT__1" (part NUMBER(37,0), cells VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 0;
    -- rows for "ACME"."MILLRACE_SCRATCH"."LENT__1"
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN CAST(CAST('the ledger was taken over by another run' AS NUMBER(38,0)) AS VARCHAR) END
    FROM "ACME"."MILLRACE"."STATE__VIP" WHERE fence <= 7 AND open_plan IS NULL;
    INSERT INTO "ACME"."MILLRACE"."SENT__VIP"
    SELECT k, h, h_fast, 4242, 2, ids, 'assumed', NULL, NULL, NULL, NULL, 'r_20260301_060000_ab12', 1772344800000 FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS NUMBER(37,0)) AS "H", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS NUMBER(37,0)) AS "H_FAST", CAST(CAST(PARSE_JSON(cells)[3] AS VARCHAR) AS VARCHAR) AS "IDS" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 0);
    UPDATE "ACME"."MILLRACE"."STATE__VIP" SET "OPEN_PLAN" = '4be1d20aa7', "OPEN_RUN" = 'r_20260301_060000_ab12', "FENCE" = 7 WHERE fence <= 7 AND open_plan IS NULL;
    COMMIT;
  `);
});
