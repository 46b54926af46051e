/** The transaction that settles a plain plan of which every row was accepted. */
import { expect, test } from "vitest";
import { planTable } from "../../src/engine/diff.ts";
import { settleAccepted } from "../../src/engine/settle-accepted.ts";
import type { SettleOptions } from "../../src/engine/settle.ts";
import { fileVerdicts } from "../../src/engine/verdicts.ts";
import { openDesk } from "./desk.ts";
import { deskTarget, type Each, placeOf } from "./recorded.ts";
import { fence, now, plan, runId, tag, vip } from "./vip.ts";

const shape = (() => {
  const of = vip("mirror");
  const object = { ...of.object, identify: "key" as const, passThrough: true };
  return { ...of, identifiers: [], object };
})();
const seqs = [281_474_976_710_657, 844_424_930_131_970];

/** `standing`: the warehouse still has the plan that it made. */
async function settled(name: keyof Each<string>, standing: boolean): Promise<string> {
  const desk = await openDesk(shape);
  try {
    const said: string[] = [];
    const { ferry, ledger } = placeOf(name, said, desk);
    await fileVerdicts(
      desk,
      deskTarget,
      "vip",
      seqs.map((a, at) => ({ t: "v", b: `b${at}`, p: at, a, z: a, s: "accepted", at: now })),
    );
    if (standing && ferry.apart) ferry.standing.put(planTable(deskTarget, "vip"), ferry.scratch("plan__vip"));
    const source = { warehouse: desk, target: deskTarget, id: "vip", shape, m: 2, tag, full: false };
    const options = { ferry, source, ledger, plan, runId, fence, now } as unknown as SettleOptions;
    const counts = await settleAccepted(options);
    expect(counts?.accepted).toEqual({ add: 1, update: 0, remove: 1 });
    return said.join("\n");
  } finally {
    await desk.close();
  }
}

test("out of rows that travel back", async () => {
  expect(await settled("duckdb", false)).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN error('the ledger was taken over by another run') END
    FROM "acme"."millrace"."state__vip" WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    DELETE FROM "acme"."millrace"."sent__vip" WHERE k IN (SELECT k FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "memory"."main"."plan__vip" WHERE n >= 1 AND n < 1000001));
    INSERT INTO "acme"."millrace"."sent__vip" SELECT k, h, h_fast, CASE WHEN h_fast IS NULL THEN NULL ELSE 4242 END, 2,
      [{'kind': 'key', 'value': k, 'version': 1}], 'ok', NULL, b_remote_id, NULL, NULL, 'r_20260301_060000_ab12', 1772344800000
    FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "memory"."main"."plan__vip" WHERE n >= 1 AND n < 1000001) WHERE op <> 3;
    DELETE FROM "acme"."millrace"."changes" WHERE plan = '4be1d20aa7' AND sync = 'vip' AND seq IN (SELECT seq FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "memory"."main"."plan__vip" WHERE n >= 1 AND n < 1000001));
    INSERT INTO "acme"."millrace"."changes" SELECT 'r_20260301_060000_ab12', '4be1d20aa7', 'vip', k, seq, 0, CASE op WHEN 1 THEN 'add' WHEN 2 THEN 'update' ELSE 'remove' END, 'accepted', NULL, NULL, 1772344800000 FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "memory"."main"."plan__vip" WHERE n >= 1 AND n < 1000001);
    COMMIT;
  `);
  expect(await settled("bigquery", false)).toMatchInlineSnapshot(`
    CREATE OR REPLACE TABLE \`acme\`.\`millrace_scratch\`.\`lent__1\` (part INT64, cells STRING) OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR));
    -- rows for \`acme\`.\`millrace_scratch\`.\`lent__1\`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN ERROR('the ledger was taken over by another run') END
    FROM \`acme\`.\`millrace\`.\`state__vip\` WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    DELETE FROM \`acme\`.\`millrace\`.\`sent__vip\` WHERE k IN (SELECT k FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS INT64) AS \`seq\`, CAST(JSON_VALUE(cells, '$[2]') AS INT64) AS \`op\`, CAST(JSON_VALUE(cells, '$[3]') AS INT64) AS \`h\`, CAST(JSON_VALUE(cells, '$[4]') AS INT64) AS \`h_fast\`, CAST(JSON_VALUE(cells, '$[5]') AS STRING) AS \`b_remote_id\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 0));
    INSERT INTO \`acme\`.\`millrace\`.\`sent__vip\` SELECT k, h, h_fast, CASE WHEN h_fast IS NULL THEN NULL ELSE 4242 END, 2,
      CONCAT('[{"kind":"key","value":', TO_JSON_STRING(k), ',"version":1}]'), 'ok', NULL, b_remote_id, NULL, NULL, 'r_20260301_060000_ab12', 1772344800000
    FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS INT64) AS \`seq\`, CAST(JSON_VALUE(cells, '$[2]') AS INT64) AS \`op\`, CAST(JSON_VALUE(cells, '$[3]') AS INT64) AS \`h\`, CAST(JSON_VALUE(cells, '$[4]') AS INT64) AS \`h_fast\`, CAST(JSON_VALUE(cells, '$[5]') AS STRING) AS \`b_remote_id\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 0) WHERE op <> 3;
    DELETE FROM \`acme\`.\`millrace\`.\`changes\` WHERE plan = '4be1d20aa7' AND sync = 'vip' AND seq IN (SELECT seq FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS INT64) AS \`seq\`, CAST(JSON_VALUE(cells, '$[2]') AS INT64) AS \`op\`, CAST(JSON_VALUE(cells, '$[3]') AS INT64) AS \`h\`, CAST(JSON_VALUE(cells, '$[4]') AS INT64) AS \`h_fast\`, CAST(JSON_VALUE(cells, '$[5]') AS STRING) AS \`b_remote_id\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 0));
    INSERT INTO \`acme\`.\`millrace\`.\`changes\` SELECT 'r_20260301_060000_ab12', '4be1d20aa7', 'vip', k, seq, 0, CASE op WHEN 1 THEN 'add' WHEN 2 THEN 'update' ELSE 'remove' END, 'accepted', NULL, NULL, 1772344800000 FROM (SELECT CAST(JSON_VALUE(cells, '$[0]') AS STRING) AS \`k\`, CAST(JSON_VALUE(cells, '$[1]') AS INT64) AS \`seq\`, CAST(JSON_VALUE(cells, '$[2]') AS INT64) AS \`op\`, CAST(JSON_VALUE(cells, '$[3]') AS INT64) AS \`h\`, CAST(JSON_VALUE(cells, '$[4]') AS INT64) AS \`h_fast\`, CAST(JSON_VALUE(cells, '$[5]') AS STRING) AS \`b_remote_id\` FROM \`acme\`.\`millrace_scratch\`.\`lent__1\` WHERE part = 0);
    COMMIT;
  `);
  expect(await settled("snowflake", false)).toMatchInlineSnapshot(`
    CREATE OR REPLACE TRANSIENT TABLE "ACME"."MILLRACE_SCRATCH"."LENT__1" (part NUMBER(37,0), cells VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 0;
    -- rows for "ACME"."MILLRACE_SCRATCH"."LENT__1"
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN CAST(CAST('the ledger was taken over by another run' AS NUMBER(38,0)) AS VARCHAR) END
    FROM "ACME"."MILLRACE"."STATE__VIP" WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    DELETE FROM "ACME"."MILLRACE"."SENT__VIP" WHERE k IN (SELECT k FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS NUMBER(37,0)) AS "SEQ", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS NUMBER(37,0)) AS "OP", CAST(CAST(PARSE_JSON(cells)[3] AS VARCHAR) AS NUMBER(37,0)) AS "H", CAST(CAST(PARSE_JSON(cells)[4] AS VARCHAR) AS NUMBER(37,0)) AS "H_FAST", CAST(CAST(PARSE_JSON(cells)[5] AS VARCHAR) AS VARCHAR) AS "B_REMOTE_ID" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 0));
    INSERT INTO "ACME"."MILLRACE"."SENT__VIP" SELECT k, h, h_fast, CASE WHEN h_fast IS NULL THEN NULL ELSE 4242 END, 2,
      '[{"kind":"key","value":' || TO_JSON(TO_VARIANT(k)) || ',"version":1}]', 'ok', NULL, b_remote_id, NULL, NULL, 'r_20260301_060000_ab12', 1772344800000
    FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS NUMBER(37,0)) AS "SEQ", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS NUMBER(37,0)) AS "OP", CAST(CAST(PARSE_JSON(cells)[3] AS VARCHAR) AS NUMBER(37,0)) AS "H", CAST(CAST(PARSE_JSON(cells)[4] AS VARCHAR) AS NUMBER(37,0)) AS "H_FAST", CAST(CAST(PARSE_JSON(cells)[5] AS VARCHAR) AS VARCHAR) AS "B_REMOTE_ID" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 0) WHERE op <> 3;
    DELETE FROM "ACME"."MILLRACE"."CHANGES" WHERE plan = '4be1d20aa7' AND sync = 'vip' AND seq IN (SELECT seq FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS NUMBER(37,0)) AS "SEQ", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS NUMBER(37,0)) AS "OP", CAST(CAST(PARSE_JSON(cells)[3] AS VARCHAR) AS NUMBER(37,0)) AS "H", CAST(CAST(PARSE_JSON(cells)[4] AS VARCHAR) AS NUMBER(37,0)) AS "H_FAST", CAST(CAST(PARSE_JSON(cells)[5] AS VARCHAR) AS VARCHAR) AS "B_REMOTE_ID" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 0));
    INSERT INTO "ACME"."MILLRACE"."CHANGES" SELECT 'r_20260301_060000_ab12', '4be1d20aa7', 'vip', k, seq, 0, CASE op WHEN 1 THEN 'add' WHEN 2 THEN 'update' ELSE 'remove' END, 'accepted', NULL, NULL, 1772344800000 FROM (SELECT CAST(CAST(PARSE_JSON(cells)[0] AS VARCHAR) AS VARCHAR) AS "K", CAST(CAST(PARSE_JSON(cells)[1] AS VARCHAR) AS NUMBER(37,0)) AS "SEQ", CAST(CAST(PARSE_JSON(cells)[2] AS VARCHAR) AS NUMBER(37,0)) AS "OP", CAST(CAST(PARSE_JSON(cells)[3] AS VARCHAR) AS NUMBER(37,0)) AS "H", CAST(CAST(PARSE_JSON(cells)[4] AS VARCHAR) AS NUMBER(37,0)) AS "H_FAST", CAST(CAST(PARSE_JSON(cells)[5] AS VARCHAR) AS VARCHAR) AS "B_REMOTE_ID" FROM "ACME"."MILLRACE_SCRATCH"."LENT__1" WHERE part = 0);
    COMMIT;
  `);
});

test("out of the plan that the warehouse still has", async () => {
  // In a file nothing stands apart.
  expect(await settled("duckdb", true)).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN error('the ledger was taken over by another run') END
    FROM "acme"."millrace"."state__vip" WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    DELETE FROM "acme"."millrace"."sent__vip" WHERE k IN (SELECT k FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "memory"."main"."plan__vip" WHERE n >= 1 AND n < 1000001));
    INSERT INTO "acme"."millrace"."sent__vip" SELECT k, h, h_fast, CASE WHEN h_fast IS NULL THEN NULL ELSE 4242 END, 2,
      [{'kind': 'key', 'value': k, 'version': 1}], 'ok', NULL, b_remote_id, NULL, NULL, 'r_20260301_060000_ab12', 1772344800000
    FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "memory"."main"."plan__vip" WHERE n >= 1 AND n < 1000001) WHERE op <> 3;
    DELETE FROM "acme"."millrace"."changes" WHERE plan = '4be1d20aa7' AND sync = 'vip' AND seq IN (SELECT seq FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "memory"."main"."plan__vip" WHERE n >= 1 AND n < 1000001));
    INSERT INTO "acme"."millrace"."changes" SELECT 'r_20260301_060000_ab12', '4be1d20aa7', 'vip', k, seq, 0, CASE op WHEN 1 THEN 'add' WHEN 2 THEN 'update' ELSE 'remove' END, 'accepted', NULL, NULL, 1772344800000 FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "memory"."main"."plan__vip" WHERE n >= 1 AND n < 1000001);
    COMMIT;
  `);
  expect(await settled("bigquery", true)).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN ERROR('the ledger was taken over by another run') END
    FROM \`acme\`.\`millrace\`.\`state__vip\` WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    DELETE FROM \`acme\`.\`millrace\`.\`sent__vip\` WHERE k IN (SELECT k FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM \`acme\`.\`millrace_scratch\`.\`plan__vip\` WHERE n >= 1 AND n < 1000001));
    INSERT INTO \`acme\`.\`millrace\`.\`sent__vip\` SELECT k, h, h_fast, CASE WHEN h_fast IS NULL THEN NULL ELSE 4242 END, 2,
      CONCAT('[{"kind":"key","value":', TO_JSON_STRING(k), ',"version":1}]'), 'ok', NULL, b_remote_id, NULL, NULL, 'r_20260301_060000_ab12', 1772344800000
    FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM \`acme\`.\`millrace_scratch\`.\`plan__vip\` WHERE n >= 1 AND n < 1000001) WHERE op <> 3;
    DELETE FROM \`acme\`.\`millrace\`.\`changes\` WHERE plan = '4be1d20aa7' AND sync = 'vip' AND seq IN (SELECT seq FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM \`acme\`.\`millrace_scratch\`.\`plan__vip\` WHERE n >= 1 AND n < 1000001));
    INSERT INTO \`acme\`.\`millrace\`.\`changes\` SELECT 'r_20260301_060000_ab12', '4be1d20aa7', 'vip', k, seq, 0, CASE op WHEN 1 THEN 'add' WHEN 2 THEN 'update' ELSE 'remove' END, 'accepted', NULL, NULL, 1772344800000 FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM \`acme\`.\`millrace_scratch\`.\`plan__vip\` WHERE n >= 1 AND n < 1000001);
    COMMIT;
  `);
  expect(await settled("snowflake", true)).toMatchInlineSnapshot(`
    BEGIN;
    SELECT CASE WHEN count(*) = 0 THEN CAST(CAST('the ledger was taken over by another run' AS NUMBER(38,0)) AS VARCHAR) END
    FROM "ACME"."MILLRACE"."STATE__VIP" WHERE fence <= 7 AND open_plan = '4be1d20aa7';
    DELETE FROM "ACME"."MILLRACE"."SENT__VIP" WHERE k IN (SELECT k FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "ACME"."MILLRACE_SCRATCH"."PLAN__VIP" WHERE n >= 1 AND n < 1000001));
    INSERT INTO "ACME"."MILLRACE"."SENT__VIP" SELECT k, h, h_fast, CASE WHEN h_fast IS NULL THEN NULL ELSE 4242 END, 2,
      '[{"kind":"key","value":' || TO_JSON(TO_VARIANT(k)) || ',"version":1}]', 'ok', NULL, b_remote_id, NULL, NULL, 'r_20260301_060000_ab12', 1772344800000
    FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "ACME"."MILLRACE_SCRATCH"."PLAN__VIP" WHERE n >= 1 AND n < 1000001) WHERE op <> 3;
    DELETE FROM "ACME"."MILLRACE"."CHANGES" WHERE plan = '4be1d20aa7' AND sync = 'vip' AND seq IN (SELECT seq FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "ACME"."MILLRACE_SCRATCH"."PLAN__VIP" WHERE n >= 1 AND n < 1000001));
    INSERT INTO "ACME"."MILLRACE"."CHANGES" SELECT 'r_20260301_060000_ab12', '4be1d20aa7', 'vip', k, seq, 0, CASE op WHEN 1 THEN 'add' WHEN 2 THEN 'update' ELSE 'remove' END, 'accepted', NULL, NULL, 1772344800000 FROM (SELECT k, seq, op, h, h_fast, b_remote_id FROM "ACME"."MILLRACE_SCRATCH"."PLAN__VIP" WHERE n >= 1 AND n < 1000001);
    COMMIT;
  `);
});
