/** How an audience was defined at its last run. */
import { expect, test } from "vitest";
import { keepDefinition } from "../../src/engine/definitions.ts";
import type { Workspace } from "../../src/engine/workspace.ts";
import { contextOf } from "../audience/world.ts";
import { sideBySide } from "./recorded.ts";
import { now } from "./vip.ts";

const world = {
  models: { people: { sql: "", key: ["id"] } },
  audiences: { vip: { model: "people", where: { field: "country", is: "FR" } } },
} as const;

test("a new definition is kept", async () => {
  const said = await sideBySide(({ dialect, warehouse, ledger }) => {
    const of = contextOf(world, dialect, new Map()).project;
    const project = {
      ...of,
      sources: new Map(),
      syncs: new Map(),
      unitTests: [],
      sqlTests: [],
      destinations: new Map(),
    };
    const known = { definitions: new Map() };
    const workspace = { warehouse, ledger, project, known } as unknown as Workspace;
    return keepDefinition(workspace, "vip", now).join("\n");
  });
  expect(said.duckdb).toMatchInlineSnapshot(
    `INSERT INTO "acme"."millrace"."definitions" VALUES ('dfa33f15c90a13c8490771b065f9de9f38a3681ecf3e7be6515d04d8dd149a6d', 'audience', 'vip', '{"audiences":{"vip":{"exclude":[],"model":"people","where":{"field":"country","is":"FR"}}},"models":{"people":{"primary_key":["id"],"sql":""}},"segments":{},"vars":{}}', 1772344800000)`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `INSERT INTO \`acme\`.\`millrace\`.\`definitions\` VALUES ('dfa33f15c90a13c8490771b065f9de9f38a3681ecf3e7be6515d04d8dd149a6d', 'audience', 'vip', '{"audiences":{"vip":{"exclude":[],"model":"people","where":{"field":"country","is":"FR"}}},"models":{"people":{"primary_key":["id"],"sql":""}},"segments":{},"vars":{}}', 1772344800000)`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `INSERT INTO "ACME"."MILLRACE"."DEFINITIONS" VALUES ('dfa33f15c90a13c8490771b065f9de9f38a3681ecf3e7be6515d04d8dd149a6d', 'audience', 'vip', '{"audiences":{"vip":{"exclude":[],"model":"people","where":{"field":"country","is":"FR"}}},"models":{"people":{"primary_key":["id"],"sql":""}},"segments":{},"vars":{}}', 1772344800000)`,
  );
});
