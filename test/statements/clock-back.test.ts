/** Times of the future, set right after a clock was. */
import { expect, test } from "vitest";
import { forgetFuture } from "../../src/engine/clock-back.ts";
import type { Workspace } from "../../src/engine/workspace.ts";
import { sideBySide } from "./recorded.ts";
import { fence, now } from "./vip.ts";

const known = { rows: new Map() } as unknown as Workspace["known"];

test("rows and rejections later than now", async () => {
  const said = await sideBySide(({ warehouse, ledger }) =>
    forgetFuture({ warehouse, ledger, known }, "vip", { fence, now }),
  );
  expect(said.duckdb).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN error('the ledger was taken over by another run') END
    FROM "acme"."millrace"."state__vip" WHERE fence <= 7 AND open_plan IS NULL;
    UPDATE "acme"."millrace"."sent__vip" SET doubt_at = 1772344800000 WHERE doubt_at > 1772344800000;
    UPDATE "acme"."millrace"."sent__vip" SET sent_at = 1772344800000 WHERE sent_at > 1772344800000;
    UPDATE "acme"."millrace"."rejections__vip" SET first_at = least(first_at, 1772344800000), last_at = 1772344800000, next_after = 1772344800000 WHERE last_at > 1772344800000;
    COMMIT;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN ERROR('the ledger was taken over by another run') END
    FROM \`acme\`.\`millrace\`.\`state__vip\` WHERE fence <= 7 AND open_plan IS NULL;
    UPDATE \`acme\`.\`millrace\`.\`sent__vip\` SET doubt_at = 1772344800000 WHERE doubt_at > 1772344800000;
    UPDATE \`acme\`.\`millrace\`.\`sent__vip\` SET sent_at = 1772344800000 WHERE sent_at > 1772344800000;
    UPDATE \`acme\`.\`millrace\`.\`rejections__vip\` SET first_at = least(first_at, 1772344800000), last_at = 1772344800000, next_after = 1772344800000 WHERE last_at > 1772344800000;
    COMMIT;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN CAST(CAST('the ledger was taken over by another run' AS NUMBER(38,0)) AS VARCHAR) END
    FROM "ACME"."MILLRACE"."STATE__VIP" WHERE fence <= 7 AND open_plan IS NULL;
    UPDATE "ACME"."MILLRACE"."SENT__VIP" SET doubt_at = 1772344800000 WHERE doubt_at > 1772344800000;
    UPDATE "ACME"."MILLRACE"."SENT__VIP" SET sent_at = 1772344800000 WHERE sent_at > 1772344800000;
    UPDATE "ACME"."MILLRACE"."REJECTIONS__VIP" SET first_at = least(first_at, 1772344800000), last_at = 1772344800000, next_after = 1772344800000 WHERE last_at > 1772344800000;
    COMMIT;
  `);
});
