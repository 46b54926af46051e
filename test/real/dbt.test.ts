/** millrace over a dbt project that dbt-core and dbt-duckdb build here: nothing of it is made by hand. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { dbtShop } from "./dbt-shop.ts";
import { dbtProgram, startShop, type Shop } from "./servers/dbt.ts";
import { describeWith } from "./servers/needs.ts";

const crm = {
  "millrace.yml": `version: 1
name: crm
allow_paths: [../dbt]
dbt: { manifest: ../dbt/target/manifest.json, max_age: 24h, require_success: true }
environments:
  dev:
    warehouse: { type: duckdb, path: ../dbt/warehouse.duckdb }
    destinations: { "*": { use: file } }
`,
  "models/late_orders.sql": `select o.order_id, p.email, s.dbt_valid_from is not null as known
from {{ source('app', 'orders') }} raw
join {{ ref('orders') }} o on o.order_id = raw.id
join {{ ref('orders_v1') }} old using (order_id)
join {{ ref('raw_people') }} p on p.id = o.person_id
join {{ ref('people_history') }} s on s.person_id = o.person_id
`,
  "models/audiences.yml": `models:
  - { name: stg_shop__people, primary_key: person_id, identifiers: { email: email } }
  - { name: late_orders, primary_key: order_id }
audiences:
  - { name: french, model: customers, where: { all: [ { field: country, is: FR }, { field: lifetime_value, gte: 400 } ] } }
  - { name: belgian, model: stg_shop__people, where: { field: country, is: BE } }
syncs:
  - { name: french_to_crm, audience: french, destination: crm, object: member, mode: mirror, identifiers: { email: { from: email } } }
  - { name: belgian_to_crm, audience: belgian, destination: crm, object: member, mode: mirror, remote: { name: belgian }, identifiers: { email: { from: email } } }
  - { name: orders_to_crm, model: late_orders, destination: crm, object: record, mode: upsert, mappings: [ { to: email, from: email }, { to: known, from: known } ] }
`,
  "destinations/crm.yml": "destination: crm\ntype: webhook\nconfig: { url: 'https://crm.example.com/hook' }\n",
};

/** Everything that the environment's files say was sent, as one text. */
async function outbox(shop: Shop): Promise<string> {
  const folder = join(shop.root, "crm/.millrace/outbox");
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return (await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), "utf8")))).join("\n");
}

describeWith({ dbt: dbtProgram })("dbt", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop(crm);
    await shop.dbt(["build"]);
  });
  afterAll(() => shop?.close());
  // Also after a test that failed on its way.
  afterEach(() => shop.write(Object.fromEntries(Object.entries(dbtShop).map(([file, text]) => [`dbt/${file}`, text]))));

  const validate = async (): Promise<readonly string[]> => {
    const { stdout } = await shop.millrace(["validate", "--json"]);
    return JSON.parse(stdout).diagnostics.map(
      ({
        code,
        at,
        message,
        hint,
      }: {
        code: string;
        at: { file: string; line: number };
        message: string;
        hint: string;
      }) => `${code} ${at.file}:${at.line} ${message}; ${hint.replace(/, [^,]+ old\)/, ")")}`,
    );
  };

  it("validates, offline and against the warehouse, and runs dbt's tests", async () => {
    expect(await validate()).toEqual([]);
    const online = await shop.millrace(["validate", "--online"]);
    expect(online).toMatchObject({ exit: 0, stdout: expect.stringContaining("0 errors, 0 warnings") });
    const tested = await shop.millrace(["test", "--json"]);
    const names = JSON.parse(tested.stdout).tests.map(
      ({ name, status }: { name: string; status: string }) => `${name} ${status}`,
    );
    expect(names.toSorted()).toEqual([
      "customers.country › accepted_values passed",
      "customers.email › relationships passed",
      "customers.person_id › not_null passed",
      "customers.person_id › unique passed",
      "orders.order_id › not_null passed",
      "orders_v1.order_id › not_null passed",
    ]);
  });

  it("sends what tables, views, versions, a seed, a snapshot and a source hold", async () => {
    const { exit, stderr } = await shop.millrace(["sync", "--yes"]);
    expect({ exit, stderr: exit === 0 ? "" : stderr }).toEqual({ exit: 0, stderr: "" });
    const sent = await outbox(shop);
    expect([...new Set(sent.match(/\w+@example\.com/g))].toSorted()).toEqual(["ada@example.com", "bob@example.com"]);
    const status = JSON.parse((await shop.millrace(["plan", "--json"])).stdout);
    expect(status.changes).toBe(false);
    expect(status.syncs.map(({ sync }: { sync: string }) => sync)).toEqual([
      "belgian_to_crm",
      "french_to_crm",
      "orders_to_crm",
    ]);
  });

  it("doctor finds the manifest and all that is used", async () => {
    const { checks } = JSON.parse((await shop.millrace(["doctor", "--json"])).stdout);
    const dbt = checks.find(({ name }: { name: string }) => name === "dbt");
    expect(dbt).toMatchObject({ status: "ok" });
    expect(dbt.message).toMatch(/^\.\.\/dbt\/target\/manifest\.json v12, .* old, 8 nodes, all 6 used there$/);
  });

  describe("when a column is renamed or dropped in dbt", () => {
    const people = "dbt/models/stg_shop__people.sql";
    const customers = "dbt/models/customers.sql";
    const schema = "dbt/models/schema.yml";
    const original = {
      [people]: dbtShop["models/stg_shop__people.sql"]!,
      [customers]: dbtShop["models/customers.sql"]!,
      [schema]: dbtShop["models/schema.yml"]!,
    };
    const gone = [
      'E204 models/audiences.yml:5 model "customers" has no column "country"; did you mean "country_code"? (7 columns from dbt\'s manifest)',
      'E204 models/audiences.yml:6 model "stg_shop__people" has no column "country"; did you mean "country_code"? (4 columns from dbt\'s manifest)',
    ];

    it("validate says so after dbt build, and is quiet again after the way back", async () => {
      await shop.write({
        [people]: original[people]!.replace("email, country", "email, country as country_code"),
        [schema]: original[schema]!.replace("name: country,", "name: country_code,").replace(
          "country is not null",
          "country_code is not null",
        ),
      });
      await shop.dbt(["build", "--exclude", "people_history"]);
      expect(await validate()).toEqual(gone);
      expect((await shop.millrace(["validate"])).exit).toBe(1);
      await shop.write(original);
      await shop.dbt(["build", "--exclude", "people_history"]);
      expect(await validate()).toEqual([]);
    });

    it("after dbt parse alone, which compiles nothing and builds nothing", async () => {
      await shop.write({ [people]: original[people]!.replace("email, country", "email, country as country_code") });
      await shop.dbt(["parse", "--no-partial-parse"]);
      // Jinja stands in customers.sql: what it makes nobody knows before dbt compiles it.
      expect(await validate()).toEqual([
        'W251 models/audiences.yml:5 model "customers" has no column "lifetime_value" that dbt lists; list it in dbt\'s YAML, or let the warehouse be asked: millrace validate --online',
        gone[1],
      ]);
    });

    it("a column that dbt never documented is missed as well", async () => {
      await shop.write({
        [customers]: original[customers]!.replace("as lifetime_value, spent.last", "as lifetime, spent.last"),
      });
      await shop.dbt(["build", "--exclude", "people_history"]);
      expect(await validate()).toEqual([
        'E204 models/audiences.yml:5 model "customers" has no column "lifetime_value"; its columns: country, email, joined, last_order_at, lifetime, person_id, two (7 columns from dbt\'s manifest)',
      ]);
      await shop.write(original);
      await shop.dbt(["build"]);
      expect(await validate()).toEqual([]);
    });
  });

  it("require_success: what dbt failed to build, and what reads it, waits; the rest goes out", async () => {
    const broken = dbtShop["models/customers.sql"]!.replace("{{ 1 + 1 }}", "people.no_such_column");
    await shop.write({ "dbt/models/customers.sql": broken });
    await shop.dbt(["build"], { fails: true });
    const { exit, stdout } = await shop.millrace(["sync", "--yes", "--json"]);
    const { syncs } = JSON.parse(stdout);
    expect([
      exit,
      ...syncs.map((one: any) => `${one.sync} ${one.status} ${one.error?.code ?? ""} ${one.error?.message ?? ""}`),
    ]).toEqual([
      1,
      "belgian_to_crm unchanged  ",
      'french_to_crm failed E250 sync "french_to_crm" needs what dbt did not build: dbt model "customers": dbt reports it as error',
      "orders_to_crm unchanged  ",
    ]);
    await shop.write({ "dbt/models/customers.sql": dbtShop["models/customers.sql"]! });
    await shop.dbt(["build"]);
    expect((await shop.millrace(["sync", "--yes"])).exit).toBe(0);
  });

  it("require_success: dbt docs generate leaves a proof of nothing, with --no-compile it does not", async () => {
    await shop.dbt(["docs", "generate"]);
    const { exit, stdout } = await shop.millrace(["sync", "--yes"]);
    expect([exit, stdout]).toEqual([1, expect.stringContaining('run_results.json is of "dbt generate"')]);
    await shop.dbt(["build"]);
    await shop.dbt(["docs", "generate", "--no-compile"]);
    expect((await shop.millrace(["sync", "--yes"])).exit).toBe(0);
  });

  it("exposures are read by dbt, which finds the way from an audience back to its models", async () => {
    const written = await shop.millrace(["dbt", "exposures", "--write", "../dbt/models/exposures_millrace.yml"]);
    expect(written).toMatchObject({ exit: 0, stdout: expect.stringContaining("Wrote 5 exposures") });
    const listed = await shop.dbt([
      "ls",
      "--quiet",
      "--select",
      "+exposure:french_to_crm",
      "--resource-type",
      "model",
      "--resource-type",
      "seed",
    ]);
    expect(listed.trim().split("\n").toSorted()).toEqual([
      "shop.customers",
      "shop.raw_orders",
      "shop.raw_people",
      "shop.stg_shop__people",
    ]);
    const orders = await shop.dbt([
      "ls",
      "--quiet",
      "--select",
      "+exposure:orders_to_crm",
      "--resource-type",
      "source",
      "--resource-type",
      "snapshot",
    ]);
    expect(orders.trim().split("\n").toSorted()).toEqual(["shop.people_history", "source:shop.app.orders"]);
  });
});
