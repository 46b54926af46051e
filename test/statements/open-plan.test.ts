/** The transaction that names a plan in the state row, before anything of it may be sent. */
import { expect, test } from "vitest";
import { openPlan } from "../../src/engine/close.ts";
import { sideBySide } from "./recorded.ts";
import { fence, frozenOf, runId, vip } from "./vip.ts";

test("a plan is opened", async () => {
  const said = await sideBySide(({ ferry, ledger }) =>
    openPlan({ ferry, ledger, fence, runId }, frozenOf(vip("mirror"))),
  );
  expect(said.duckdb).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN error('the ledger was taken over by another run') END
    FROM "acme"."millrace"."state__vip" WHERE fence <= 7 AND open_plan IS NULL;
    UPDATE "acme"."millrace"."state__vip" SET "open_plan" = '4be1d20aa7', "open_run" = 'r_20260301_060000_ab12', "fence" = 7 WHERE fence <= 7 AND open_plan IS NULL;
    COMMIT;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN ERROR('the ledger was taken over by another run') END
    FROM \`acme\`.\`millrace\`.\`state__vip\` WHERE fence <= 7 AND open_plan IS NULL;
    UPDATE \`acme\`.\`millrace\`.\`state__vip\` SET \`open_plan\` = '4be1d20aa7', \`open_run\` = 'r_20260301_060000_ab12', \`fence\` = 7 WHERE fence <= 7 AND open_plan IS NULL;
    COMMIT;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN CAST(CAST('the ledger was taken over by another run' AS NUMBER(38,0)) AS VARCHAR) END
    FROM "ACME"."MILLRACE"."STATE__VIP" WHERE fence <= 7 AND open_plan IS NULL;
    UPDATE "ACME"."MILLRACE"."STATE__VIP" SET "OPEN_PLAN" = '4be1d20aa7', "OPEN_RUN" = 'r_20260301_060000_ab12', "FENCE" = 7 WHERE fence <= 7 AND open_plan IS NULL;
    COMMIT;
  `);
});
