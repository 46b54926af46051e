import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { lineageSchema } from "../../src/cli/schemas/lineage.ts";
import { loadSdk } from "../../src/models/query-lineage.ts";
import { projectFolder } from "../project/sample.ts";
import { millrace, spawnMillrace } from "./millrace.ts";

/** Without its data: lineage reads files. */
const cwd = path.resolve(import.meta.dirname, "../../examples/electronics-shop");
const golden = (name: string): URL => new URL(`golden/${name}`, import.meta.url);

describe("the example's lineage", () => {
  test("as a tree, by a process of its own", async () => {
    const found = await spawnMillrace(["lineage", "lapsed_buyers_to_exports"], { cwd });
    expect(found).toMatchObject({ exit: 0, stderr: "" });
    await expect(found.stdout).toMatchFileSnapshot(golden("lineage.txt").pathname);
  });

  test("downstream of a column of a source", async () => {
    const found = await millrace(["lineage", "shop.orders.status", "--downstream"], { cwd });
    expect(found).toMatchObject({ exit: 0, stderr: "" });
    await expect(found.stdout).toMatchFileSnapshot(golden("lineage-downstream.txt").pathname);
  });

  test("as a document", async () => {
    const { stdout } = await millrace(["lineage", "lapsed_buyers_to_exports:greeting", "--json"], { cwd });
    expect(lineageSchema.parse(JSON.parse(stdout))).toEqual(JSON.parse(await readFile(golden("lineage.json"), "utf8")));
  });

  test("as OpenLineage: each thing that is made is a job with the columns of its output", async () => {
    const { stdout } = await millrace(["lineage", "recent_refunders", "--openlineage"], { cwd });
    const events: readonly any[] = JSON.parse(stdout);
    const names = ({ job, inputs, outputs }: any) => [job.name, inputs.map((one: any) => one.name), outputs[0].name];
    expect(events.map(names)).toEqual([
      [
        "segment.recent_refunders",
        ["millrace_models.customers", "millrace_models.stg_orders"],
        "millrace_models.recent_refunders",
      ],
      [
        "model.customers",
        [
          "millrace_models.account_links",
          "millrace_models.stg_accounts",
          "millrace_models.stg_orders",
          "shop.newsletter_signups",
        ],
        "millrace_models.customers",
      ],
      [
        "model.stg_orders",
        ["millrace_models.account_links", "shop.order_items", "shop.orders", "shop.products"],
        "millrace_models.stg_orders",
      ],
      ["model.stg_accounts", ["shop.customers"], "millrace_models.stg_accounts"],
      ["model.account_links", ["millrace_models.stg_accounts"], "millrace_models.account_links"],
    ]);
  });

  test("an OpenLineage event has the shape of its specification", async () => {
    const { stdout } = await millrace(["lineage", "call_back_to_exports", "--openlineage"], { cwd });
    const [event] = JSON.parse(stdout);
    const warehouse = { namespace: "duckdb://data/electronics.duckdb", name: "millrace_models.call_back" };
    const read = (field: string, subtype: string) => ({
      inputFields: [{ ...warehouse, field, transformations: [{ type: "DIRECT", subtype }] }],
    });
    const producer = expect.stringMatching(/^urn:millrace:\d/);
    expect(event).toEqual({
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      producer,
      schemaURL: "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent",
      job: { namespace: "millrace://electronics_shop", name: "sync.call_back_to_exports" },
      inputs: [warehouse],
      outputs: [
        {
          namespace: "file://exports",
          name: "member/call_back_to_exports",
          facets: {
            columnLineage: {
              _producer: producer,
              _schemaURL:
                "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet",
              fields: { phone: read("phone", "TRANSFORMATION"), first_name: read("first_name", "IDENTITY") },
            },
          },
        },
      ],
    });
  });
});

describe("what is asked", () => {
  test.each([
    ["customers.orders", 0, "model:customers.orders  (no column)"],
    ["model:customers.orders", 0, "model:customers.orders  (no column)"],
    ["CUSTOMERS.orders", 64, 'nothing here is called "CUSTOMERS.orders"'],
    ["customers.Orders", 0, "model:customers.orders  (no column)"],
    ["shop.orders.anything", 0, "source:shop.orders.anything"],
    ["sync:customers_to_crm:name", 0, "sync:customers_to_crm:name  (template)"],
    ["customers_to_crm:nome", 64, 'sync:customers_to_crm has no field "nome"'],
    ["customers.nope", 64, 'model:customers has no column "nope"'],
    ["segment:lapsed_buyers", 64, 'nothing here is called "segment:lapsed_buyers"'],
  ])("%s", async (word, exit, line) => {
    const found = await millrace(["lineage", word], { cwd });
    expect([found.exit, (found.stdout + found.stderr).split("\n")[0]?.replace(/^error\[E\d+\]: /, "")]).toEqual([
      exit,
      line,
    ]);
  });

  test("--openlineage is a format of its own", async () => {
    const found = await millrace(["lineage", "customers", "--openlineage", "--downstream"], { cwd });
    expect(found).toMatchObject({ exit: 64, stdout: "" });
  });
});

describe("what is not known", () => {
  const files = { "models/customers.sql": "select * from {{ source('shop', 'customers') }}\n" };

  test("is a warning at the model, and unknown in the tree", async () => {
    const found = await millrace(["lineage", "french"], { cwd: await projectFolder(files) });
    expect(found.exit).toBe(0);
    expect(found.stdout).toBe("audience:french\n  filters model:customers.country  (is, unknown)\n");
    expect(found.stderr.split("\n").slice(0, 2)).toEqual([
      "warning[W252]: the lineage of model customers is not all known: * of source:shop.customers, whose columns are not all known",
      "  --> models/shop.yml:4:11",
    ]);
  });

  test("fails where the warning is made an error", async () => {
    const found = await millrace(["lineage", "french", "--warn-error=W252"], { cwd: await projectFolder(files) });
    expect(found.exit).toBe(1);
  });
});

test("without the package the line that installs it is told", async () => {
  const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  await expect(loadSdk(() => Promise.reject(missing))).rejects.toMatchObject({
    diagnostics: [
      {
        code: "E709",
        message: "the package @polyglot-sql/sdk is not installed",
        hint: "`npm install @polyglot-sql/sdk` beside millrace",
      },
    ],
  });
  await expect(loadSdk(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});
