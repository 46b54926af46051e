import { expect, it } from "vitest";
import { buildGraph } from "../../../src/project/graph.ts";
import { unbuiltParent } from "../../../src/project/dbt/unbuilt.ts";
import { loadGood, type Files } from "../sample.ts";
import { results, shop } from "./artifacts.ts";

const required = "manifest: dbt/target/manifest.json, require_success: true";
const customers = "model.shop.customers";
const status = (id: string, word: string): Files => ({
  "dbt/target/run_results.json": results(({ results: all }) => {
    for (const one of all) if (one.unique_id.startsWith(id)) one.status = word;
  }),
});

async function because(files: Files, dbt = required, sync = "french_to_crm"): Promise<string | null> {
  const project = await loadGood(shop(files, dbt));
  const problem = unbuiltParent(project, buildGraph(project), project.syncs.get(sync)!);
  if (problem !== null) expect(problem).toMatchObject({ code: "E250", at: { file: "models/french.yml", line: 6 } });
  return problem?.message.replace('sync "french_to_crm" needs what dbt did not build: ', "") ?? null;
}

it.each<readonly [name: string, files: Files, why: string | null]>([
  ["all went well", {}, null],
  ["the model failed", status(customers, "error"), 'dbt model "customers": dbt reports it as error'],
  [
    "what it reads failed, so dbt skipped it",
    status(customers, "skipped"),
    'dbt model "customers": dbt reports it as skipped',
  ],
  [
    "a test at it failed",
    status("test.shop.unique_customers", "fail"),
    'dbt model "customers": its dbt test unique_customers_person_id ended as fail',
  ],
  ["a test only warned", status("test.shop.accepted_values", "warn"), null],
  ["a model beside it failed", status("model.shop.orders", "error"), null],
  ["the run chose other nodes", { "dbt/target/run_results.json": results((all) => (all.results = [])) }, null],
  [
    "there is no run_results.json",
    { "dbt/target/run_results.json": null },
    "there is no run_results.json beside the manifest",
  ],
  ["it is half a file", { "dbt/target/run_results.json": "{" }, "run_results.json beside the manifest cannot be read"],
  [
    "it is another file",
    { "dbt/target/run_results.json": "{}" },
    "run_results.json beside the manifest is none of dbt's",
  ],
  [
    "dbt docs generate wrote it",
    { "dbt/target/run_results.json": results(({ args }) => (args.which = "generate")) },
    'run_results.json is of "dbt generate", which builds nothing',
  ],
])("%s", async (_name, files, why) => {
  expect(await because(files)).toBe(why);
});

it("asks nothing without require_success, and nothing of syncs that read no node", async () => {
  expect(await because(status(customers, "error"), "manifest: dbt/target/manifest.json")).toBeNull();
  const own: Files = {
    ...status(customers, "error"),
    "models/own.sql": "select 1 as id",
    "models/own.yml": `models: [ { name: own, primary_key: id } ]
syncs: [ { name: own_to_crm, model: own, destination: crm, object: record, mode: upsert } ]`,
  };
  expect(await because(own, required, "own_to_crm")).toBeNull();
});

it("asks nothing of a node that a seed of the environment stands for", async () => {
  const files = { ...status(customers, "error"), "seeds/dbt/customers.csv": "person_id,country\n1,FR\n" };
  const settings = shop({}, required)["millrace.yml"]!.replace("path: warehouse.duckdb", "seeds: seeds");
  expect(await because({ ...files, "millrace.yml": settings })).toBeNull();
});
