/** A saved plan found by the beginning of its id. */
import { expect, test } from "vitest";
import { findSaved } from "../../src/engine/saved.ts";
import type { Workspace } from "../../src/engine/workspace.ts";
import { sideBySide } from "./recorded.ts";
import { now } from "./vip.ts";

test("plans that begin so", async () => {
  const said = await sideBySide(async (at) => {
    const project = { environment: { name: "production" } };
    // Nothing is there, which is an error of its own.
    await expect(findSaved({ ...at, project } as unknown as Workspace, "4be1d2", now)).rejects.toThrow("E603");
  });
  expect(said.duckdb).toMatchInlineSnapshot(
    `SELECT plan, expires_at, config_hash, document, used_by FROM "acme"."millrace"."plans" WHERE starts_with(plan, '4be1d2') ORDER BY plan;`,
  );
  expect(said.bigquery).toMatchInlineSnapshot(
    `SELECT plan, expires_at, config_hash, document, used_by FROM \`acme\`.\`millrace\`.\`plans\` WHERE STARTS_WITH(plan, '4be1d2') ORDER BY plan;`,
  );
  expect(said.snowflake).toMatchInlineSnapshot(
    `SELECT plan, expires_at, config_hash, document, used_by FROM "ACME"."MILLRACE"."PLANS" WHERE STARTSWITH(plan, '4be1d2') ORDER BY plan;`,
  );
});
