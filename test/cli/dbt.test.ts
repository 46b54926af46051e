import { expect, describe, it } from "vitest";
import { validateSchema } from "../../src/cli/schemas/project.ts";
import { manifest, shop, type Manifest } from "../project/dbt/artifacts.ts";
import { projectFolder, type Files } from "../project/sample.ts";
import { millrace } from "./millrace.ts";

const plain = "manifest: target/manifest.json";
const edited = (edit: (node: any, whole: Manifest) => void): Files => ({
  "target/manifest.json": manifest((whole) => edit(whole.nodes["model.shop.customers"], whole)),
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
    expect(await problems({ ...noQuery, "target/catalog.json": catalog("2026-01-31T05:00:02Z") })).toEqual(
      gone(2, "its columns: email, person_id"),
    );
    expect(await problems({ ...noQuery, "target/catalog.json": catalog("2026-01-30T05:00:02Z") })).toEqual([]);
    expect(await problems({ ...noQuery, "target/catalog.json": "{" })).toEqual([]);
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
