/** The lock as a row beside the ledger (R25). */
import { expect, test } from "vitest";
import type { LockContent } from "../../src/ledger/lock-file.ts";
import { LockRows } from "../../src/ledger/lock-rows.ts";
import { sideBySide } from "./recorded.ts";
import { fence, now, runId } from "./vip.ts";

const free = { fence: 6, fence_floor: 0, run_id: null, content: null, broken: false };
const mine = { format: 1, runId, fence, aliveAt: now, horizons: {} } as LockContent;

test("found, taken over exactly what was read, and looked at again", async () => {
  const said = await sideBySide(
    async ({ warehouse, ledger }) => {
      const rows = new LockRows(warehouse, ledger);
      const there = await rows.open();
      expect(await rows.take(there, mine)).toBe(false);
    },
    { rows: () => [free] },
  );
  expect(said.duckdb).toMatchInlineSnapshot(`
    SELECT fence, fence_floor, run_id, content, broken FROM "acme"."millrace"."lock";
    UPDATE "acme"."millrace"."lock" SET fence = 7, run_id = 'r_20260301_060000_ab12', content = '{"format":1,"runId":"r_20260301_060000_ab12","fence":7,"aliveAt":1772344800000,"horizons":{}}', broken = FALSE WHERE fence = 6 AND run_id IS NULL AND content IS NULL;
    SELECT fence, fence_floor, run_id, content, broken FROM "acme"."millrace"."lock";
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    SELECT fence, fence_floor, run_id, content, broken FROM \`acme\`.\`millrace\`.\`lock\`;
    UPDATE \`acme\`.\`millrace\`.\`lock\` SET fence = 7, run_id = 'r_20260301_060000_ab12', content = '{"format":1,"runId":"r_20260301_060000_ab12","fence":7,"aliveAt":1772344800000,"horizons":{}}', broken = FALSE WHERE fence = 6 AND run_id IS NULL AND content IS NULL;
    SELECT fence, fence_floor, run_id, content, broken FROM \`acme\`.\`millrace\`.\`lock\`;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    SELECT fence, fence_floor, run_id, content, broken FROM "ACME"."MILLRACE"."LOCK";
    UPDATE "ACME"."MILLRACE"."LOCK" SET fence = 7, run_id = 'r_20260301_060000_ab12', content = '{"format":1,"runId":"r_20260301_060000_ab12","fence":7,"aliveAt":1772344800000,"horizons":{}}', broken = FALSE WHERE fence = 6 AND run_id IS NULL AND content IS NULL;
    SELECT fence, fence_floor, run_id, content, broken FROM "ACME"."MILLRACE"."LOCK";
  `);
});

test("made by the first run of all", async () => {
  const said = await sideBySide(
    async ({ warehouse, ledger }) => {
      let asked = 0;
      const first = { ...warehouse, rows: async (sql: string) => ((asked += 1) === 1 ? [] : warehouse.rows(sql)) };
      await new LockRows(first, ledger).open();
    },
    { rows: () => [free] },
  );
  expect(said.duckdb).toMatchInlineSnapshot(`
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."lock" AS SELECT CAST(0 AS BIGINT) AS fence, CAST(0 AS BIGINT) AS fence_floor, CAST(NULL AS VARCHAR) AS run_id, CAST(NULL AS VARCHAR) AS content, CAST(FALSE AS BOOLEAN) AS broken;
    SELECT fence, fence_floor, run_id, content, broken FROM "acme"."millrace"."lock";
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`lock\` AS SELECT CAST(0 AS INT64) AS fence, CAST(0 AS INT64) AS fence_floor, CAST(NULL AS STRING) AS run_id, CAST(NULL AS STRING) AS content, CAST(FALSE AS BOOL) AS broken;
    SELECT fence, fence_floor, run_id, content, broken FROM \`acme\`.\`millrace\`.\`lock\`;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    CREATE TABLE IF NOT EXISTS "ACME"."MILLRACE"."LOCK" AS SELECT CAST(0 AS NUMBER(38,0)) AS fence, CAST(0 AS NUMBER(38,0)) AS fence_floor, CAST(NULL AS VARCHAR) AS run_id, CAST(NULL AS VARCHAR) AS content, CAST(FALSE AS BOOLEAN) AS broken;
    SELECT fence, fence_floor, run_id, content, broken FROM "ACME"."MILLRACE"."LOCK";
  `);
});

test("renewed, left, freed by a person, lifted above an imported ledger", async () => {
  const said = await sideBySide(async ({ warehouse, ledger }) => {
    const rows = new LockRows(warehouse, ledger);
    await rows.renew(mine);
    await rows.free(mine);
    await rows.break(mine);
    await rows.raiseFloor(40);
  });
  expect(said.duckdb).toMatchInlineSnapshot(`
    UPDATE "acme"."millrace"."lock" SET content = '{"format":1,"runId":"r_20260301_060000_ab12","fence":7,"aliveAt":1772344800000,"horizons":{}}' WHERE fence = 7 AND run_id = 'r_20260301_060000_ab12' AND NOT broken;
    UPDATE "acme"."millrace"."lock" SET run_id = NULL, content = '{"format":1,"runId":"r_20260301_060000_ab12","fence":7,"aliveAt":1772344800000,"horizons":{}}' WHERE fence = 7 AND run_id = 'r_20260301_060000_ab12';
    UPDATE "acme"."millrace"."lock" SET broken = TRUE WHERE fence = 7 AND run_id = 'r_20260301_060000_ab12';
    UPDATE "acme"."millrace"."lock" SET fence_floor = 40 WHERE fence_floor < 40;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    UPDATE \`acme\`.\`millrace\`.\`lock\` SET content = '{"format":1,"runId":"r_20260301_060000_ab12","fence":7,"aliveAt":1772344800000,"horizons":{}}' WHERE fence = 7 AND run_id = 'r_20260301_060000_ab12' AND NOT broken;
    UPDATE \`acme\`.\`millrace\`.\`lock\` SET run_id = NULL, content = '{"format":1,"runId":"r_20260301_060000_ab12","fence":7,"aliveAt":1772344800000,"horizons":{}}' WHERE fence = 7 AND run_id = 'r_20260301_060000_ab12';
    UPDATE \`acme\`.\`millrace\`.\`lock\` SET broken = TRUE WHERE fence = 7 AND run_id = 'r_20260301_060000_ab12';
    UPDATE \`acme\`.\`millrace\`.\`lock\` SET fence_floor = 40 WHERE fence_floor < 40;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    UPDATE "ACME"."MILLRACE"."LOCK" SET content = '{"format":1,"runId":"r_20260301_060000_ab12","fence":7,"aliveAt":1772344800000,"horizons":{}}' WHERE fence = 7 AND run_id = 'r_20260301_060000_ab12' AND NOT broken;
    UPDATE "ACME"."MILLRACE"."LOCK" SET run_id = NULL, content = '{"format":1,"runId":"r_20260301_060000_ab12","fence":7,"aliveAt":1772344800000,"horizons":{}}' WHERE fence = 7 AND run_id = 'r_20260301_060000_ab12';
    UPDATE "ACME"."MILLRACE"."LOCK" SET broken = TRUE WHERE fence = 7 AND run_id = 'r_20260301_060000_ab12';
    UPDATE "ACME"."MILLRACE"."LOCK" SET fence_floor = 40 WHERE fence_floor < 40;
  `);
});
