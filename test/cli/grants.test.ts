import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { grantsSchema } from "../../src/cli/schemas/grants.ts";
import { projectFolder, type Files } from "../project/sample.ts";
import { millrace } from "./millrace.ts";

const files: Files = {
  "millrace.yml": `version: 1
name: shop
vars: { history_start: '2020' }
environments:
  dev: { prod: true, warehouse: { type: duckdb, seeds: seeds/ } }
  bigquery:
    prod: true
    warehouse:
      type: bigquery
      connection: { project: "\${env:GCP_PROJECT}", location: EU, credentials: "\${env:GCP_KEY}" }
      dataset: crm
  impersonated:
    prod: true
    warehouse:
      type: bigquery
      connection: { project: acme-dwh, impersonate: millrace@acme-dwh.iam.gserviceaccount.com }
  snowflake:
    prod: true
    warehouse:
      type: snowflake
      connection: { account: acme-eu, user: "\${env:SNOWFLAKE_USER}", private_key: "\${env:SNOWFLAKE_KEY}" }
      database: DWH
      warehouse: millrace_xs
      role: MILLRACE
  roleless:
    prod: true
    warehouse: { type: snowflake, connection: { account: acme-eu, user: ada, token: "\${env:TOKEN}" }, database: DWH }
`,
  "models/shop.yml": `sources:
  - { name: shop, schema: raw_shop, tables: [{ name: customers }, { name: orders }, { name: never_read }] }
  - { name: crm, tables: [{ name: contacts }] }
  - { name: logs, database: lake, schema: web, freshness: { field: at, fail: 6h }, tables: [{ name: visits }] }
models:
  - { name: customers, primary_key: customer_id, identifiers: { email: email }, materialize: table }
`,
  "models/customers.sql": `with c as (select * from {{ source('shop', 'customers') }}) -- from not.read
select customer_id, c.email, extract(year from o.ordered_at) as y, 'from not.this' as country
from c left join {{ source('crm', 'contacts') }} p using (email) join Finance.Invoices i using (email)
left join orders_{{ var("history_start") }} o using (email), unnest(o.items)
`,
};

const env = {
  GCP_PROJECT: "acme-dwh",
  SNOWFLAKE_USER: "svc millrace",
  GCP_KEY: JSON.stringify({
    type: "service_account",
    client_email: "millrace@acme-dwh.iam.gserviceaccount.com",
    private_key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
      type: "pkcs8",
      format: "pem",
    }),
  }),
};
const golden = (name: string): URL => new URL(`golden/${name}`, import.meta.url);
const grants = async (environment: string, ...more: readonly string[]) =>
  millrace(["grants", "-e", environment, ...more], { cwd: await projectFolder(files), env });

describe("as a script", () => {
  test.each(["bigquery", "snowflake"])("%s", async (environment) => {
    const found = await grants(environment);
    expect(found).toMatchObject({ exit: 0 });
    await expect(found.stdout).toMatchFileSnapshot(golden(`grants-${environment}.sql`).pathname);
  });

  test("DuckDB needs none", async () => {
    const { stdout, exit } = await grants("dev");
    expect([exit, stdout]).toEqual([
      0,
      "-- Environment dev, DuckDB\n-- DuckDB reads and writes files of this machine, which need no grants\n",
    ]);
  });
});

test("as a document", async () => {
  const { stdout } = await grants("snowflake", "--json");
  expect(grantsSchema.parse(JSON.parse(stdout))).toEqual(JSON.parse(stdout));
  await expect(stdout).toMatchFileSnapshot(golden("grants.json").pathname);
});

describe("whom", () => {
  test.each([
    ["the account that is impersonated", "impersonated", [], /TO "serviceAccount:millrace@acme-dwh\.iam/],
    ["who is named", "impersonated", ["--to", "group:data@acme.example"], /TO "group:data@acme\.example";/],
    ["a person", "impersonated", ["--to", "ada@acme.example"], /TO "user:ada@acme\.example";/],
    ["a role that needs quotes", "roleless", ["--to", 'a "role'], /TO ROLE "a ""role";/],
  ])("%s", async (_, environment, more, pattern) => {
    expect((await grants(environment, ...more)).stdout).toMatch(pattern);
  });

  test("a project whose variable is not set is told by the variable's name", async () => {
    const found = await millrace(["grants", "-e", "bigquery", "--to", "ada@acme.example"], {
      cwd: await projectFolder(files),
      env: { ...env, GCP_PROJECT: "" },
    });
    expect([found.exit, found.stdout]).toEqual([1, ""]);
    expect(found.stderr).toContain("E334");
    expect(found.stderr).toContain("${env:GCP_PROJECT}");
  });

  test.each([
    ["nobody", "roleless", [], "whom to grant to is not known"],
    ["no account", "impersonated", ["--to", 'x"; DROP'], '--to: "x\\"; DROP" is no account of Google Cloud'],
  ])("%s is told", async (_, environment, more, message) => {
    const found = await grants(environment, ...more);
    expect([found.exit, found.stdout]).toEqual([64, ""]);
    expect(found.stderr).toContain(message);
  });
});
