/** Jobs at a platform that outlive their run. */
import { expect, test } from "vitest";
import { keepJobs } from "../../src/engine/jobs.ts";
import { sideBySide } from "./recorded.ts";
import { now } from "./vip.ts";

test("one job in the place of all", async () => {
  const said = await sideBySide(({ ledger, warehouse }) =>
    warehouse.script(keepJobs(ledger, "vip", [{ digest: "d1", state: { job: "O'Hara\\\n" }, at: now }])),
  );
  expect(said.duckdb).toMatchInlineSnapshot(`
    BEGIN;
    DELETE FROM "acme"."millrace"."jobs" WHERE sync = 'vip';
    INSERT INTO "acme"."millrace"."jobs" VALUES ('vip', 'd1', '{"job":"O''Hara\\\\\\n"}', 1772344800000);
    COMMIT;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    BEGIN;
    DELETE FROM \`acme\`.\`millrace\`.\`jobs\` WHERE sync = 'vip';
    INSERT INTO \`acme\`.\`millrace\`.\`jobs\` VALUES ('vip', 'd1', '{"job":"O\\'Hara\\\\\\\\\\\\n"}', 1772344800000);
    COMMIT;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    BEGIN;
    DELETE FROM "ACME"."MILLRACE"."JOBS" WHERE sync = 'vip';
    INSERT INTO "ACME"."MILLRACE"."JOBS" VALUES ('vip', 'd1', '{"job":"O''Hara\\\\\\\\\\\\n"}', 1772344800000);
    COMMIT;
  `);
});

test("none any more", async () => {
  const said = await sideBySide(({ ledger, warehouse }) => warehouse.script(keepJobs(ledger, "vip", [])));
  expect(said.duckdb).toMatchInlineSnapshot(`
    BEGIN;
    DELETE FROM "acme"."millrace"."jobs" WHERE sync = 'vip';
    COMMIT;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    BEGIN;
    DELETE FROM \`acme\`.\`millrace\`.\`jobs\` WHERE sync = 'vip';
    COMMIT;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    BEGIN;
    DELETE FROM "ACME"."MILLRACE"."JOBS" WHERE sync = 'vip';
    COMMIT;
  `);
});
