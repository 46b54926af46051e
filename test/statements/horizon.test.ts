/** Events within their horizon, and those that the ledger may forget. */
import { expect, test } from "vitest";
import { forgetStatements, withinHorizon } from "../../src/engine/horizon.ts";
import { sideBySide } from "./recorded.ts";
import { now, vip } from "./vip.ts";

const shape = vip("append");

test("what may be sent", async () => {
  const said = await sideBySide((at) => {
    const wide = { ...shape, families: new Map([...shape.families, ["since", "timestamptz" as const]]) };
    return withinHorizon(at.dialect, wide, at.shop("customers"), { asOf: now, now }).relation;
  });
  expect(said.duckdb).toMatchInlineSnapshot(
    `(SELECT * FROM "acme"."shop"."customers" WHERE coalesce("since" >= TIMESTAMPTZ '2026-02-19 06:00:00.000+00' AND "since" <= TIMESTAMPTZ '2026-03-11 06:00:00.000+00', FALSE))`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `(SELECT * FROM \`acme\`.\`shop\`.\`customers\` WHERE coalesce(\`since\` >= TIMESTAMP '2026-02-19 06:00:00.000+00:00' AND \`since\` <= TIMESTAMP '2026-03-11 06:00:00.000+00:00', FALSE))`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `(SELECT * FROM "ACME"."SHOP"."CUSTOMERS" WHERE coalesce("SINCE" >= CAST('2026-02-19T06:00:00.000+00:00' AS TIMESTAMP_TZ) AND "SINCE" <= CAST('2026-03-11T06:00:00.000+00:00' AS TIMESTAMP_TZ), FALSE))`,
  );
});

test("what is late", async () => {
  const said = await sideBySide(
    (at) => withinHorizon(at.dialect, shape, at.shop("customers"), { asOf: now, now }).late?.query,
  );
  expect(said.duckdb).toMatchInlineSnapshot(
    `SELECT count(*) AS late FROM "acme"."shop"."customers" WHERE NOT coalesce(CAST("since" AS TIMESTAMPTZ) >= TIMESTAMPTZ '2026-02-19 06:00:00.000+00' AND CAST("since" AS TIMESTAMPTZ) <= TIMESTAMPTZ '2026-03-11 06:00:00.000+00', FALSE)`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `SELECT count(*) AS late FROM \`acme\`.\`shop\`.\`customers\` WHERE NOT coalesce(CAST(\`since\` AS TIMESTAMP) >= TIMESTAMP '2026-02-19 06:00:00.000+00:00' AND CAST(\`since\` AS TIMESTAMP) <= TIMESTAMP '2026-03-11 06:00:00.000+00:00', FALSE)`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `SELECT count(*) AS late FROM "ACME"."SHOP"."CUSTOMERS" WHERE NOT coalesce(CAST("SINCE" AS TIMESTAMP_TZ) >= CAST('2026-02-19T06:00:00.000+00:00' AS TIMESTAMP_TZ) AND CAST("SINCE" AS TIMESTAMP_TZ) <= CAST('2026-03-11T06:00:00.000+00:00' AS TIMESTAMP_TZ), FALSE)`,
  );
});

test("what is forgotten", async () => {
  const said = await sideBySide((at) => forgetStatements(at.ledger, "vip", shape.sync.spec, now).join("\n"));
  expect(said.duckdb).toMatchInlineSnapshot(
    `DELETE FROM "acme"."millrace"."sent__vip" WHERE state IN ('ok', 'assumed') AND sent_at < (SELECT least(max(sent_at), 1772344800000) FROM "acme"."millrace"."sent__vip" WHERE state IN ('ok', 'assumed')) - 1728000000`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `DELETE FROM \`acme\`.\`millrace\`.\`sent__vip\` WHERE state IN ('ok', 'assumed') AND sent_at < (SELECT least(max(sent_at), 1772344800000) FROM \`acme\`.\`millrace\`.\`sent__vip\` WHERE state IN ('ok', 'assumed')) - 1728000000`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `DELETE FROM "ACME"."MILLRACE"."SENT__VIP" WHERE state IN ('ok', 'assumed') AND sent_at < (SELECT least(max(sent_at), 1772344800000) FROM "ACME"."MILLRACE"."SENT__VIP" WHERE state IN ('ok', 'assumed')) - 1728000000`,
  );
});
