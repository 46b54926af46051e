/** A plan of a sync that sent nothing yet: its ledger is a relation without rows. */
import { expect, test } from "vitest";
import { rejectionsTable, sentTable } from "../../src/ledger/tables.ts";
import { sideBySide } from "./recorded.ts";

test("rows of a ledger that is not there", async () => {
  const said = await sideBySide((at) => sentTable({ ...at.ledger, empty: true }, "vip"));
  expect(said.duckdb).toMatchInlineSnapshot(
    `(SELECT CAST(NULL AS VARCHAR) AS "k", CAST(NULL AS UBIGINT) AS "h", CAST(NULL AS UBIGINT) AS "h_fast", CAST(NULL AS UINTEGER) AS "h_tag", CAST(NULL AS BIGINT) AS "m", CAST(NULL AS STRUCT(kind VARCHAR, "value" VARCHAR, version INTEGER)[]) AS "ids", CAST(NULL AS VARCHAR) AS "state", CAST(NULL AS BIGINT) AS "doubt_at", CAST(NULL AS VARCHAR) AS "remote_id", CAST(NULL AS VARCHAR) AS "idem", CAST(NULL AS VARCHAR) AS "fields", CAST(NULL AS VARCHAR) AS "run_id", CAST(NULL AS BIGINT) AS "sent_at" FROM (SELECT 1) z WHERE 1 = 0)`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `(SELECT CAST(NULL AS STRING) AS \`k\`, CAST(NULL AS INT64) AS \`h\`, CAST(NULL AS INT64) AS \`h_fast\`, CAST(NULL AS INT64) AS \`h_tag\`, CAST(NULL AS INT64) AS \`m\`, CAST(NULL AS STRING) AS \`ids\`, CAST(NULL AS STRING) AS \`state\`, CAST(NULL AS INT64) AS \`doubt_at\`, CAST(NULL AS STRING) AS \`remote_id\`, CAST(NULL AS STRING) AS \`idem\`, CAST(NULL AS STRING) AS \`fields\`, CAST(NULL AS STRING) AS \`run_id\`, CAST(NULL AS INT64) AS \`sent_at\` FROM (SELECT 1) z WHERE 1 = 0)`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `(SELECT CAST(NULL AS VARCHAR) AS "K", CAST(NULL AS NUMBER(20,0)) AS "H", CAST(NULL AS NUMBER(20,0)) AS "H_FAST", CAST(NULL AS NUMBER(20,0)) AS "H_TAG", CAST(NULL AS NUMBER(38,0)) AS "M", CAST(NULL AS VARCHAR) AS "IDS", CAST(NULL AS VARCHAR) AS "STATE", CAST(NULL AS NUMBER(38,0)) AS "DOUBT_AT", CAST(NULL AS VARCHAR) AS "REMOTE_ID", CAST(NULL AS VARCHAR) AS "IDEM", CAST(NULL AS VARCHAR) AS "FIELDS", CAST(NULL AS VARCHAR) AS "RUN_ID", CAST(NULL AS NUMBER(38,0)) AS "SENT_AT" FROM (SELECT 1) z WHERE 1 = 0)`,
  );
});

test("rejections of a ledger that is not there", async () => {
  const said = await sideBySide((at) => rejectionsTable({ ...at.ledger, empty: true }, "vip"));
  expect(said.duckdb).toMatchInlineSnapshot(
    `(SELECT CAST(NULL AS VARCHAR) AS "k", CAST(NULL AS VARCHAR) AS "op", CAST(NULL AS VARCHAR) AS "kind", CAST(NULL AS VARCHAR) AS "value", CAST(NULL AS UBIGINT) AS "h", CAST(NULL AS VARCHAR) AS "code", CAST(NULL AS VARCHAR) AS "message", CAST(NULL AS BIGINT) AS "attempts", CAST(NULL AS BIGINT) AS "first_at", CAST(NULL AS BIGINT) AS "last_at", CAST(NULL AS BIGINT) AS "next_after", CAST(NULL AS BOOLEAN) AS "dead" FROM (SELECT 1) z WHERE 1 = 0)`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `(SELECT CAST(NULL AS STRING) AS \`k\`, CAST(NULL AS STRING) AS \`op\`, CAST(NULL AS STRING) AS \`kind\`, CAST(NULL AS STRING) AS \`value\`, CAST(NULL AS INT64) AS \`h\`, CAST(NULL AS STRING) AS \`code\`, CAST(NULL AS STRING) AS \`message\`, CAST(NULL AS INT64) AS \`attempts\`, CAST(NULL AS INT64) AS \`first_at\`, CAST(NULL AS INT64) AS \`last_at\`, CAST(NULL AS INT64) AS \`next_after\`, CAST(NULL AS BOOL) AS \`dead\` FROM (SELECT 1) z WHERE 1 = 0)`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `(SELECT CAST(NULL AS VARCHAR) AS "K", CAST(NULL AS VARCHAR) AS "OP", CAST(NULL AS VARCHAR) AS "KIND", CAST(NULL AS VARCHAR) AS "VALUE", CAST(NULL AS NUMBER(20,0)) AS "H", CAST(NULL AS VARCHAR) AS "CODE", CAST(NULL AS VARCHAR) AS "MESSAGE", CAST(NULL AS NUMBER(38,0)) AS "ATTEMPTS", CAST(NULL AS NUMBER(38,0)) AS "FIRST_AT", CAST(NULL AS NUMBER(38,0)) AS "LAST_AT", CAST(NULL AS NUMBER(38,0)) AS "NEXT_AFTER", CAST(NULL AS BOOLEAN) AS "DEAD" FROM (SELECT 1) z WHERE 1 = 0)`,
  );
});
