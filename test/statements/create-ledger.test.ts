/** The ledger's schema, its shared tables, and what it says of itself. */
import { expect, test } from "vitest";
import { describeLedger } from "../../src/engine/workspace.ts";
import { createLedger } from "../../src/ledger/tables.ts";
import { sideBySide } from "./recorded.ts";

const project = { name: "acme", environment: { name: "production" } } as Parameters<
  typeof describeLedger
>[0]["project"];

test("a new ledger", async () => {
  const said = await sideBySide(async (at) => {
    for (const sql of createLedger(at.ledger)) await at.warehouse.execute(sql);
  });
  expect(said.duckdb).toMatchInlineSnapshot(`
    CREATE SCHEMA IF NOT EXISTS "acme"."millrace";
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."meta" ("ledger_version" BIGINT, "project" VARCHAR, "environment" VARCHAR, "engine_version" VARCHAR, "fence" BIGINT);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."mappings" ("sync" VARCHAR, "m" BIGINT, "hash" VARCHAR, "definition" VARCHAR, "created_at" BIGINT);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."definitions" ("hash" VARCHAR, "kind" VARCHAR, "name" VARCHAR, "definition" VARCHAR, "created_at" BIGINT);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."plans" ("plan" VARCHAR, "created_at" BIGINT, "expires_at" BIGINT, "config_hash" VARCHAR, "document" VARCHAR, "used_by" VARCHAR);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."jobs" ("sync" VARCHAR, "batch" VARCHAR, "checkpoint" VARCHAR, "since" BIGINT);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."accounts" ("sync" VARCHAR, "account" VARCHAR, "run_id" VARCHAR, "at" BIGINT);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."remote_stats" ("sync" VARCHAR, "at" BIGINT, "size_low" BIGINT, "size_high" BIGINT, "match_rate" DOUBLE);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."changes" ("run_id" VARCHAR, "plan" VARCHAR, "sync" VARCHAR, "k" VARCHAR, "seq" UBIGINT, "part" BIGINT, "op" VARCHAR, "status" VARCHAR, "code" VARCHAR, "message" VARCHAR, "at" BIGINT);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."runs" ("run_id" VARCHAR, "started_at" BIGINT, "finished_at" BIGINT, "status" VARCHAR, "exit" BIGINT, "document" VARCHAR);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."sync_runs" ("run_id" VARCHAR, "sync" VARCHAR, "status" VARCHAR, "at" BIGINT, "people" BIGINT, "added" BIGINT, "updated" BIGINT, "removed" BIGINT, "rejected" BIGINT, "definition" VARCHAR, "error" VARCHAR);
    CREATE TABLE IF NOT EXISTS "acme"."millrace"."operations" ("run_id" VARCHAR, "sync" VARCHAR, "operation" VARCHAR, "actor" VARCHAR, "reason" VARCHAR, "rows" BIGINT, "at" BIGINT);
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    CREATE SCHEMA IF NOT EXISTS \`acme\`.\`millrace\`;
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`meta\` (\`ledger_version\` INT64, \`project\` STRING, \`environment\` STRING, \`engine_version\` STRING, \`fence\` INT64);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`mappings\` (\`sync\` STRING, \`m\` INT64, \`hash\` STRING, \`definition\` STRING, \`created_at\` INT64);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`definitions\` (\`hash\` STRING, \`kind\` STRING, \`name\` STRING, \`definition\` STRING, \`created_at\` INT64);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`plans\` (\`plan\` STRING, \`created_at\` INT64, \`expires_at\` INT64, \`config_hash\` STRING, \`document\` STRING, \`used_by\` STRING);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`jobs\` (\`sync\` STRING, \`batch\` STRING, \`checkpoint\` STRING, \`since\` INT64);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`accounts\` (\`sync\` STRING, \`account\` STRING, \`run_id\` STRING, \`at\` INT64);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`remote_stats\` (\`sync\` STRING, \`at\` INT64, \`size_low\` INT64, \`size_high\` INT64, \`match_rate\` FLOAT64);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`changes\` (\`run_id\` STRING, \`plan\` STRING, \`sync\` STRING, \`k\` STRING, \`seq\` INT64, \`part\` INT64, \`op\` STRING, \`status\` STRING, \`code\` STRING, \`message\` STRING, \`at\` INT64);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`runs\` (\`run_id\` STRING, \`started_at\` INT64, \`finished_at\` INT64, \`status\` STRING, \`exit\` INT64, \`document\` STRING);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`sync_runs\` (\`run_id\` STRING, \`sync\` STRING, \`status\` STRING, \`at\` INT64, \`people\` INT64, \`added\` INT64, \`updated\` INT64, \`removed\` INT64, \`rejected\` INT64, \`definition\` STRING, \`error\` STRING);
    CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`operations\` (\`run_id\` STRING, \`sync\` STRING, \`operation\` STRING, \`actor\` STRING, \`reason\` STRING, \`rows\` INT64, \`at\` INT64);
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    CREATE SCHEMA IF NOT EXISTS "ACME"."MILLRACE";
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."META" ("LEDGER_VERSION" NUMBER(38,0), "PROJECT" VARCHAR, "ENVIRONMENT" VARCHAR, "ENGINE_VERSION" VARCHAR, "FENCE" NUMBER(38,0)) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."MAPPINGS" ("SYNC" VARCHAR, "M" NUMBER(38,0), "HASH" VARCHAR, "DEFINITION" VARCHAR, "CREATED_AT" NUMBER(38,0)) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."DEFINITIONS" ("HASH" VARCHAR, "KIND" VARCHAR, "NAME" VARCHAR, "DEFINITION" VARCHAR, "CREATED_AT" NUMBER(38,0)) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."PLANS" ("PLAN" VARCHAR, "CREATED_AT" NUMBER(38,0), "EXPIRES_AT" NUMBER(38,0), "CONFIG_HASH" VARCHAR, "DOCUMENT" VARCHAR, "USED_BY" VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."JOBS" ("SYNC" VARCHAR, "BATCH" VARCHAR, "CHECKPOINT" VARCHAR, "SINCE" NUMBER(38,0)) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."ACCOUNTS" ("SYNC" VARCHAR, "ACCOUNT" VARCHAR, "RUN_ID" VARCHAR, "AT" NUMBER(38,0)) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."REMOTE_STATS" ("SYNC" VARCHAR, "AT" NUMBER(38,0), "SIZE_LOW" NUMBER(38,0), "SIZE_HIGH" NUMBER(38,0), "MATCH_RATE" FLOAT) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."CHANGES" ("RUN_ID" VARCHAR, "PLAN" VARCHAR, "SYNC" VARCHAR, "K" VARCHAR, "SEQ" NUMBER(20,0), "PART" NUMBER(38,0), "OP" VARCHAR, "STATUS" VARCHAR, "CODE" VARCHAR, "MESSAGE" VARCHAR, "AT" NUMBER(38,0)) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."RUNS" ("RUN_ID" VARCHAR, "STARTED_AT" NUMBER(38,0), "FINISHED_AT" NUMBER(38,0), "STATUS" VARCHAR, "EXIT" NUMBER(38,0), "DOCUMENT" VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."SYNC_RUNS" ("RUN_ID" VARCHAR, "SYNC" VARCHAR, "STATUS" VARCHAR, "AT" NUMBER(38,0), "PEOPLE" NUMBER(38,0), "ADDED" NUMBER(38,0), "UPDATED" NUMBER(38,0), "REMOVED" NUMBER(38,0), "REJECTED" NUMBER(38,0), "DEFINITION" VARCHAR, "ERROR" VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 1;
    CREATE TRANSIENT TABLE IF NOT EXISTS "ACME"."MILLRACE"."OPERATIONS" ("RUN_ID" VARCHAR, "SYNC" VARCHAR, "OPERATION" VARCHAR, "ACTOR" VARCHAR, "REASON" VARCHAR, "ROWS" NUMBER(38,0), "AT" NUMBER(38,0)) DATA_RETENTION_TIME_IN_DAYS = 1;
  `);
});

test("whose it is", async () => {
  const said = await sideBySide((at) => describeLedger({ project, version: "1.0.0" }, at.warehouse, at.ledger));
  expect(said.duckdb).toMatchInlineSnapshot(
    `INSERT INTO "acme"."millrace"."meta" SELECT 1, 'acme', 'production', '1.0.0', 0 FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM "acme"."millrace"."meta");`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `INSERT INTO \`acme\`.\`millrace\`.\`meta\` SELECT 1, 'acme', 'production', '1.0.0', 0 FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM \`acme\`.\`millrace\`.\`meta\`);`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `INSERT INTO "ACME"."MILLRACE"."META" SELECT 1, 'acme', 'production', '1.0.0', 0 FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM "ACME"."MILLRACE"."META");`,
  );
});
