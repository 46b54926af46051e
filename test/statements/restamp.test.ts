/** Fast prints of another engine, found and rewritten. */
import { expect, test } from "vitest";
import { collectStale, restampStatement } from "../../src/engine/restamp.ts";
import { sideBySide } from "./recorded.ts";
import { diffOf, tag, vip } from "./vip.ts";

const none = "NOT_SUPPORTED: the dialect has no fast print, so no print is of another engine";

test("unchanged rows under a tag that is not today's", async () => {
  const said = await sideBySide(async (at) => {
    const brought: string[] = [];
    const { warehouse } = at;
    const ferry = {
      ...at.ferry,
      bring: async (table: string, query: string) => void brought.push(`${table} AS ${query}`),
    };
    await collectStale({ ...ferry, warehouse }, diffOf(at, vip("mirror")));
    return brought.join("\n") || none;
  });
  expect(said.duckdb).toMatchInlineSnapshot(
    `"memory"."main"."restamp__vip" AS SELECT s.k, s.h, d.h_fast FROM (SELECT CAST("id" AS VARCHAR) AS k, hash('0123456789abcdef', "email", "phone", "country", "name", "since", "spent") AS h_fast, "id", "email", "phone", "country", "name", "since", "spent" FROM "acme"."shop"."customers") d JOIN (SELECT k, h FROM "acme"."millrace"."sent__vip" WHERE state IN ('ok', 'assumed') AND h IS NOT NULL AND h_tag IS DISTINCT FROM 4242) s ON d.k = s.k WHERE s.h = CAST(md5_number(CAST(json_array('0123456789abcdef', CAST(d."email" AS VARCHAR), CAST(d."phone" AS VARCHAR), CAST(d."country" AS VARCHAR), CAST(d."name" AS VARCHAR), CAST(d."since" AS VARCHAR), CASE WHEN NOT suffix(CAST(d."spent" AS VARCHAR), '0') THEN CAST(d."spent" AS VARCHAR) WHEN contains(CAST(d."spent" AS VARCHAR), '.') THEN rtrim(rtrim(CAST(d."spent" AS VARCHAR), '0'), '.') ELSE CAST(d."spent" AS VARCHAR) END) AS VARCHAR)) >> 64 AS UBIGINT)`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `NOT_SUPPORTED: the dialect has no fast print, so no print is of another engine`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `NOT_SUPPORTED: the dialect has no fast print, so no print is of another engine`,
  );
});

test("they get today's fast print", async () => {
  const said = await sideBySide((at) =>
    at.dialect.fastPrint([]) === null ? none : restampStatement(at.ledger, "(SELECT * FROM stale)", "vip", tag),
  );
  expect(said.duckdb).toMatchInlineSnapshot(
    `UPDATE "acme"."millrace"."sent__vip" AS t SET h_fast = r.h_fast, h_tag = 4242 FROM (SELECT * FROM stale) r WHERE t.k = r.k AND t.h = r.h AND t.h_tag IS DISTINCT FROM 4242 AND t.state IN ('ok', 'assumed')`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `NOT_SUPPORTED: the dialect has no fast print, so no print is of another engine`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `NOT_SUPPORTED: the dialect has no fast print, so no print is of another engine`,
  );
});
