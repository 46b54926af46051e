/** The history of an audience: made, and advanced in the transaction that opens a plan. */
import { expect, test } from "vitest";
import {
  advanceMembers,
  createMembers,
  currentMembersQuery,
  membersDelta,
  staysQuery,
} from "../../src/audience/members.ts";
import { sideBySide, type Place } from "./recorded.ts";
import { now, runId } from "./vip.ts";

const history = ({ dialect }: Place): string => dialect.relation("acme", "millrace", "members__vip");
const members = ({ shop }: Place): string => `SELECT k FROM ${shop("vip_keys")}`;

test("the table", async () => {
  const said = await sideBySide((at) => createMembers(at.dialect, history(at)));
  expect(said.duckdb).toMatchInlineSnapshot(
    `CREATE TABLE IF NOT EXISTS "acme"."millrace"."members__vip" (k VARCHAR NOT NULL, entered_at TIMESTAMP WITH TIME ZONE NOT NULL, entered_run VARCHAR NOT NULL, left_at TIMESTAMP WITH TIME ZONE, left_run VARCHAR)`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `CREATE TABLE IF NOT EXISTS \`acme\`.\`millrace\`.\`members__vip\` (k STRING NOT NULL, entered_at TIMESTAMP NOT NULL, entered_run STRING NOT NULL, left_at TIMESTAMP, left_run STRING)`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `CREATE TABLE IF NOT EXISTS "ACME"."MILLRACE"."MEMBERS__VIP" (k VARCHAR NOT NULL, entered_at TIMESTAMP_TZ(6) NOT NULL, entered_run VARCHAR NOT NULL, left_at TIMESTAMP_TZ(6), left_run VARCHAR)`,
  );
});

test("stays are closed and opened", async () => {
  const said = await sideBySide((at) =>
    at.warehouse.script(advanceMembers(at.dialect, history(at), members(at), { id: runId, at: now })),
  );
  expect(said.duckdb).toMatchInlineSnapshot(`
    BEGIN;
    UPDATE "acme"."millrace"."members__vip" SET left_at = TIMESTAMPTZ '2026-03-01 06:00:00.000+00', left_run = 'r_20260301_060000_ab12' WHERE left_at IS NULL AND k NOT IN (SELECT k FROM (
    SELECT k FROM "acme"."shop"."vip_keys"
    ) m WHERE k IS NOT NULL);
    INSERT INTO "acme"."millrace"."members__vip" (k, entered_at, entered_run, left_at, left_run) SELECT DISTINCT m.k, TIMESTAMPTZ '2026-03-01 06:00:00.000+00', 'r_20260301_060000_ab12', CAST(NULL AS TIMESTAMP WITH TIME ZONE), CAST(NULL AS VARCHAR) FROM (
    SELECT k FROM "acme"."shop"."vip_keys"
    ) m WHERE m.k IS NOT NULL AND m.k NOT IN (SELECT k FROM "acme"."millrace"."members__vip" WHERE left_at IS NULL);
    COMMIT;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    BEGIN;
    UPDATE \`acme\`.\`millrace\`.\`members__vip\` SET left_at = TIMESTAMP '2026-03-01 06:00:00.000+00:00', left_run = 'r_20260301_060000_ab12' WHERE left_at IS NULL AND k NOT IN (SELECT k FROM (
    SELECT k FROM \`acme\`.\`shop\`.\`vip_keys\`
    ) m WHERE k IS NOT NULL);
    INSERT INTO \`acme\`.\`millrace\`.\`members__vip\` (k, entered_at, entered_run, left_at, left_run) SELECT DISTINCT m.k, TIMESTAMP '2026-03-01 06:00:00.000+00:00', 'r_20260301_060000_ab12', CAST(NULL AS TIMESTAMP), CAST(NULL AS STRING) FROM (
    SELECT k FROM \`acme\`.\`shop\`.\`vip_keys\`
    ) m WHERE m.k IS NOT NULL AND m.k NOT IN (SELECT k FROM \`acme\`.\`millrace\`.\`members__vip\` WHERE left_at IS NULL);
    COMMIT;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    BEGIN;
    UPDATE "ACME"."MILLRACE"."MEMBERS__VIP" SET left_at = CAST('2026-03-01T06:00:00.000+00:00' AS TIMESTAMP_TZ), left_run = 'r_20260301_060000_ab12' WHERE left_at IS NULL AND k NOT IN (SELECT k FROM (
    SELECT k FROM "ACME"."SHOP"."VIP_KEYS"
    ) m WHERE k IS NOT NULL);
    INSERT INTO "ACME"."MILLRACE"."MEMBERS__VIP" (k, entered_at, entered_run, left_at, left_run) SELECT DISTINCT m.k, CAST('2026-03-01T06:00:00.000+00:00' AS TIMESTAMP_TZ), 'r_20260301_060000_ab12', CAST(NULL AS TIMESTAMP_TZ(6)), CAST(NULL AS VARCHAR) FROM (
    SELECT k FROM "ACME"."SHOP"."VIP_KEYS"
    ) m WHERE m.k IS NOT NULL AND m.k NOT IN (SELECT k FROM "ACME"."MILLRACE"."MEMBERS__VIP" WHERE left_at IS NULL);
    COMMIT;
  `);
});

test("who comes and who goes", async () => {
  const said = await sideBySide((at) => membersDelta(at.dialect, currentMembersQuery(history(at)), members(at)));
  expect(said.duckdb).toMatchInlineSnapshot(`
    SELECT COUNT(CASE WHEN p.k IS NOT NULL THEN 1 END) AS before_count, COUNT(CASE WHEN m.k IS NOT NULL THEN 1 END) AS now_count, COUNT(CASE WHEN p.k IS NULL THEN 1 END) AS enter_count, COUNT(CASE WHEN m.k IS NULL THEN 1 END) AS leave_count FROM (SELECT DISTINCT k FROM (
    SELECT k FROM "acme"."millrace"."members__vip" WHERE left_at IS NULL
    ) d WHERE k IS NOT NULL) p FULL OUTER JOIN (SELECT DISTINCT k FROM (
    SELECT k FROM "acme"."shop"."vip_keys"
    ) d WHERE k IS NOT NULL) m ON p.k = m.k
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    SELECT COUNT(CASE WHEN p.k IS NOT NULL THEN 1 END) AS before_count, COUNT(CASE WHEN m.k IS NOT NULL THEN 1 END) AS now_count, COUNT(CASE WHEN p.k IS NULL THEN 1 END) AS enter_count, COUNT(CASE WHEN m.k IS NULL THEN 1 END) AS leave_count FROM (SELECT DISTINCT k FROM (
    SELECT k FROM \`acme\`.\`millrace\`.\`members__vip\` WHERE left_at IS NULL
    ) d WHERE k IS NOT NULL) p FULL OUTER JOIN (SELECT DISTINCT k FROM (
    SELECT k FROM \`acme\`.\`shop\`.\`vip_keys\`
    ) d WHERE k IS NOT NULL) m ON p.k = m.k
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    SELECT COUNT(CASE WHEN p.k IS NOT NULL THEN 1 END) AS before_count, COUNT(CASE WHEN m.k IS NOT NULL THEN 1 END) AS now_count, COUNT(CASE WHEN p.k IS NULL THEN 1 END) AS enter_count, COUNT(CASE WHEN m.k IS NULL THEN 1 END) AS leave_count FROM (SELECT DISTINCT k FROM (
    SELECT k FROM "ACME"."MILLRACE"."MEMBERS__VIP" WHERE left_at IS NULL
    ) d WHERE k IS NOT NULL) p FULL OUTER JOIN (SELECT DISTINCT k FROM (
    SELECT k FROM "ACME"."SHOP"."VIP_KEYS"
    ) d WHERE k IS NOT NULL) m ON p.k = m.k
  `);
});

test("the stays of a person", async () => {
  const said = await sideBySide((at) => staysQuery(at.dialect, history(at), "O'Hara\\"));
  expect(said.duckdb).toMatchInlineSnapshot(
    `SELECT entered_at, entered_run, left_at, left_run FROM "acme"."millrace"."members__vip" WHERE k = 'O''Hara\\' ORDER BY entered_at`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `SELECT entered_at, entered_run, left_at, left_run FROM \`acme\`.\`millrace\`.\`members__vip\` WHERE k = 'O\\'Hara\\\\' ORDER BY entered_at`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `SELECT entered_at, entered_run, left_at, left_run FROM "ACME"."MILLRACE"."MEMBERS__VIP" WHERE k = 'O''Hara\\\\' ORDER BY entered_at`,
  );
});
