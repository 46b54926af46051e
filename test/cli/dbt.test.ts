import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { planSchema } from "../../src/cli/schemas/plan.ts";
import { runSchema } from "../../src/cli/schemas/run.ts";
import { exposuresSchema, validateSchema } from "../../src/cli/schemas/project.ts";
import { doctorSchema } from "../../src/cli/schemas/world.ts";
import { openDuckDB } from "../../src/warehouse/duckdb.ts";
import { manifest, results, shop, type Manifest } from "../project/dbt/artifacts.ts";
import { projectFolder, type Files } from "../project/sample.ts";
import { millrace } from "./millrace.ts";

const plain = "manifest: dbt/target/manifest.json";
const edited = (edit: (node: any, whole: Manifest) => void): Files => ({
  "dbt/target/manifest.json": manifest((whole) => edit(whole.nodes["model.shop.customers"], whole)),
});

/** Problems of `validate`, ages taken out. */
async function problems(files: Files, dbt = plain): Promise<readonly string[]> {
  const cwd = await projectFolder(shop(files, dbt));
  const { stdout } = await millrace(["validate", "--json"], { cwd });
  return validateSchema
    .parse(JSON.parse(stdout))
    .diagnostics.map(
      ({ code, at, message, hint }) =>
        `${code} ${at?.file}:${at?.line}:${at?.column} ${message}; ${hint?.replace(/, [^,]+ old\)/, ")")}`,
    );
}

describe("validate tells a column that dbt dropped or renamed, without the warehouse", () => {
  const gone = (columns: number, hint: string): readonly string[] => [
    `E204 models/french.yml:4:21 model "customers" has no column "country"; ${hint} (${columns} columns from dbt's manifest)`,
  ];

  it("finds nothing while it is there, though dbt documents only three of seven", async () => {
    const more = {
      "models/more.yml":
        "audiences: [ { name: rich, model: customers, where: { field: lifetime_value, gte: 400 } } ]\n",
    };
    expect(await problems(more)).toEqual([]);
  });

  it("reads it off the query, through * of a CTE and of another model", async () => {
    const renamed = edited((_node, { nodes }) => {
      const people = nodes["model.shop.stg_shop__people"];
      people.compiled_code = people.compiled_code.replace("country", "country as country_code");
    });
    expect(await problems(renamed)).toEqual(gone(7, 'did you mean "country_code"?'));
  });

  it("reads SQL that dbt only parsed, where nothing but ref, source and config is in it", async () => {
    const parsed = (sql: string) =>
      edited((node, { nodes }) => {
        node.compiled_code = null;
        node.raw_code = sql;
        node.columns = {};
        const people = nodes["model.shop.stg_shop__people"];
        people.compiled_code = null;
        people.raw_code = "select id as person_id, email, country as land from {{ source('app', 'people') }}";
      });
    const config =
      "{{ config(materialized='table', meta={'millrace': {'primary_key': 'person_id'}}) }} {# all of it #}";
    expect(await problems(parsed(`${config} select *, 1 as n from {{ ref("stg_shop__people") }}`))).toEqual(
      gone(4, "its columns: email, land, n, person_id"),
    );
    expect(await problems(parsed("select {{ star(ref('people')) }} from {{ ref('stg_shop__people') }}"))).toEqual([]);
  });

  it("believes an enforced contract", async () => {
    const contract = edited((node) => {
      node.contract.enforced = true;
      delete node.columns.country;
    });
    expect(await problems(contract)).toEqual(gone(2, "its columns: email, person_id"));
  });

  const catalog = (generated_at: string): string =>
    JSON.stringify({
      metadata: { generated_at },
      nodes: { "model.shop.customers": { columns: { person_id: {}, email: {} } } },
      sources: {},
    });
  const noQuery = edited((node) => {
    node.compiled_code = null;
    node.columns = {};
  });

  it("believes a catalog that is as new as the manifest, where the query says nothing", async () => {
    expect(await problems({ ...noQuery, "dbt/target/catalog.json": catalog("2026-01-31T05:00:02Z") })).toEqual(
      gone(2, "its columns: email, person_id"),
    );
    expect(await problems({ ...noQuery, "dbt/target/catalog.json": catalog("2026-01-30T05:00:02Z") })).toEqual([]);
    expect(await problems({ ...noQuery, "dbt/target/catalog.json": "{" })).toEqual([]);
  });

  it("only warns of a column that is not listed, where nothing tells them all", async () => {
    const listed = edited((node, whole) => {
      node.compiled_code = "select * from read_parquet('people.parquet')";
      delete node.columns.country;
      for (const id of Object.keys(whole.nodes)) if (id.includes("accepted_values")) delete whole.nodes[id];
    });
    expect(await problems(listed)).toEqual([
      'W251 models/french.yml:4:21 model "customers" has no column "country" that dbt lists; list it in dbt\'s YAML, or let the warehouse be asked: millrace validate --online',
    ]);
  });

  it("finds columns of identifiers and mappings of syncs as well", async () => {
    const files: Files = {
      "models/more.yml": `syncs:
  - name: all_to_crm
    model: customers
    destination: crm
    object: record
    mode: upsert
    identifiers: { email: { from: e_mail } }
    mappings: [ { to: country, from: land } ]
`,
    };
    expect((await problems(files)).map((line) => line.split(";")[0])).toEqual([
      'E204 models/more.yml:7:27 model "customers" has no column "e_mail"',
      'E204 models/more.yml:8:38 model "customers" has no column "land"',
    ]);
  });
});

describe("dbt exposures", () => {
  const files: Files = {
    "models/own.sql":
      "select order_id as id from {{ source('app', 'orders') }} join {{ ref('orders_v1') }} using (order_id)",
    "models/alone.sql": "select 1 as id",
    "models/more.yml": `models: [ { name: own, primary_key: id }, { name: alone, primary_key: id } ]
audiences:
  - name: fans
    label: "Fans, {{ all }} of them"
    description: Whoever comes back.
    owner: { name: Growth, email: growth@example.com }
    model: own
    where: { field: id, gt: 1 }
  - { name: nobody, model: alone, where: { field: id, gt: 1 } }
syncs:
  - { name: fans, audience: fans, destination: crm, object: member, mode: mirror, remote: { name: fans } }
`,
  };

  it("name what reads dbt, through models of the project, with owner and calls as dbt takes them", async () => {
    const cwd = await projectFolder(shop(files, plain));
    const { stdout, exit } = await millrace(["dbt", "exposures", "--json"], { cwd });
    const depends_on = ["ref('orders', v=1)", "source('app', 'orders')"];
    const owner = { name: "Growth", email: "growth@example.com" };
    const type = "application";
    expect([exit, exposuresSchema.parse(JSON.parse(stdout)).exposures]).toEqual([
      0,
      [
        {
          name: "fans",
          label: "Fans, { { all }} of them",
          type,
          description: "Whoever comes back.",
          depends_on,
          owner,
        },
        {
          name: "fans_sync",
          label: "fans to crm",
          type,
          description: "Sync of audience fans to crm (webhook, member, mirror).",
          depends_on,
          owner,
        },
        {
          name: "french",
          label: "french",
          type,
          description: "Audience of customers.",
          depends_on: ["ref('customers')"],
          owner: { name: "shop" },
        },
        {
          name: "french_to_crm",
          label: "french to crm",
          type,
          description: "Sync of audience french to crm (webhook, member, mirror).",
          depends_on: ["ref('customers')"],
          owner: { name: "shop" },
        },
      ],
    ]);
  });

  it("are written anew where millrace wrote them, and nowhere else", async () => {
    const cwd = await projectFolder(shop({}, plain));
    const write = (file: string) => millrace(["dbt", "exposures", "--write", file], { cwd });
    expect(await write("dbt/exposures.yml")).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining("Wrote 2 exposures"),
    });
    const file = path.join(cwd, "dbt/exposures.yml");
    const text = await readFile(file, "utf8");
    expect(text).toContain("depends_on:\n      - ref('customers')\n");
    expect(text).toBe(`${(await millrace(["dbt", "exposures"], { cwd })).stdout}`);
    expect((await stat(file)).mode & 0o777).toBe(0o644);
    expect((await write("dbt/exposures.yml")).stdout).toContain("Nothing changed in 2 exposures");
    await writeFile(file, text.replace("french", "old"));
    expect((await write("dbt/exposures.yml")).stdout).toContain("Wrote 2 exposures");
    expect(await readFile(file, "utf8")).toBe(text);
    await writeFile(file, "exposures: []\n");
    expect(await write("dbt/exposures.yml")).toMatchObject({ exit: 1, stderr: expect.stringContaining("error[E251]") });
    expect(await readFile(file, "utf8")).toBe("exposures: []\n");
    expect(await write("../exposures.yml")).toMatchObject({ exit: 64, stderr: expect.stringContaining("error[E005]") });
  });

  it("need a manifest in this environment", async () => {
    const seeds = {
      "seeds/dbt/customers.csv": "person_id,country\n1,FR\n",
      "models/notes.yml": "models: [ { name: customers, primary_key: person_id } ]\n",
    };
    const cwd = await projectFolder(shop(seeds, "manifests: { dev: dbt/target/manifest.json }"));
    expect(await millrace(["dbt", "exposures", "-e", "laptop"], { cwd })).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("error[E252]"),
    });
  });
});

it("a manifest in the folder of millrace's own artifacts is refused before it is written over", async () => {
  const text = manifest();
  const cwd = await projectFolder(shop({ "target/manifest.json": text }, "manifest: target/manifest.json"));
  const refused = await millrace(["ls"], { cwd });
  expect(refused).toMatchObject({ exit: 1, stderr: expect.stringContaining("error[E247]: dbt's manifest") });
  expect(refused.stderr).toContain("--> millrace.yml:3:18");
  expect(await readFile(path.join(cwd, "target/manifest.json"), "utf8")).toBe(text);
  expect(await millrace(["ls", "--target-dir", "out"], { cwd })).toMatchObject({ exit: 0 });
});

describe("require_success", () => {
  it("holds back what reads a node that failed, in plan and sync; the other syncs go out", async () => {
    const failed = results(({ results: lines }) => {
      for (const line of lines) if (line.unique_id === "model.shop.customers") line.status = "error";
    });
    const files: Files = {
      "dbt/target/run_results.json": failed,
      "models/more.yml": `models: [ { name: stg_shop__people, primary_key: person_id } ]
syncs: [ { name: people_to_crm, model: stg_shop__people, destination: crm, object: record, mode: upsert, mappings: [ { to: id, from: person_id } ] } ]
`,
    };
    const cwd = await projectFolder(shop(files, "manifest: dbt/target/manifest.json, require_success: true"));
    const warehouse = await openDuckDB({ path: path.join(cwd, "warehouse.duckdb") });
    await warehouse.script(
      ["customers", "stg_shop__people"].map(
        (table) => `CREATE TABLE ${table} AS SELECT 1 AS person_id, 'ada@example.com' AS email, 'FR' AS country`,
      ),
    );
    await warehouse.close();
    const because = 'sync "french_to_crm" needs what dbt did not build: dbt model "customers": dbt reports it as error';
    const planned = await millrace(["plan", "--json"], { cwd });
    const { syncs } = planSchema.parse(JSON.parse(planned.stdout));
    expect([planned.exit, syncs.map(({ sync, status, error }) => [sync, status, error])]).toEqual([
      1,
      [
        ["french_to_crm", "stopped", `E250: ${because}`],
        ["people_to_crm", "changes", null],
      ],
    ]);
    const sent = await millrace(["sync", "--yes", "--json"], { cwd });
    const run = runSchema.parse(JSON.parse(sent.stdout));
    expect([sent.exit, run.syncs.map(({ sync, status, error }) => [sync, status, error?.message])]).toEqual([
      1,
      [
        ["french_to_crm", "failed", because],
        ["people_to_crm", "ok", undefined],
      ],
    ]);
  });
});

describe("doctor", () => {
  async function dbtLine(files: Files, tables: readonly string[]): Promise<string> {
    const cwd = await projectFolder(shop(files, "manifest: dbt/target/manifest.json, require_success: true"));
    const warehouse = await openDuckDB({ path: path.join(cwd, "warehouse.duckdb") });
    await warehouse.script(tables.map((table) => `CREATE TABLE ${table} AS SELECT 1 AS person_id`));
    await warehouse.close();
    const { stdout } = await millrace(["doctor", "--json"], { cwd });
    const found = doctorSchema.parse(JSON.parse(stdout)).checks.find(({ name }) => name === "dbt");
    return `${found?.status}: ${found?.message.replace(/, [^,]+ old,/, ",")}`;
  }
  const all = ["customers", "stg_shop__people"];

  it("tells what dbt left: all there, something missing, a failed parent", async () => {
    expect(await dbtLine({}, all)).toBe("ok: dbt/target/manifest.json v12, 8 nodes, all 2 used there");
    expect(await dbtLine({}, ["customers"])).toBe(
      'failed: dbt/target/manifest.json v12, 8 nodes; dbt model "stg_shop__people" has no data in environment dev: warehouse.main.stg_shop__people is not there',
    );
    const failed = results(({ results: lines }) => {
      for (const line of lines) if (line.unique_id === "model.shop.customers") line.status = "error";
    });
    expect(await dbtLine({ "dbt/target/run_results.json": failed }, all)).toBe(
      'warning: dbt/target/manifest.json v12, 8 nodes; "customers": dbt reports it as error',
    );
  });
});
