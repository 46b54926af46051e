/** The wanted rows without exact copies, one a key where the model says which to keep, and the keys that still have two. */
import { expect, test } from "vitest";
import { collapsed, duplicateKeys, wantedRelation } from "../../src/engine/keys.ts";
import type { Workspace } from "../../src/engine/workspace.ts";
import { sideBySide, type Place } from "./recorded.ts";
import { vip } from "./vip.ts";

const shape = (() => {
  const of = vip("mirror");
  return { ...of, sync: { ...of.sync, spec: { ...of.sync.spec, model: "customers" } } };
})();
const workspace = ({ warehouse }: Place): Workspace =>
  ({
    warehouse,
    person: (k: string) => k,
    project: {
      audiences: new Map(),
      models: new Map([
        [
          "customers",
          {
            name: "customers",
            at: () => undefined,
            spec: { primary_key: ["id"], on_duplicate_key: { keep: "first", order_by: "since desc" } },
          },
        ],
      ]),
    },
  }) as unknown as Workspace;

test("exact copies are one row", async () => {
  const said = await sideBySide((at) => collapsed(workspace(at), shape, at.shop("customers")));
  expect(said.duckdb).toMatchInlineSnapshot(
    `(SELECT DISTINCT "id", "email", "phone", "country", "name", "since", "spent" FROM "acme"."shop"."customers" w)`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `(SELECT DISTINCT \`id\`, \`email\`, \`phone\`, \`country\`, \`name\`, \`since\`, \`spent\` FROM \`acme\`.\`shop\`.\`customers\` w)`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `(SELECT DISTINCT "ID", "EMAIL", "PHONE", "COUNTRY", "NAME", "SINCE", "SPENT" FROM "ACME"."SHOP"."CUSTOMERS" w)`,
  );
});

test("the first row of each key", async () => {
  const said = await sideBySide((at) => wantedRelation(workspace(at), shape, at.shop("customers")));
  expect(said.duckdb).toMatchInlineSnapshot(
    `(SELECT * FROM "acme"."shop"."customers" WHERE TRUE QUALIFY row_number() OVER (PARTITION BY "id" ORDER BY "since" DESC NULLS LAST, "id", "email", "phone", "country", "name", "spent", "since") = 1 OR "id" IS NULL)`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `(SELECT * FROM \`acme\`.\`shop\`.\`customers\` WHERE TRUE QUALIFY row_number() OVER (PARTITION BY \`id\` ORDER BY \`since\` DESC NULLS LAST, \`id\`, \`email\`, \`phone\`, \`country\`, \`name\`, \`spent\`, \`since\`) = 1 OR \`id\` IS NULL)`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `(SELECT * FROM "ACME"."SHOP"."CUSTOMERS" WHERE TRUE QUALIFY row_number() OVER (PARTITION BY "ID" ORDER BY "SINCE" DESC NULLS LAST, "ID", "EMAIL", "PHONE", "COUNTRY", "NAME", "SPENT", "SINCE") = 1 OR "ID" IS NULL)`,
  );
});

test("keys that have several rows", async () => {
  const said = await sideBySide(async (at) => {
    const wanted = { relation: at.shop("customers"), keyed: 2, nullKeys: 0, collapsed: 0 };
    await duplicateKeys(workspace(at), shape, wanted);
  });
  expect(said.duckdb).toMatchInlineSnapshot(`
    SELECT k, count(*) AS copies, count(*) OVER () AS keys FROM (SELECT CAST("id" AS VARCHAR) AS k FROM "acme"."shop"."customers" w) c
    WHERE k IS NOT NULL GROUP BY k HAVING count(*) > 1 ORDER BY k LIMIT 5;
  `);
  expect(said.bigquery).toMatchInlineSnapshot(`
    SELECT k, count(*) AS copies, count(*) OVER () AS keys FROM (SELECT CAST(\`id\` AS STRING) AS k FROM \`acme\`.\`shop\`.\`customers\` w) c
    WHERE k IS NOT NULL GROUP BY k HAVING count(*) > 1 ORDER BY k LIMIT 5;
  `);
  expect(said.snowflake).toMatchInlineSnapshot(`
    SELECT k, count(*) AS copies, count(*) OVER () AS keys FROM (SELECT CAST("ID" AS VARCHAR) AS k FROM "ACME"."SHOP"."CUSTOMERS" w) c
    WHERE k IS NOT NULL GROUP BY k HAVING count(*) > 1 ORDER BY k LIMIT 5;
  `);
});
