/** How large a target is at its platform. */
import { expect, test } from "vitest";
import { keepMeasured, readMeasured } from "../../src/engine/measure.ts";
import type { LedgerView } from "../../src/engine/open-ledger.ts";
import { sideBySide } from "./recorded.ts";
import { now } from "./vip.ts";

test("what was found is added", async () => {
  const said = await sideBySide((at) => keepMeasured(at, "vip", { sizeLow: 900, matchRate: 0.75 }, now));
  expect(said.duckdb).toMatchInlineSnapshot(
    `INSERT INTO "acme"."millrace"."remote_stats" VALUES ('vip', 1772344800000, 900, NULL, 0.75);`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `INSERT INTO \`acme\`.\`millrace\`.\`remote_stats\` VALUES ('vip', 1772344800000, 900, NULL, 0.75);`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `INSERT INTO "ACME"."MILLRACE"."REMOTE_STATS" VALUES ('vip', 1772344800000, 900, NULL, 0.75);`,
  );
});

test("the newest of each figure", async () => {
  const said = await sideBySide(async (at) => {
    await readMeasured({ ...at, tables: ["remote_stats"] } as unknown as LedgerView);
  });
  expect(said.duckdb).toMatchInlineSnapshot(`
    SELECT sync, max("at") AS "at",
      arg_max(size_low, "at") FILTER (WHERE size_low IS NOT NULL) AS size_low, arg_max(size_high, "at") FILTER (WHERE size_high IS NOT NULL) AS size_high, arg_max(match_rate, "at") FILTER (WHERE match_rate IS NOT NULL) AS match_rate
      FROM "acme"."millrace"."remote_stats" GROUP BY sync;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    SELECT sync, max(\`at\`) AS \`at\`,
      MAX_BY(size_low, IF(size_low IS NULL, NULL, \`at\`)) AS size_low, MAX_BY(size_high, IF(size_high IS NULL, NULL, \`at\`)) AS size_high, MAX_BY(match_rate, IF(match_rate IS NULL, NULL, \`at\`)) AS match_rate
      FROM \`acme\`.\`millrace\`.\`remote_stats\` GROUP BY sync;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    SELECT sync, max("AT") AS "AT",
      MAX_BY(size_low, IFF(size_low IS NULL, NULL, "AT")) AS size_low, MAX_BY(size_high, IFF(size_high IS NULL, NULL, "AT")) AS size_high, MAX_BY(match_rate, IFF(match_rate IS NULL, NULL, "AT")) AS match_rate
      FROM "ACME"."MILLRACE"."REMOTE_STATS" GROUP BY sync;
  `);
});
