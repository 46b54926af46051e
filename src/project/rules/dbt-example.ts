import type { Example } from "./rule.ts";

/** Files of a project that reads a dbt manifest with the table `orders` and the ephemeral `passing`: for examples of rules. */
export function exampleManifest({ generatedAt = "2026-01-31T05:00:00Z" } = {}): Example {
  const node = (name: string, materialized: string, relation: string | null): object => ({
    unique_id: `model.shop.${name}`,
    name,
    package_name: "shop",
    resource_type: "model",
    relation_name: relation,
    config: { materialized },
  });
  const manifest = {
    metadata: { generated_at: generatedAt, project_name: "shop" },
    nodes: { orders: node("orders", "table", '"shop"."main"."orders"'), passing: node("passing", "ephemeral", null) },
    sources: {},
  };
  return {
    "millrace.yml": `version: 1
name: shop
vars: { history_start: '2020-01-01' }
dbt: { manifest: dbt/manifest.json, max_age: 24h }
environments:
  dev:
    warehouse: { type: duckdb, seeds: seeds/ }
    destinations: { '*': { use: file } }
`,
    "dbt/manifest.json": JSON.stringify(manifest),
  };
}
