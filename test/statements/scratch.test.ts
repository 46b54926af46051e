/** Tables of one command, which end by themselves or are found by their name. */
import { expect, test } from "vitest";
import { sideBySide } from "./recorded.ts";

test("out of a query", async () => {
  const said = await sideBySide(async ({ ferry, shop }) => {
    await ferry.make("plan__vip", `SELECT * FROM ${shop("customers")}`);
  });
  expect(said.duckdb).toMatchInlineSnapshot(
    `CREATE OR REPLACE TABLE "memory"."main"."plan__vip" AS SELECT * FROM "acme"."shop"."customers";`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `CREATE OR REPLACE TABLE \`acme\`.\`millrace_scratch\`.\`plan__vip\` OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)) AS SELECT * FROM \`acme\`.\`shop\`.\`customers\`;`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `CREATE OR REPLACE TRANSIENT TABLE "ACME"."MILLRACE_SCRATCH"."PLAN__VIP" DATA_RETENTION_TIME_IN_DAYS = 0 AS SELECT * FROM "ACME"."SHOP"."CUSTOMERS";`,
  );
});

test("out of columns", async () => {
  const said = await sideBySide(({ dialect, ferry }) => {
    const columns = `part ${dialect.columnType("integer")}, cells ${dialect.columnType("text")}`;
    return dialect.scratchTable(ferry.scratch("lent__1"), { columns });
  });
  expect(said.duckdb).toMatchInlineSnapshot(
    `CREATE OR REPLACE TABLE "memory"."main"."lent__1" (part HUGEINT, cells VARCHAR)`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `CREATE OR REPLACE TABLE \`acme\`.\`millrace_scratch\`.\`lent__1\` (part INT64, cells STRING) OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR))`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `CREATE OR REPLACE TRANSIENT TABLE "ACME"."MILLRACE_SCRATCH"."LENT__1" (part NUMBER(37,0), cells VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 0`,
  );
});
