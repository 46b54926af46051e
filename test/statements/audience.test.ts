/** The members of an audience whose rule has a good dozen operators. */
import { expect, test } from "vitest";
import { audienceRows } from "../../src/audience/rows.ts";
import type { Rule } from "../../src/project/schema/rule.ts";
import type { ColumnFamily } from "../../src/warehouse/warehouse.ts";
import { columns } from "../audience/dialect-cases.ts";
import { contextOf } from "../audience/world.ts";
import { sideBySide } from "./recorded.ts";

const where: Rule = {
  all: [
    { field: "country", in: ["FR", "BE"] },
    { field: "email", is_not_null: true },
    { field: "email", contains: "@example." },
    { not: { field: "email", contains: "+test" } },
    { field: "name", starts_with: "O'H\\" },
    { field: "spent", gte: 99.5 },
    { field: "visits", between: [2, 50] },
    { field: "score", gt: 0.1 },
    { field: "subscribed", is: true },
    { field: "since", before: { ago: "1mo" } },
    { field: "seen_at", within_last: "30d" },
    { field: "tags", contains: "gold" },
    { any: [{ field: "city", is_not: "Paris" }, { not: { field: "visits", lt: 3 } }] },
  ],
};
const families: Readonly<Record<string, ColumnFamily>> = {
  id: "integer",
  country: "text",
  email: "text",
  name: "text",
  city: "text",
  spent: "decimal",
  visits: "integer",
  score: "float",
  subscribed: "boolean",
  since: "date",
  seen_at: "timestamptz",
  tags: "list",
};

test("a rule of thirteen operators", async () => {
  const said = await sideBySide(({ dialect, shop }) => {
    const spec = {
      timezone: "Europe/Paris",
      asOf: "2026-03-29T12:00:00.000Z",
      models: { people: { sql: "", key: ["id"] } },
      audiences: { vip: { model: "people", where } },
    };
    const described = Object.entries(families).map(([name, family]) => ({
      name,
      family,
      type: columns[family][dialect.name],
    }));
    const context = contextOf(spec, dialect, new Map([["people", described]]), (name) => `SELECT * FROM ${shop(name)}`);
    return audienceRows(context, "vip");
  });
  expect(said.duckdb).toMatchInlineSnapshot(`
    SELECT m1."id", m1."country", m1."email", m1."name", m1."city", m1."spent", m1."visits", m1."score", m1."subscribed", m1."since", m1."seen_at", m1."tags" FROM (
    SELECT * FROM "acme"."shop"."people"
    ) m1 WHERE (COALESCE(m1."country" IN ('FR', 'BE'), FALSE) AND COALESCE(m1."email" IS NOT NULL, FALSE) AND COALESCE(STRPOS(m1."email", '@example.') > 0, FALSE) AND (NOT COALESCE(STRPOS(m1."email", '+test') > 0, FALSE)) AND COALESCE(STARTS_WITH(m1."name", 'O''H\\'), FALSE) AND COALESCE(m1."spent" >= 99.5, FALSE) AND COALESCE((m1."visits" >= 2 AND m1."visits" <= 50), FALSE) AND COALESCE(CAST(m1."score" AS DOUBLE) > CAST('0.1' AS DOUBLE), FALSE) AND COALESCE(m1."subscribed" = TRUE, FALSE) AND COALESCE(m1."since" < CAST('2026-03-01' AS DATE), FALSE) AND COALESCE((m1."seen_at" >= TIMESTAMPTZ '2026-02-27 12:00:00.000+00' AND m1."seen_at" <= TIMESTAMPTZ '2026-03-29 12:00:00.000+00'), FALSE) AND COALESCE(LIST_CONTAINS(m1."tags", 'gold'), FALSE) AND (COALESCE(m1."city" <> 'Paris', FALSE) OR (NOT COALESCE(m1."visits" < 3, FALSE))))
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    SELECT m1.\`id\`, m1.\`country\`, m1.\`email\`, m1.\`name\`, m1.\`city\`, m1.\`spent\`, m1.\`visits\`, m1.\`score\`, m1.\`subscribed\`, m1.\`since\`, m1.\`seen_at\`, m1.\`tags\` FROM (
    SELECT * FROM \`acme\`.\`shop\`.\`people\`
    ) m1 WHERE (COALESCE(m1.\`country\` IN ('FR', 'BE'), FALSE) AND COALESCE(m1.\`email\` IS NOT NULL, FALSE) AND COALESCE(STRPOS(m1.\`email\`, '@example.') > 0, FALSE) AND (NOT COALESCE(STRPOS(m1.\`email\`, '+test') > 0, FALSE)) AND COALESCE(STARTS_WITH(m1.\`name\`, 'O\\'H\\\\'), FALSE) AND COALESCE(m1.\`spent\` >= NUMERIC '99.5', FALSE) AND COALESCE((m1.\`visits\` >= 2 AND m1.\`visits\` <= 50), FALSE) AND COALESCE((NOT m1.\`score\` <= CAST('0.1' AS FLOAT64)), FALSE) AND COALESCE(m1.\`subscribed\` = TRUE, FALSE) AND COALESCE(m1.\`since\` < CAST('2026-03-01' AS DATE), FALSE) AND COALESCE((m1.\`seen_at\` >= TIMESTAMP '2026-02-27 12:00:00.000+00:00' AND m1.\`seen_at\` <= TIMESTAMP '2026-03-29 12:00:00.000+00:00'), FALSE) AND COALESCE(IF(m1.\`tags\` IS NULL, NULL, EXISTS (SELECT 1 FROM UNNEST(m1.\`tags\`) AS e WHERE e = 'gold')), FALSE) AND (COALESCE(m1.\`city\` <> 'Paris', FALSE) OR (NOT COALESCE(m1.\`visits\` < 3, FALSE))))
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    SELECT m1."ID", m1."COUNTRY", m1."EMAIL", m1."NAME", m1."CITY", m1."SPENT", m1."VISITS", m1."SCORE", m1."SUBSCRIBED", m1."SINCE", m1."SEEN_AT", m1."TAGS" FROM (
    SELECT * FROM "ACME"."SHOP"."PEOPLE"
    ) m1 WHERE (COALESCE(m1."COUNTRY" IN ('FR', 'BE'), FALSE) AND COALESCE(m1."EMAIL" IS NOT NULL, FALSE) AND COALESCE(CONTAINS(m1."EMAIL", '@example.'), FALSE) AND (NOT COALESCE(CONTAINS(m1."EMAIL", '+test'), FALSE)) AND COALESCE(STARTSWITH(m1."NAME", 'O''H\\\\'), FALSE) AND COALESCE(m1."SPENT" >= 99.5, FALSE) AND COALESCE((m1."VISITS" >= 2 AND m1."VISITS" <= 50), FALSE) AND COALESCE(m1."SCORE" > CAST('0.1' AS FLOAT), FALSE) AND COALESCE(m1."SUBSCRIBED" = TRUE, FALSE) AND COALESCE(m1."SINCE" < CAST('2026-03-01' AS DATE), FALSE) AND COALESCE((m1."SEEN_AT" >= CAST('2026-02-27T12:00:00.000+00:00' AS TIMESTAMP_TZ) AND m1."SEEN_AT" <= CAST('2026-03-29T12:00:00.000+00:00' AS TIMESTAMP_TZ)), FALSE) AND COALESCE(ARRAY_CONTAINS(TO_VARIANT('gold'), m1."TAGS"), FALSE) AND (COALESCE(m1."CITY" <> 'Paris', FALSE) OR (NOT COALESCE(m1."VISITS" < 3, FALSE))))
  `);
});
