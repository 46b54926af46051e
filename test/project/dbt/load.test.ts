import { symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { load, loadGood, now, projectFolder, told } from "../sample.ts";
import { loadProject } from "../../../src/project/load.ts";
import { manifest, shop } from "./artifacts.ts";

describe("nodes of dbt as models", () => {
  it("stand among the models when something names them, with description, tags, columns, tests and meta.millrace", async () => {
    const project = await loadGood(shop());
    // The relationships test of customers names stg_shop__people.
    expect([...project.models.keys()]).toEqual(["customers", "stg_shop__people"]);
    const { spec, dbt } = project.models.get("customers")!;
    expect(dbt?.relation).toEqual({ database: "warehouse", schema: "main", name: "customers" });
    const holds = { severity: "error", limit: 0 };
    expect(spec).toMatchObject({
      description: "One row per person.",
      tags: ["core"],
      primary_key: ["person_id"],
      identifiers: { email: "email" },
      materialize: "inline",
    });
    expect(spec.columns).toEqual([
      {
        name: "person_id",
        description: "The person's number.",
        data_tests: [
          { type: "unique", arguments: {}, ...holds },
          { type: "not_null", arguments: {}, ...holds },
        ],
      },
      {
        name: "country",
        data_tests: [
          {
            type: "accepted_values",
            arguments: { values: ["FR", "BE"] },
            severity: "warn",
            where: "country is not null",
            limit: 0,
          },
        ],
      },
      {
        name: "email",
        description: "Lower case.",
        data_tests: [{ type: "relationships", arguments: { to: "ref('stg_shop__people')", field: "email" }, ...holds }],
      },
    ]);
  });

  it("of every kind and name: seeds, snapshots, the latest version bare and the others with _v, sources", async () => {
    const project = await loadGood(
      shop({
        "models/all.sql": `select 1 as one from {{ ref('raw_people') }}, {{ ref('people_history') }}, {{ ref('orders') }},
{{ ref('orders_v1') }}, {{ ref('stg_shop__people') }}, {{ source('app', 'orders') }}`,
      }),
    );
    const relations = [...project.models.values()].map(({ name, dbt }) => `${name}: ${dbt?.relation?.name}`);
    expect(relations).toEqual([
      "all: undefined",
      "customers: customers",
      "orders: orders_v2",
      "orders_v1: orders_v1",
      "people_history: people_history",
      "raw_people: raw_people",
      "stg_shop__people: stg_shop__people",
    ]);
    expect(project.sources.get("app")?.spec).toEqual({
      name: "app",
      schema: "main",
      description: "What the shop writes.",
      tables: [
        {
          name: "orders",
          description: "One row per order.",
          relation: { database: "warehouse", schema: "main", name: "raw_orders" },
          columns: [{ name: "id", description: "Its number.", data_tests: [] }],
        },
      ],
    });
  });

  it("leave tests against what is no table to dbt", async () => {
    const text = manifest(({ nodes }) => {
      for (const node of Object.values(nodes))
        if (node.test_metadata?.name === "relationships") node.test_metadata.kwargs.to = "ref('window_days')";
    });
    const project = await loadGood(shop({ "dbt/target/manifest.json": text }));
    expect([...project.models.keys()]).toEqual(["customers"]);
    expect(project.models.get("customers")?.spec.columns.at(-1)).toEqual({
      name: "email",
      description: "Lower case.",
      data_tests: [],
    });
  });

  it("are annotated by an entry of models: without SQL, which wins over dbt", async () => {
    const project = await loadGood(
      shop({
        "models/notes.yml": `models:
  - name: customers
    primary_key: email
    identifiers: { email: email }
    columns: [ { name: email, label: E-mail, pii: email, data_tests: [ not_null ] } ]
  - { name: stg_shop__people, primary_key: person_id }
`,
      }),
    );
    const { spec, at } = project.models.get("customers")!;
    expect(spec).toMatchObject({ primary_key: ["email"], description: "One row per person.", tags: ["core"] });
    expect(
      spec.columns.map(({ name, label, description, data_tests }) => [name, label, description, data_tests.length]),
    ).toEqual([
      ["email", "E-mail", "Lower case.", 2],
      ["person_id", undefined, "The person's number.", 2],
      ["country", undefined, undefined, 1],
    ]);
    expect(at(["primary_key"])).toMatchObject({ file: "models/notes.yml", line: 3 });
    expect(project.models.get("stg_shop__people")?.spec.primary_key).toEqual(["person_id"]);
  });

  it("are seeds where the environment has no manifest (decision 52)", async () => {
    const files = shop(
      {
        "seeds/dbt/customers.csv": "person_id,country\n1,FR\n",
        "seeds/app/orders.csv": "id\n1\n",
        "seeds/own/visits.csv": "id\n1\n",
        "models/notes.yml": `models: [ { name: customers, primary_key: person_id } ]
sources: [ { name: own, schema: own, tables: [ { name: visits } ] } ]
`,
        "models/more.sql": "select 1 as one from {{ source('app', 'orders') }}, {{ source('own', 'visits') }}",
      },
      "manifests: { dev: dbt/target/manifest.json }",
    );
    const project = await loadGood(files, { environment: "laptop" });
    expect(project.models.get("customers")?.dbt).toMatchObject({ kind: "seed", relation: null });
    expect([...project.sources.values()].map(({ name, file }) => [name, file])).toEqual([
      ["app", "millrace.yml"],
      ["own", "models/notes.yml"],
    ]);
    const { diagnostics } = await load({ ...files, "seeds/dbt/customers.csv": null }, { environment: "laptop" });
    expect(told(diagnostics)).toEqual([
      `E201 models/french.yml:3:12 there is no model called "customers"`,
      `E225 models/notes.yml:1:19 model "customers" has no SQL: there is no customers.sql below models/`,
    ]);
  });
});

describe("what a user gets wrong", () => {
  const at = "millrace.yml:3:18";
  it.each<readonly [name: string, files: Parameters<typeof shop>, said: readonly string[]]>([
    [
      "no file",
      [{ "dbt/target/manifest.json": null }],
      [`E247 ${at} there is no dbt manifest "dbt/target/manifest.json"`],
    ],
    [
      "half a file",
      [{ "dbt/target/manifest.json": '{"metadata": {' }],
      [`E247 ${at} dbt's manifest "dbt/target/manifest.json" is not JSON`],
    ],
    [
      "another JSON file",
      [{ "dbt/target/manifest.json": "[]" }],
      [`E247 ${at} dbt's manifest "dbt/target/manifest.json" lacks what millrace reads: a block of keys`],
    ],
    [
      "keys of an old version",
      [{ "dbt/target/manifest.json": manifest(({ nodes }) => delete nodes["model.shop.customers"].relation_name) }],
      [
        `E247 ${at} dbt's manifest "dbt/target/manifest.json" lacks what millrace reads: nodes.model.shop.customers.relation_name`,
      ],
    ],
    [
      "outside the project (S07)",
      [{}, "manifest: ../dbt/target/manifest.json"],
      [`E247 ${at} the path "../dbt/target/manifest.json" leads outside the project`],
    ],
    [
      "a manifest older than max_age",
      [{ "dbt/target/manifest.json": manifest(({ metadata }) => (metadata.generated_at = "2026-01-29T05:00:00Z")) }],
      [`W250 ${at} dbt's manifest is 49 h old; max_age is 24 h`],
    ],
    [
      "neither of the two keys",
      [{}, "max_age: 24h"],
      ["E103 millrace.yml:3:6 dbt takes manifest or manifests, one of the two, in millrace.yml"],
    ],
    [
      "an environment that is not there",
      [{}, "manifests: { prod: dbt/target/manifest.json }"],
      [`E105 millrace.yml:3:27 no environment is called "prod", in dbt.manifests of millrace.yml`],
    ],
    [
      "an ephemeral model",
      [{ "models/more.sql": "select * from {{ ref('window_days') }}" }],
      [
        `E248 models/more.sql:1:15 dbt has "window_days", but ref() cannot read it: it is ephemeral: dbt builds no table or view of it`,
      ],
    ],
    [
      "a local model with the name of a node: an error, not an override",
      [{ "models/customers.sql": "select 1 as person_id" }],
      [
        `E211 models/customers.sql:1:1 "customers" is a model and a dbt node: both could be meant by ref()`,
        `E213 models/french.yml:3:12 "french" needs a primary_key on model "customers"`,
      ],
    ],
    [
      "meta.millrace with an unknown key",
      [
        {
          "dbt/target/manifest.json": manifest(
            ({ nodes }) => (nodes["model.shop.customers"].config.meta = { millrace: { key: "person_id" } }),
          ),
        },
      ],
      [
        `E249 ${at} meta.millrace of dbt model "customers": Unrecognized key: "key"`,
        `E213 models/french.yml:3:12 "french" needs a primary_key on model "customers"`,
      ],
    ],
    [
      "a misspelt table of a source of dbt",
      [{ "models/more.sql": "select * from {{ source('app', 'order') }}" }],
      [`E202 models/more.sql:1:15 source "app" has no table "order"`],
    ],
  ])("%s", async (_name, files, said) => {
    expect(told((await load(shop(...files))).diagnostics).filter((line) => !line.startsWith("W3"))).toEqual(said);
  });

  it("suggests names of nodes that nothing names yet", async () => {
    const { diagnostics } = await load(shop({ "models/more.sql": "select * from {{ ref('order') }}" }));
    expect(diagnostics.map(({ code, hint }) => [code, hint])).toEqual([["E201", 'did you mean "orders"?']]);
  });

  it("reads no manifest through a link that leads outside", async () => {
    const elsewhere = await projectFolder({ "manifest.json": manifest() }, {});
    const root = await projectFolder(shop({ "dbt/target/manifest.json": null }));
    await symlink(path.join(elsewhere, "manifest.json"), path.join(root, "dbt/target/manifest.json"));
    const { diagnostics } = await loadProject({ projectDir: root, now });
    expect(told(diagnostics)).toEqual([`E247 ${at} the path "dbt/target/manifest.json" leads outside the project`]);
  });
});

it("reads versions 10, 12 and Fusion's 20 alike: the keys count, not the number", async () => {
  for (const version of ["v10", "v11", "v20"]) {
    const text = manifest(
      ({ metadata }) => (metadata.dbt_schema_version = `https://schemas.getdbt.com/dbt/manifest/${version}.json`),
    );
    expect((await loadGood(shop({ "dbt/target/manifest.json": text }))).dbt?.version).toBe(version);
  }
});
