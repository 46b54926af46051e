/** The transaction that ends a plan which asks nothing and was never opened. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeQuietly } from "../../src/engine/close.ts";
import type { PlanSource } from "../../src/engine/rows.ts";
import type { DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { openDesk } from "./desk.ts";
import { deskTarget, sideBySide } from "./recorded.ts";
import { fence, tag, vip } from "./vip.ts";

const shape = vip("mirror");
let desk: DuckDBWarehouse;
beforeAll(async () => (desk = await openDesk(shape)) && undefined);
afterAll(() => desk.close());

test("what was refused and is no longer asked is forgotten", async () => {
  const source: PlanSource = { warehouse: desk, target: deskTarget, id: "vip", shape, m: 2, tag, full: false };
  const said = await sideBySide(
    ({ ferry, ledger }) => closeQuietly({ ferry, ledger, fence }, { sync: shape.sync, source, restamped: 0 }),
    { desk },
  );
  expect(said.duckdb).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN error('the ledger was taken over by another run') END
    FROM "acme"."millrace"."state__vip" WHERE fence <= 7 AND open_plan IS NULL;
    DELETE FROM "acme"."millrace"."rejections__vip" WHERE TRUE;
    COMMIT;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN ERROR('the ledger was taken over by another run') END
    FROM \`acme\`.\`millrace\`.\`state__vip\` WHERE fence <= 7 AND open_plan IS NULL;
    DELETE FROM \`acme\`.\`millrace\`.\`rejections__vip\` WHERE TRUE;
    COMMIT;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN CAST(CAST('the ledger was taken over by another run' AS NUMBER(38,0)) AS VARCHAR) END
    FROM "ACME"."MILLRACE"."STATE__VIP" WHERE fence <= 7 AND open_plan IS NULL;
    DELETE FROM "ACME"."MILLRACE"."REJECTIONS__VIP" WHERE TRUE;
    COMMIT;
  `);
});
