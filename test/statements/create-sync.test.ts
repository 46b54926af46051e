/** A sync's own tables and its state row, made where they are missing. */
import { expect, test } from "vitest";
import { createState } from "../../src/ledger/state.ts";
import { sideBySide } from "./recorded.ts";
import { fence } from "./vip.ts";

test("a sync that the ledger did not know", async () => {
  const said = await sideBySide((at) =>
    createState(at.warehouse, at.ledger, {
      id: "vip",
      sync: "vip",
      target: '{"type":"webhook"}',
      remoteId: null,
      fence,
      serial: 0,
      openPlan: null,
      openRun: null,
      m: 0,
      keySignature: "integer",
    }),
  );
  expect(said.duckdb).toMatchInlineSnapshot(`
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."sent__vip" ("k" VARCHAR, "h" UBIGINT, "h_fast" UBIGINT, "h_tag" UINTEGER, "m" BIGINT, "ids" STRUCT(kind VARCHAR, "value" VARCHAR, version INTEGER)[], "state" VARCHAR, "doubt_at" BIGINT, "remote_id" VARCHAR, "idem" VARCHAR, "fields" VARCHAR, "run_id" VARCHAR, "sent_at" BIGINT);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."rejections__vip" ("k" VARCHAR, "op" VARCHAR, "kind" VARCHAR, "value" VARCHAR, "h" UBIGINT, "code" VARCHAR, "message" VARCHAR, "attempts" BIGINT, "first_at" BIGINT, "last_at" BIGINT, "next_after" BIGINT, "dead" BOOLEAN);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."state__vip" ("id" VARCHAR, "sync" VARCHAR, "target" VARCHAR, "remote_id" VARCHAR, "fence" BIGINT, "serial" BIGINT, "open_plan" VARCHAR, "open_run" VARCHAR, "settled_to" UBIGINT, "m" BIGINT, "key_signature" VARCHAR);
    INSERT INTO "acme"."millrace"."state__vip" SELECT 'vip', 'vip', '{"type":"webhook"}', NULL, 7, 0, NULL, NULL, NULL, 0, 'integer' FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM "acme"."millrace"."state__vip");
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`sent__vip\` (\`k\` STRING, \`h\` INT64, \`h_fast\` INT64, \`h_tag\` INT64, \`m\` INT64, \`ids\` STRING, \`state\` STRING, \`doubt_at\` INT64, \`remote_id\` STRING, \`idem\` STRING, \`fields\` STRING, \`run_id\` STRING, \`sent_at\` INT64) CLUSTER BY \`k\`;
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`rejections__vip\` (\`k\` STRING, \`op\` STRING, \`kind\` STRING, \`value\` STRING, \`h\` INT64, \`code\` STRING, \`message\` STRING, \`attempts\` INT64, \`first_at\` INT64, \`last_at\` INT64, \`next_after\` INT64, \`dead\` BOOL);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`state__vip\` (\`id\` STRING, \`sync\` STRING, \`target\` STRING, \`remote_id\` STRING, \`fence\` INT64, \`serial\` INT64, \`open_plan\` STRING, \`open_run\` STRING, \`settled_to\` INT64, \`m\` INT64, \`key_signature\` STRING);
    INSERT INTO \`acme\`.\`millrace\`.\`state__vip\` SELECT 'vip', 'vip', '{"type":"webhook"}', NULL, 7, 0, NULL, NULL, NULL, 0, 'integer' FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM \`acme\`.\`millrace\`.\`state__vip\`);
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."SENT__VIP" ("K" VARCHAR, "H" NUMBER(20,0), "H_FAST" NUMBER(20,0), "H_TAG" NUMBER(20,0), "M" NUMBER(38,0), "IDS" VARCHAR, "STATE" VARCHAR, "DOUBT_AT" NUMBER(38,0), "REMOTE_ID" VARCHAR, "IDEM" VARCHAR, "FIELDS" VARCHAR, "RUN_ID" VARCHAR, "SENT_AT" NUMBER(38,0)) CLUSTER BY ("K") DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."REJECTIONS__VIP" ("K" VARCHAR, "OP" VARCHAR, "KIND" VARCHAR, "VALUE" VARCHAR, "H" NUMBER(20,0), "CODE" VARCHAR, "MESSAGE" VARCHAR, "ATTEMPTS" NUMBER(38,0), "FIRST_AT" NUMBER(38,0), "LAST_AT" NUMBER(38,0), "NEXT_AFTER" NUMBER(38,0), "DEAD" BOOLEAN) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."STATE__VIP" ("ID" VARCHAR, "SYNC" VARCHAR, "TARGET" VARCHAR, "REMOTE_ID" VARCHAR, "FENCE" NUMBER(38,0), "SERIAL" NUMBER(38,0), "OPEN_PLAN" VARCHAR, "OPEN_RUN" VARCHAR, "SETTLED_TO" NUMBER(20,0), "M" NUMBER(38,0), "KEY_SIGNATURE" VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 1;
    INSERT INTO "ACME"."MILLRACE"."STATE__VIP" SELECT 'vip', 'vip', '{"type":"webhook"}', NULL, 7, 0, NULL, NULL, NULL, 0, 'integer' FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM "ACME"."MILLRACE"."STATE__VIP");
  `);
});
