/** The plan of a sync out of the table of its delta, in the file that both stand in. */
import { expect, test } from "vitest";
import { planQuery } from "../../src/engine/diff.ts";
import { sideBySide } from "./recorded.ts";
import { diffOf, vip } from "./vip.ts";

const inOne = "NOT_SUPPORTED: a statement costs a wait, so the plan is made by one (plan-whole.test.ts)";

test("the rows of a plan, beside the ledger as it is now", async () => {
  const said = await sideBySide((at) => (at.ferry.apart ? inOne : planQuery(diffOf(at, vip("mirror")))));
  expect(said.duckdb).toMatchInlineSnapshot(`
    SELECT (CAST(p.op AS UBIGINT) << 48) + p.n AS seq, p.*, b.h AS b_h, b.h_fast AS b_h_fast, b.h_tag AS b_h_tag, b.m AS b_m,
      CAST(to_json(b.ids) AS VARCHAR) AS b_ids, b.state AS b_state, b.doubt_at AS b_doubt_at, b.remote_id AS b_remote_id,
      b.idem AS b_idem, b.fields AS b_fields, b.run_id AS b_run_id, b.sent_at AS b_sent_at
    FROM (SELECT CAST(row_number() OVER () AS UBIGINT) AS n, * FROM "memory"."main"."delta__vip") p
    LEFT JOIN "acme"."millrace"."sent__vip" b ON b.k = p.k
  `);
  expect(said.bigquery).toMatchInlineSnapshot(
    `NOT_SUPPORTED: a statement costs a wait, so the plan is made by one (plan-whole.test.ts)`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `NOT_SUPPORTED: a statement costs a wait, so the plan is made by one (plan-whole.test.ts)`,
  );
});
