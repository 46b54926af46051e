/** The state rows of all syncs. */
import { expect, test } from "vitest";
import { readStates } from "../../src/ledger/state.ts";
import { sideBySide } from "./recorded.ts";

test("of two syncs", async () => {
  const said = await sideBySide(async (at) => {
    await readStates(at.warehouse, at.ledger, ["state__vip", "state__all", "sent__vip"]);
  });
  expect(said.duckdb).toMatchInlineSnapshot(
    `SELECT * FROM "acme"."millrace"."state__vip" UNION ALL SELECT * FROM "acme"."millrace"."state__all";`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `SELECT * FROM \`acme\`.\`millrace\`.\`state__vip\` UNION ALL SELECT * FROM \`acme\`.\`millrace\`.\`state__all\`;`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `SELECT * FROM "ACME"."MILLRACE"."STATE__VIP" UNION ALL SELECT * FROM "ACME"."MILLRACE"."STATE__ALL";`,
  );
});
