/** Plans that were saved on a ledger and must not fit another one by chance. */
import { expect, test } from "vitest";
import { expirePlans } from "../../src/engine/operate.ts";
import type { LedgerView } from "../../src/engine/open-ledger.ts";
import { sideBySide } from "./recorded.ts";
import { now } from "./vip.ts";

test("plans that name the sync", async () => {
  const said = await sideBySide((at) => expirePlans(at as unknown as LedgerView, "vip", now));
  expect(said.duckdb).toMatchInlineSnapshot(
    `UPDATE "acme"."millrace"."plans" SET expires_at = 1772344799999 WHERE used_by IS NULL AND contains(document, '"vip":')`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `UPDATE \`acme\`.\`millrace\`.\`plans\` SET expires_at = 1772344799999 WHERE used_by IS NULL AND STRPOS(document, '"vip":') > 0`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `UPDATE "ACME"."MILLRACE"."PLANS" SET expires_at = 1772344799999 WHERE used_by IS NULL AND CONTAINS(document, '"vip":')`,
  );
});
