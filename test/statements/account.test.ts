/** Whose account a ledger speaks of. */
import { expect, test } from "vitest";
import { holdAccount, type WhoseOptions } from "../../src/engine/whose-account.ts";
import { sideBySide } from "./recorded.ts";
import { now, runId } from "./vip.ts";

test("the first answer is kept", async () => {
  const said = await sideBySide(({ warehouse, ledger }) => {
    const plan = { ledger, state: { id: "vip" } } as WhoseOptions["plan"];
    return holdAccount({ id: "act_1" }, { warehouse, known: { accounts: new Map() }, plan, runId, at: now });
  });
  expect(said.duckdb).toMatchInlineSnapshot(
    `INSERT INTO "acme"."millrace"."accounts" VALUES ('vip', 'act_1', 'r_20260301_060000_ab12', 1772344800000);`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `INSERT INTO \`acme\`.\`millrace\`.\`accounts\` VALUES ('vip', 'act_1', 'r_20260301_060000_ab12', 1772344800000);`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `INSERT INTO "ACME"."MILLRACE"."ACCOUNTS" VALUES ('vip', 'act_1', 'r_20260301_060000_ab12', 1772344800000);`,
  );
});
