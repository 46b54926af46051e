/** What earlier runs were told of a plan's keys, and identifiers in doubt, as they are brought to the desk. */
import { expect, test } from "vitest";
import { recall, rememberDoubts } from "../../src/engine/prepare.ts";
import { type Place, sideBySide } from "./recorded.ts";

/** The way to the desk, which says what it brings and brings nothing. */
const carried = ({ ferry }: Place, brought: string[]): Place["ferry"] => ({
  ...ferry,
  bring: async (_, query) => void brought.push(`${query};`),
});

test("refusals", async () => {
  const said = await sideBySide(async (at) => {
    const brought: string[] = [];
    await recall(carried(at, brought), at.ledger, "vip");
    return brought.join("\n");
  });
  expect(said.duckdb).toMatchInlineSnapshot(`SELECT * FROM "acme"."millrace"."rejections__vip";`);
  expect(said.bigquery).toMatchInlineSnapshot(`SELECT * FROM \`acme\`.\`millrace\`.\`rejections__vip\`;`);
  expect(said.snowflake).toMatchInlineSnapshot(`SELECT * FROM "ACME"."MILLRACE"."REJECTIONS__VIP";`);
});

test("identifiers in doubt", async () => {
  const said = await sideBySide(async (at) => {
    const brought: string[] = [];
    await rememberDoubts(carried(at, brought), at.ledger, "vip");
    return brought.join("\n");
  });
  expect(said.duckdb).toMatchInlineSnapshot(
    `SELECT kind, "value", max(doubt_at) AS doubt_at FROM (SELECT doubt_at, u.kind AS kind, u."value" AS "value" FROM (SELECT doubt_at, unnest(ids) AS u FROM "acme"."millrace"."sent__vip" WHERE doubt_at IS NOT NULL)) u GROUP BY kind, "value";`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `SELECT kind, \`value\`, max(doubt_at) AS doubt_at FROM (SELECT doubt_at, JSON_VALUE(u, '$.kind') AS kind, JSON_VALUE(u, '$.value') AS \`value\` FROM (SELECT doubt_at, ids FROM \`acme\`.\`millrace\`.\`sent__vip\` WHERE doubt_at IS NOT NULL) CROSS JOIN UNNEST(JSON_QUERY_ARRAY(ids)) AS u) u GROUP BY kind, \`value\`;`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `SELECT kind, "VALUE", max(doubt_at) AS doubt_at FROM (SELECT t.doubt_at, CAST(u.value:kind AS VARCHAR) AS kind, CAST(u.value:value AS VARCHAR) AS "VALUE" FROM (SELECT ids, doubt_at FROM "ACME"."MILLRACE"."SENT__VIP" WHERE doubt_at IS NOT NULL) t, LATERAL FLATTEN(INPUT => PARSE_JSON(t.ids)) u) u GROUP BY kind, "VALUE";`,
  );
});
