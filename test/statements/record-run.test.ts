/** What a run leaves to be read: its document and one line a sync. */
import { expect, test } from "vitest";
import type { RunDocument } from "../../src/core.ts";
import { recordRun } from "../../src/engine/history.ts";
import { sideBySide } from "./recorded.ts";
import { runId } from "./vip.ts";

const sync = {
  sync: "vip",
  status: "ok",
  accepted: { add: 3, update: 2, remove: 1 },
  outcomes: { rejected: 4 },
  error: null,
};
const document = {
  run_id: runId,
  status: "ok",
  exit: 0,
  started_at: "2026-03-01T06:00:00Z",
  finished_at: "2026-03-01T06:01:00Z",
  syncs: [sync, { ...sync, sync: "other", status: "failed", error: { code: "E812", message: "it's off" } }],
} as unknown as RunDocument;

test("a run with two syncs", async () => {
  const said = await sideBySide((at) => recordRun(at, document, new Map([["vip", 120]])));
  expect(said.duckdb).toMatchInlineSnapshot(`
    BEGIN;
    DELETE FROM "acme"."millrace"."runs" WHERE run_id = 'r_20260301_060000_ab12';
    INSERT INTO "acme"."millrace"."runs" VALUES ('r_20260301_060000_ab12', 1772344800000, 1772344860000, 'ok', 0, '{"run_id":"r_20260301_060000_ab12","status":"ok","exit":0,"started_at":"2026-03-01T06:00:00Z","finished_at":"2026-03-01T06:01:00Z","syncs":[{"sync":"vip","status":"ok","accepted":{"add":3,"update":2,"remove":1},"outcomes":{"rejected":4},"error":null},{"sync":"other","status":"failed","accepted":{"add":3,"update":2,"remove":1},"outcomes":{"rejected":4},"error":{"code":"E812","message":"it''s off"}}]}');
    DELETE FROM "acme"."millrace"."sync_runs" WHERE run_id = 'r_20260301_060000_ab12';
    INSERT INTO "acme"."millrace"."sync_runs" VALUES ('r_20260301_060000_ab12', 'vip', 'ok', 1772344860000, 120, 3, 2, 1, 4, NULL, NULL), ('r_20260301_060000_ab12', 'other', 'failed', 1772344860000, NULL, 3, 2, 1, 4, NULL, 'E812: it''s off');
    COMMIT;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    BEGIN;
    DELETE FROM \`acme\`.\`millrace\`.\`runs\` WHERE run_id = 'r_20260301_060000_ab12';
    INSERT INTO \`acme\`.\`millrace\`.\`runs\` VALUES ('r_20260301_060000_ab12', 1772344800000, 1772344860000, 'ok', 0, '{"run_id":"r_20260301_060000_ab12","status":"ok","exit":0,"started_at":"2026-03-01T06:00:00Z","finished_at":"2026-03-01T06:01:00Z","syncs":[{"sync":"vip","status":"ok","accepted":{"add":3,"update":2,"remove":1},"outcomes":{"rejected":4},"error":null},{"sync":"other","status":"failed","accepted":{"add":3,"update":2,"remove":1},"outcomes":{"rejected":4},"error":{"code":"E812","message":"it\\'s off"}}]}');
    DELETE FROM \`acme\`.\`millrace\`.\`sync_runs\` WHERE run_id = 'r_20260301_060000_ab12';
    INSERT INTO \`acme\`.\`millrace\`.\`sync_runs\` VALUES ('r_20260301_060000_ab12', 'vip', 'ok', 1772344860000, 120, 3, 2, 1, 4, NULL, NULL), ('r_20260301_060000_ab12', 'other', 'failed', 1772344860000, NULL, 3, 2, 1, 4, NULL, 'E812: it\\'s off');
    COMMIT;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    BEGIN;
    DELETE FROM "ACME"."MILLRACE"."RUNS" WHERE run_id = 'r_20260301_060000_ab12';
    INSERT INTO "ACME"."MILLRACE"."RUNS" VALUES ('r_20260301_060000_ab12', 1772344800000, 1772344860000, 'ok', 0, '{"run_id":"r_20260301_060000_ab12","status":"ok","exit":0,"started_at":"2026-03-01T06:00:00Z","finished_at":"2026-03-01T06:01:00Z","syncs":[{"sync":"vip","status":"ok","accepted":{"add":3,"update":2,"remove":1},"outcomes":{"rejected":4},"error":null},{"sync":"other","status":"failed","accepted":{"add":3,"update":2,"remove":1},"outcomes":{"rejected":4},"error":{"code":"E812","message":"it''s off"}}]}');
    DELETE FROM "ACME"."MILLRACE"."SYNC_RUNS" WHERE run_id = 'r_20260301_060000_ab12';
    INSERT INTO "ACME"."MILLRACE"."SYNC_RUNS" VALUES ('r_20260301_060000_ab12', 'vip', 'ok', 1772344860000, 120, 3, 2, 1, 4, NULL, NULL), ('r_20260301_060000_ab12', 'other', 'failed', 1772344860000, NULL, 3, 2, 1, 4, NULL, 'E812: it''s off');
    COMMIT;
  `);
});
