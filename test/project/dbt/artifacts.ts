/** What `dbt build` wrote for test/real/dbt-shop.ts (dbt 1.11, DuckDB), reduced to the keys that millrace reads; the clock set to 2026. */
import { readFileSync } from "node:fs";
import type { Files } from "../sample.ts";

const read = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));

export interface Manifest {
  metadata: { generated_at: string; dbt_schema_version: string; project_name: string };
  nodes: Record<string, any>;
  sources: Record<string, any>;
}
interface Results {
  args: { which: string };
  results: { unique_id: string; status: string }[];
}

export const manifest = (edit: (manifest: Manifest) => void = () => undefined): string => {
  const whole: Manifest = read("manifest.json");
  edit(whole);
  return JSON.stringify(whole);
};

export const results = (edit: (results: Results) => void = () => undefined): string => {
  const whole: Results = read("run_results.json");
  edit(whole);
  return JSON.stringify(whole);
};

/** Files of a millrace project over that dbt project, in place of those of the sample. */
export const shop = (files: Files = {}, dbt = "manifest: dbt/target/manifest.json, max_age: 24h"): Files => ({
  "millrace.yml": `version: 1
name: shop
dbt: { ${dbt} }
environments:
  dev:
    warehouse: { type: duckdb, path: warehouse.duckdb }
    destinations: { '*': { use: file } }
  laptop:
    warehouse: { type: duckdb, seeds: seeds/ }
    destinations: { '*': { use: file } }
`,
  "models/customers.sql": null,
  "models/shop.yml": null,
  "models/french.yml": `audiences:
  - name: french
    model: customers
    where: { field: country, is: FR }
syncs:
  - { name: french_to_crm, audience: french, destination: crm, object: member, mode: mirror }
`,
  "dbt/target/manifest.json": manifest(),
  "dbt/target/run_results.json": results(),
  ...files,
});
