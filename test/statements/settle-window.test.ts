/** The transaction that writes a window of settled rows: rows, refusals, changes. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Staging } from "../../src/engine/staging.ts";
import type { PlanRow } from "../../src/engine/rows.ts";
import type { RowRequests } from "../../src/engine/requests.ts";
import type { LedgerRow, Rejection } from "../../src/ledger/rules.ts";
import type { DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { openDesk } from "./desk.ts";
import { sideBySide } from "./recorded.ts";
import { fence, now, plan, runId, tag, vip } from "./vip.ts";

let desk: DuckDBWarehouse;
beforeAll(async () => (desk = await openDesk(vip("mirror"))) && undefined);
afterAll(() => desk.close());

const row: LedgerRow = {
  k: "1",
  h: "11",
  hFast: null,
  m: 2,
  ids: [{ kind: "email", value: "ada@example.com", version: 1 }],
  state: "ok",
  doubtAt: null,
  remoteId: null,
  idem: null,
  fields: null,
  runId,
  sentAt: now,
};
const refused: Rejection = {
  k: "1",
  op: "add",
  kind: "email",
  value: "ada@example.com",
  h: "11",
  code: "no",
  message: "no",
  attempts: 1,
  firstAt: now,
  lastAt: now,
  nextAfter: now,
  dead: false,
};

test("a row that was accepted in part, and what it was told", async () => {
  const input = { sync: "vip", plan, runId, now, holds: { fence, openPlan: plan } };
  const said = await sideBySide(
    async ({ ferry, ledger }) => {
      const staging = new Staging(ferry, ledger, { id: "vip", tag }, input);
      await staging.open();
      const planned = { k: "1", seq: 281_474_976_710_657, op: "add", row: null, rejections: [refused] };
      const asked = { ask: { kind: "none" } } as unknown as RowRequests;
      staging.add(planned as unknown as PlanRow, { row, rejections: [refused], outcome: "rejected" }, asked);
      await staging.apply();
    },
    { desk },
  );
  expect(said.duckdb).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN error('the ledger was taken over by another run') END
    FROM "acme"."millrace"."state__vip" WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    DELETE FROM "acme"."millrace"."sent__vip" WHERE k IN (SELECT k FROM (SELECT * FROM "memory"."main"."staged__vip"));
    INSERT INTO "acme"."millrace"."sent__vip" SELECT k, CAST(h AS UBIGINT), CAST(h_fast AS UBIGINT), h_tag, m, from_json(ids, '[{"kind":"VARCHAR","value":"VARCHAR","version":"INTEGER"}]'), state, doubt_at,
           remote_id, idem, fields, run_id, sent_at FROM (SELECT * FROM "memory"."main"."staged__vip") WHERE keep;
    DELETE FROM "acme"."millrace"."rejections__vip" WHERE k IN (SELECT k FROM (SELECT * FROM "memory"."main"."staged_keys__vip") UNION ALL SELECT k FROM (SELECT * FROM "memory"."main"."staged_rejections__vip"));
    INSERT INTO "acme"."millrace"."rejections__vip" SELECT k, op, kind, "value", CAST(h AS UBIGINT), code, message, attempts, first_at, last_at, next_after, dead FROM (SELECT * FROM "memory"."main"."staged_rejections__vip");
    DELETE FROM "acme"."millrace"."changes" WHERE plan = '4be1d20aa7' AND sync = 'vip' AND seq IN (SELECT seq FROM (SELECT * FROM "memory"."main"."staged_changes__vip"));
    INSERT INTO "acme"."millrace"."changes" SELECT 'r_20260301_060000_ab12', '4be1d20aa7', 'vip', k, seq, 0, op, status, code, message, 1772344800000 FROM (SELECT * FROM "memory"."main"."staged_changes__vip");
    COMMIT;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    CREATE OR REPLACE TABLE \`acme\`.\`millrace_scratch\`.\`lent__1\` (part INT64, cells STRING) OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR));
    -- rows for \`acme\`.\`millrace_scratch\`.\`lent__1\`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN ERROR('the ledger was taken over by another run') END
    FROM \`acme\`.\`millrace\`.\`state__vip\` WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    DELETE FROM \`acme\`.\`millrace\`.\`sent__vip\` WHERE k IN (SELECT k FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS STRING) AS \`h\`, CAST(JSON_VALUE(cells, '$[2]') AS STRING) AS \`h_fast\`, CAST(JSON_VALUE(cells, '$[3]') AS INT64) AS \`h_tag\`, CAST(JSON_VALUE(cells, '$[4]') AS INT64) AS \`m\`, CAST(JSON_VALUE(cells, '$[5]') AS STRING) AS \`ids\`, CAST(JSON_VALUE(cells, '$[6]') AS STRING) AS \`state\`, CAST(JSON_VALUE(cells, '$[7]') AS INT64) AS \`doubt_at\`, CAST(JSON_VALUE(cells, '$[8]') AS STRING) AS \`remote_id\`, CAST(JSON_VALUE(cells, '$[9]') AS STRING) AS \`idem\`, CAST(JSON_VALUE(cells, '$[10]') AS STRING) AS \`fields\`, CAST(JSON_VALUE(cells, '$[11]') AS STRING) AS \`run_id\`, CAST(JSON_VALUE(cells, '$[12]') AS INT64) AS \`sent_at\`, CAST(JSON_VALUE(cells, '$[13]') AS BOOL) AS \`keep\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 0));
    INSERT INTO \`acme\`.\`millrace\`.\`sent__vip\` SELECT k, CAST(h AS INT64), CAST(h_fast AS INT64), h_tag, m, ids, state, doubt_at,
           remote_id, idem, fields, run_id, sent_at FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS STRING) AS \`h\`, CAST(JSON_VALUE(cells, '$[2]') AS STRING) AS \`h_fast\`, CAST(JSON_VALUE(cells, '$[3]') AS INT64) AS \`h_tag\`, CAST(JSON_VALUE(cells, '$[4]') AS INT64) AS \`m\`, CAST(JSON_VALUE(cells, '$[5]') AS STRING) AS \`ids\`, CAST(JSON_VALUE(cells, '$[6]') AS STRING) AS \`state\`, CAST(JSON_VALUE(cells, '$[7]') AS INT64) AS \`doubt_at\`, CAST(JSON_VALUE(cells, '$[8]') AS STRING) AS \`remote_id\`, CAST(JSON_VALUE(cells, '$[9]') AS STRING) AS \`idem\`, CAST(JSON_VALUE(cells, '$[10]') AS STRING) AS \`fields\`, CAST(JSON_VALUE(cells, '$[11]') AS STRING) AS \`run_id\`, CAST(JSON_VALUE(cells, '$[12]') AS INT64) AS \`sent_at\`, CAST(JSON_VALUE(cells, '$[13]') AS BOOL) AS \`keep\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 0) WHERE keep;
    DELETE FROM \`acme\`.\`millrace\`.\`rejections__vip\` WHERE k IN (SELECT k FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 3) UNION ALL SELECT k FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS STRING) AS \`op\`, CAST(JSON_VALUE(cells, '$[2]') AS STRING) AS \`kind\`, CAST(JSON_VALUE(cells, '$[3]') AS STRING) AS \`value\`, CAST(JSON_VALUE(cells, '$[4]') AS STRING) AS \`h\`, CAST(JSON_VALUE(cells, '$[5]') AS STRING) AS \`code\`, CAST(JSON_VALUE(cells, '$[6]') AS STRING) AS \`message\`, CAST(JSON_VALUE(cells, '$[7]') AS INT64) AS \`attempts\`, CAST(JSON_VALUE(cells, '$[8]') AS INT64) AS \`first_at\`, CAST(JSON_VALUE(cells, '$[9]') AS INT64) AS \`last_at\`, CAST(JSON_VALUE(cells, '$[10]') AS INT64) AS \`next_after\`, CAST(JSON_VALUE(cells, '$[11]') AS BOOL) AS \`dead\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 1));
    INSERT INTO \`acme\`.\`millrace\`.\`rejections__vip\` SELECT k, op, kind, \`value\`, CAST(h AS INT64), code, message, attempts, first_at, last_at, next_after, dead FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS STRING) AS \`op\`, CAST(JSON_VALUE(cells, '$[2]') AS STRING) AS \`kind\`, CAST(JSON_VALUE(cells, '$[3]') AS STRING) AS \`value\`, CAST(JSON_VALUE(cells, '$[4]') AS STRING) AS \`h\`, CAST(JSON_VALUE(cells, '$[5]') AS STRING) AS \`code\`, CAST(JSON_VALUE(cells, '$[6]') AS STRING) AS \`message\`, CAST(JSON_VALUE(cells, '$[7]') AS INT64) AS \`attempts\`, CAST(JSON_VALUE(cells, '$[8]') AS INT64) AS \`first_at\`, CAST(JSON_VALUE(cells, '$[9]') AS INT64) AS \`last_at\`, CAST(JSON_VALUE(cells, '$[10]') AS INT64) AS \`next_after\`, CAST(JSON_VALUE(cells, '$[11]') AS BOOL) AS \`dead\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 1);
    DELETE FROM \`acme\`.\`millrace\`.\`changes\` WHERE plan = '4be1d20aa7' AND sync = 'vip' AND seq IN (SELECT seq FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS INT64) AS \`seq\`, CAST(JSON_VALUE(cells, '$[2]') AS STRING) AS \`op\`, CAST(JSON_VALUE(cells, '$[3]') AS STRING) AS \`status\`, CAST(JSON_VALUE(cells, '$[4]') AS STRING) AS \`code\`, CAST(JSON_VALUE(cells, '$[5]') AS STRING) AS \`message\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 2));
    INSERT INTO \`acme\`.\`millrace\`.\`changes\` SELECT 'r_20260301_060000_ab12', '4be1d20aa7', 'vip', k, seq, 0, op, status, code, message, 1772344800000 FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS INT64) AS \`seq\`, CAST(JSON_VALUE(cells, '$[2]') AS STRING) AS \`op\`, CAST(JSON_VALUE(cells, '$[3]') AS STRING) AS \`status\`, CAST(JSON_VALUE(cells, '$[4]') AS STRING) AS \`code\`, CAST(JSON_VALUE(cells, '$[5]') AS STRING) AS \`message\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 2);
    COMMIT;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    CREATE OR REPLACE TRANSIENT TABLE "ACME"."MILLRACE_SCRATCH"."LENT__1" (part NUMBER(37,0), cells VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 0;
    -- rows for "ACME"."MILLRACE_SCRATCH"."LENT__1"
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN CAST(CAST('the ledger was taken over by another run' AS NUMBER(38,0)) AS VARCHAR) END
    FROM "ACME"."MILLRACE"."STATE__VIP" WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    DELETE FROM "ACME"."MILLRACE"."SENT__VIP" WHERE k IN (SELECT k FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS VARCHAR) AS "H", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS VARCHAR) AS "H_FAST", CAST(CAST(PARSE_JSON(cells)[3] AS VARCHAR) AS NUMBER(37,0)) AS "H_TAG", CAST(CAST(PARSE_JSON(cells)[4] AS VARCHAR) AS NUMBER(37,0)) AS "M", CAST(CAST(PARSE_JSON(cells)[5] AS VARCHAR) AS VARCHAR) AS "IDS", CAST(CAST(PARSE_JSON(cells)[6] AS VARCHAR) AS VARCHAR) AS "STATE", CAST(CAST(PARSE_JSON(cells)[7] AS VARCHAR) AS NUMBER(37,0)) AS "DOUBT_AT", CAST(CAST(PARSE_JSON(cells)[8] AS VARCHAR) AS VARCHAR) AS "REMOTE_ID", CAST(CAST(PARSE_JSON(cells)[9] AS VARCHAR) AS VARCHAR) AS "IDEM", CAST(CAST(PARSE_JSON(cells)[10] AS VARCHAR) AS VARCHAR) AS "FIELDS", CAST(CAST(PARSE_JSON(cells)[11] AS VARCHAR) AS VARCHAR) AS "RUN_ID", CAST(CAST(PARSE_JSON(cells)[12] AS VARCHAR) AS NUMBER(37,0)) AS "SENT_AT", CAST(CAST(PARSE_JSON(cells)[13] AS VARCHAR) AS BOOLEAN) AS "KEEP" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 0));
    INSERT INTO "ACME"."MILLRACE"."SENT__VIP" SELECT k, CAST(h AS NUMBER(20,0)), CAST(h_fast AS NUMBER(20,0)), h_tag, m, ids, state, doubt_at,
           remote_id, idem, fields, run_id, sent_at FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS VARCHAR) AS "H", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS VARCHAR) AS "H_FAST", CAST(CAST(PARSE_JSON(cells)[3] AS VARCHAR) AS NUMBER(37,0)) AS "H_TAG", CAST(CAST(PARSE_JSON(cells)[4] AS VARCHAR) AS NUMBER(37,0)) AS "M", CAST(CAST(PARSE_JSON(cells)[5] AS VARCHAR) AS VARCHAR) AS "IDS", CAST(CAST(PARSE_JSON(cells)[6] AS VARCHAR) AS VARCHAR) AS "STATE", CAST(CAST(PARSE_JSON(cells)[7] AS VARCHAR) AS NUMBER(37,0)) AS "DOUBT_AT", CAST(CAST(PARSE_JSON(cells)[8] AS VARCHAR) AS VARCHAR) AS "REMOTE_ID", CAST(CAST(PARSE_JSON(cells)[9] AS VARCHAR) AS VARCHAR) AS "IDEM", CAST(CAST(PARSE_JSON(cells)[10] AS VARCHAR) AS VARCHAR) AS "FIELDS", CAST(CAST(PARSE_JSON(cells)[11] AS VARCHAR) AS VARCHAR) AS "RUN_ID", CAST(CAST(PARSE_JSON(cells)[12] AS VARCHAR) AS NUMBER(37,0)) AS "SENT_AT", CAST(CAST(PARSE_JSON(cells)[13] AS VARCHAR) AS BOOLEAN) AS "KEEP" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 0) WHERE keep;
    DELETE FROM "ACME"."MILLRACE"."REJECTIONS__VIP" WHERE k IN (SELECT k FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 3) UNION ALL SELECT k FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS VARCHAR) AS "OP", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS VARCHAR) AS "KIND", CAST(CAST(PARSE_JSON(cells)[3] AS VARCHAR) AS VARCHAR) AS "VALUE", CAST(CAST(PARSE_JSON(cells)[4] AS VARCHAR) AS VARCHAR) AS "H", CAST(CAST(PARSE_JSON(cells)[5] AS VARCHAR) AS VARCHAR) AS "CODE", CAST(CAST(PARSE_JSON(cells)[6] AS VARCHAR) AS VARCHAR) AS "MESSAGE", CAST(CAST(PARSE_JSON(cells)[7] AS VARCHAR) AS NUMBER(37,0)) AS "ATTEMPTS", CAST(CAST(PARSE_JSON(cells)[8] AS VARCHAR) AS NUMBER(37,0)) AS "FIRST_AT", CAST(CAST(PARSE_JSON(cells)[9] AS VARCHAR) AS NUMBER(37,0)) AS "LAST_AT", CAST(CAST(PARSE_JSON(cells)[10] AS VARCHAR) AS NUMBER(37,0)) AS "NEXT_AFTER", CAST(CAST(PARSE_JSON(cells)[11] AS VARCHAR) AS BOOLEAN) AS "DEAD" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 1));
    INSERT INTO "ACME"."MILLRACE"."REJECTIONS__VIP" SELECT k, op, kind, "VALUE", CAST(h AS NUMBER(20,0)), code, message, attempts, first_at, last_at, next_after, dead FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS VARCHAR) AS "OP", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS VARCHAR) AS "KIND", CAST(CAST(PARSE_JSON(cells)[3] AS VARCHAR) AS VARCHAR) AS "VALUE", CAST(CAST(PARSE_JSON(cells)[4] AS VARCHAR) AS VARCHAR) AS "H", CAST(CAST(PARSE_JSON(cells)[5] AS VARCHAR) AS VARCHAR) AS "CODE", CAST(CAST(PARSE_JSON(cells)[6] AS VARCHAR) AS VARCHAR) AS "MESSAGE", CAST(CAST(PARSE_JSON(cells)[7] AS VARCHAR) AS NUMBER(37,0)) AS "ATTEMPTS", CAST(CAST(PARSE_JSON(cells)[8] AS VARCHAR) AS NUMBER(37,0)) AS "FIRST_AT", CAST(CAST(PARSE_JSON(cells)[9] AS VARCHAR) AS NUMBER(37,0)) AS "LAST_AT", CAST(CAST(PARSE_JSON(cells)[10] AS VARCHAR) AS NUMBER(37,0)) AS "NEXT_AFTER", CAST(CAST(PARSE_JSON(cells)[11] AS VARCHAR) AS BOOLEAN) AS "DEAD" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 1);
    DELETE FROM "ACME"."MILLRACE"."CHANGES" WHERE plan = '4be1d20aa7' AND sync = 'vip' AND seq IN (SELECT seq FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS NUMBER(37,0)) AS "SEQ", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS VARCHAR) AS "OP", CAST(CAST(PARSE_JSON(cells)[3] AS VARCHAR) AS VARCHAR) AS "STATUS", CAST(CAST(PARSE_JSON(cells)[4] AS VARCHAR) AS VARCHAR) AS "CODE", CAST(CAST(PARSE_JSON(cells)[5] AS VARCHAR) AS VARCHAR) AS "MESSAGE" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 2));
    INSERT INTO "ACME"."MILLRACE"."CHANGES" SELECT 'r_20260301_060000_ab12', '4be1d20aa7', 'vip', k, seq, 0, op, status, code, message, 1772344800000 FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS NUMBER(37,0)) AS "SEQ", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS VARCHAR) AS "OP", CAST(CAST(PARSE_JSON(cells)[3] AS VARCHAR) AS VARCHAR) AS "STATUS", CAST(CAST(PARSE_JSON(cells)[4] AS VARCHAR) AS VARCHAR) AS "CODE", CAST(CAST(PARSE_JSON(cells)[5] AS VARCHAR) AS VARCHAR) AS "MESSAGE" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 2);
    COMMIT;
  `);
});
