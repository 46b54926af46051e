/** What earlier runs left: how syncs went, day by day. */
import { expect, test } from "vitest";
import type { LedgerView } from "../../src/engine/open-ledger.ts";
import { readRecords } from "../../src/engine/sync-records.ts";
import { sideBySide } from "./recorded.ts";
import { now } from "./vip.ts";

test("the last run of each sync, and seven days", async () => {
  const said = await sideBySide(async (at) => {
    await readRecords({ ...at, tables: ["sync_runs"] } as unknown as LedgerView, now);
  });
  expect(said.duckdb).toMatchInlineSnapshot(`
    SELECT l.*, o.last_ok FROM (
      SELECT sync, run_id, status, error FROM "acme"."millrace"."sync_runs" WHERE status NOT IN ('skipped', 'locked')
      QUALIFY row_number() OVER (PARTITION BY sync ORDER BY "at" > 1772344800000, "at" DESC, run_id DESC) = 1
    ) l LEFT JOIN (SELECT sync, max("at") AS last_ok FROM "acme"."millrace"."sync_runs" WHERE status IN ('ok', 'unchanged', 'partial') AND "at" <= 1772344800000 GROUP BY sync) o ON o.sync = l.sync;
    SELECT sync, day, people FROM (
      SELECT sync, "at", run_id, people, greatest(-1, 6 - CAST(floor((1772344800000 - "at") / 86400000.0) AS BIGINT)) AS day
      FROM "acme"."millrace"."sync_runs" WHERE status IN ('ok', 'unchanged', 'partial') AND people IS NOT NULL AND "at" <= 1772344800000
    ) w QUALIFY row_number() OVER (PARTITION BY sync, day ORDER BY "at" DESC, run_id DESC) = 1 ORDER BY sync, day;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    SELECT l.*, o.last_ok FROM (
      SELECT sync, run_id, status, error FROM \`acme\`.\`millrace\`.\`sync_runs\` WHERE status NOT IN ('skipped', 'locked')
      QUALIFY row_number() OVER (PARTITION BY sync ORDER BY \`at\` > 1772344800000, \`at\` DESC, run_id DESC) = 1
    ) l LEFT JOIN (SELECT sync, max(\`at\`) AS last_ok FROM \`acme\`.\`millrace\`.\`sync_runs\` WHERE status IN ('ok', 'unchanged', 'partial') AND \`at\` <= 1772344800000 GROUP BY sync) o ON o.sync = l.sync;
    SELECT sync, day, people FROM (
      SELECT sync, \`at\`, run_id, people, greatest(-1, 6 - CAST(floor((1772344800000 - \`at\`) / 86400000.0) AS INT64)) AS day
      FROM \`acme\`.\`millrace\`.\`sync_runs\` WHERE status IN ('ok', 'unchanged', 'partial') AND people IS NOT NULL AND \`at\` <= 1772344800000
    ) w QUALIFY row_number() OVER (PARTITION BY sync, day ORDER BY \`at\` DESC, run_id DESC) = 1 ORDER BY sync, day;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    SELECT l.*, o.last_ok FROM (
      SELECT sync, run_id, status, error FROM "ACME"."MILLRACE"."SYNC_RUNS" WHERE status NOT IN ('skipped', 'locked')
      QUALIFY row_number() OVER (PARTITION BY sync ORDER BY "AT" > 1772344800000, "AT" DESC, run_id DESC) = 1
    ) l LEFT JOIN (SELECT sync, max("AT") AS last_ok FROM "ACME"."MILLRACE"."SYNC_RUNS" WHERE status IN ('ok', 'unchanged', 'partial') AND "AT" <= 1772344800000 GROUP BY sync) o ON o.sync = l.sync;
    SELECT sync, day, people FROM (
      SELECT sync, "AT", run_id, people, greatest(-1, 6 - CAST(floor((1772344800000 - "AT") / 86400000.0) AS NUMBER(38,0))) AS day
      FROM "ACME"."MILLRACE"."SYNC_RUNS" WHERE status IN ('ok', 'unchanged', 'partial') AND people IS NOT NULL AND "AT" <= 1772344800000
    ) w QUALIFY row_number() OVER (PARTITION BY sync, day ORDER BY "AT" DESC, run_id DESC) = 1 ORDER BY sync, day;
  `);
});
