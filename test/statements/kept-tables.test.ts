/** `journal: warehouse`: rows of an open plan and what became of them. */
import { expect, test } from "vitest";
import { KeptTables } from "../../src/ledger/kept-tables.ts";
import { sideBySide } from "./recorded.ts";
import { runId } from "./vip.ts";

test("made, filled, read and cleared", async () => {
  const said = await sideBySide(async ({ warehouse, ledger }) => {
    const tables = new KeptTables(warehouse, ledger);
    const plan = { runId, id: "vip" };
    await tables.create();
    await tables.keep(
      plan,
      (async function* () {
        yield "H4sI";
      })(),
    );
    await tables.insert(plan, 1, []);
    for await (const _ of tables.kept(plan)) continue;
    expect(await tables.journal(plan)).toBeNull();
    await tables.clear();
  });
  expect(said.duckdb).toMatchInlineSnapshot(`
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."kept_plans" ("run_id" VARCHAR, "id" VARCHAR, "content" VARCHAR, n BIGINT);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."journal" ("run_id" VARCHAR, "id" VARCHAR, "content" VARCHAR, n BIGINT);
    DELETE FROM "acme"."millrace"."kept_plans" WHERE run_id = 'r_20260301_060000_ab12' AND id = 'vip';
    -- rows for "acme"."millrace"."kept_plans"
    -- rows for "acme"."millrace"."journal"
    SELECT "content" FROM "acme"."millrace"."kept_plans" WHERE run_id = 'r_20260301_060000_ab12' AND id = 'vip' ORDER BY n;
    SELECT n, "content" AS content FROM "acme"."millrace"."journal" WHERE run_id = 'r_20260301_060000_ab12' AND id = 'vip' ORDER BY n;
    DELETE FROM "acme"."millrace"."journal" WHERE n >= 0;
    DELETE FROM "acme"."millrace"."kept_plans" WHERE n >= 0;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`kept_plans\` (\`run_id\` STRING, \`id\` STRING, \`content\` STRING, n INT64);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`journal\` (\`run_id\` STRING, \`id\` STRING, \`content\` STRING, n INT64);
    DELETE FROM \`acme\`.\`millrace\`.\`kept_plans\` WHERE run_id = 'r_20260301_060000_ab12' AND id = 'vip';
    -- rows for \`acme\`.\`millrace\`.\`kept_plans\`
    -- rows for \`acme\`.\`millrace\`.\`journal\`
    SELECT \`content\` FROM \`acme\`.\`millrace\`.\`kept_plans\` WHERE run_id = 'r_20260301_060000_ab12' AND id = 'vip' ORDER BY n;
    SELECT n, \`content\` AS content FROM \`acme\`.\`millrace\`.\`journal\` WHERE run_id = 'r_20260301_060000_ab12' AND id = 'vip' ORDER BY n;
    DELETE FROM \`acme\`.\`millrace\`.\`journal\` WHERE n >= 0;
    DELETE FROM \`acme\`.\`millrace\`.\`kept_plans\` WHERE n >= 0;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."KEPT_PLANS" ("RUN_ID" VARCHAR, "ID" VARCHAR, "CONTENT" VARCHAR, n NUMBER(38,0)) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."JOURNAL" ("RUN_ID" VARCHAR, "ID" VARCHAR, "CONTENT" VARCHAR, n NUMBER(38,0)) DATA_RETENTION_TIME_IN_DAYS = 1;
    DELETE FROM "ACME"."MILLRACE"."KEPT_PLANS" WHERE run_id = 'r_20260301_060000_ab12' AND id = 'vip';
    -- rows for "ACME"."MILLRACE"."KEPT_PLANS"
    -- rows for "ACME"."MILLRACE"."JOURNAL"
    SELECT "CONTENT" FROM "ACME"."MILLRACE"."KEPT_PLANS" WHERE run_id = 'r_20260301_060000_ab12' AND id = 'vip' ORDER BY n;
    SELECT n, "CONTENT" AS content FROM "ACME"."MILLRACE"."JOURNAL" WHERE run_id = 'r_20260301_060000_ab12' AND id = 'vip' ORDER BY n;
    DELETE FROM "ACME"."MILLRACE"."JOURNAL" WHERE n >= 0;
    DELETE FROM "ACME"."MILLRACE"."KEPT_PLANS" WHERE n >= 0;
  `);
});
