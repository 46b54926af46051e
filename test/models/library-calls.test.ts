/** Models that call the library, compiled: columns and errors at the call, tests through it, and its text in the hashes. */
import { afterEach, expect, test } from "vitest";
import { createCompiler, type CompilerOptions } from "../../src/models/compile.ts";
import { openSession, type Session } from "../../src/models/session.ts";
import { runUnitTests } from "../../src/models/unit-tests.ts";
import { definitionText, formerProject } from "../../src/engine/definition-text.ts";
import { loadProject } from "../../src/project/load.ts";
import type { Project } from "../../src/project/project.ts";
import { files, temporary } from "./fixture.ts";

const open: Session[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

const shop = {
  "millrace.yml":
    'version: 1\nname: shop\nenvironments: { dev: { warehouse: { type: duckdb, path: ":memory:", seeds: seeds } } }\n',
  "seeds/shop/orders.csv":
    "order_id,customer_id,ordered_at,amount,note\n1,1,2026-01-01,10,a\n2,1,2026-01-20,20,b\n3,2,2026-01-21,5,c\n",
  "models/shop.yml": "sources:\n  - { name: shop, tables: [ { name: orders } ] }\n",
  "models/orders.sql": "select * from {{ source('shop', 'orders') }}",
  "models/customers.sql":
    "select customer_id, segment, frequency\nfrom {{ ref('millrace.rfm', events='orders', key='customer_id', at='ordered_at', amount='amount') }}",
};

async function load(more: Readonly<Record<string, string>> = {}): Promise<Project> {
  const root = await temporary();
  await files(root, { ...shop, ...more });
  const { project, diagnostics } = await loadProject({ projectDir: root, now: Date.parse("2026-01-31T00:00:00Z") });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return project!;
}

async function compiled(project: Project, options: CompilerOptions = {}) {
  const session = await openSession(project, { write: false, env: {} });
  open.push(session);
  return { project, session, compiler: await createCompiler(project, session, options) };
}

test("a call is part of the query of who calls it", async () => {
  const { session, compiler } = await compiled(await load());
  expect(await session.warehouse.rows(`${compiler.query("customers")} ORDER BY customer_id`)).toEqual([
    { customer_id: 1, segment: "loyal", frequency: 2 },
    { customer_id: 2, segment: "new", frequency: 1 },
  ]);
});

const inYourOwn = "convert it in a model of your own, and name that model here";

test.each([
  [
    "a column that the model has not",
    "select * from {{ ref('millrace.sessions', events='orders',\n  key='custmer_id', at='ordered_at') }}",
    ["E204", 2, 3, 'orders has no column "custmer_id"', 'did you mean "customer_id"?'],
  ],
  [
    "a column that the table has not",
    "select * from {{ ref('millrace.sessions', events='shop.orders', key='customer_id', at='orderd_at') }}",
    ["E204", 1, 84, 'shop.orders has no column "orderd_at"', 'did you mean "ordered_at"?'],
  ],
  [
    "a column in the second of two models",
    "select * from {{ ref('millrace.funnel_dropoff', started='orders', finished='visits', key='customer_id', started_at='ordered_at', finished_at='seen_at', within='1d') }}",
    ["E204", 1, 86, 'visits has no column "customer_id"', "its columns: seen_at, visitor_id"],
  ],
  [
    "two keys that cannot be one",
    "select * from {{ ref('millrace.funnel_dropoff', started='orders', finished='lists', key='customer_id', started_at='ordered_at', finished_at='seen_at', within='1d') }}",
    ["E246", 1, 85, "customer_id is BIGINT in orders and INTEGER[] in lists", inYourOwn],
  ],
  [
    "text for a number",
    "select *\nfrom {{ ref('millrace.rfm', events='orders', key='customer_id', at='ordered_at', amount='note') }}",
    ["E246", 2, 82, "amount= takes a number, and orders.note is VARCHAR", inYourOwn],
  ],
  [
    "a number for a time",
    "select * from {{ ref('millrace.sessions', events='shop.orders', key='customer_id', at='order_id') }}",
    ["E246", 1, 84, "at= takes a date or a time, and shop.orders.order_id is BIGINT", inYourOwn],
  ],
])("%s is an error at the call", async (_what, sql, expected) => {
  const { compiler } = await compiled(
    await load({
      "models/wrong.sql": sql,
      "models/lists.sql": "select [1] as customer_id, date '2026-01-01' as seen_at",
      "models/visits.sql": "select 1 as visitor_id, timestamp '2026-01-01 00:00:00' as seen_at",
    }),
  );
  await compiler.prepare();
  expect(
    compiler.diagnostics().map(({ code, at, message, hint }) => [code, at?.line, at?.column, message, hint]),
  ).toEqual([expected]);
  expect(compiler.diagnostics()[0]?.at?.file).toBe("models/wrong.sql");
});

test("unit tests go through a call, or stand in its place", async () => {
  const call = "ref('millrace.rfm', events='orders', key='customer_id', at='ordered_at', amount='amount')";
  const { project, session, compiler } = await compiled(
    await load({
      "models/customers.yml": [
        "unit_tests:",
        "  - name: through_it",
        "    model: customers",
        "    given: [ { input: ref('orders'), rows: [ { customer_id: 7, ordered_at: 2026-01-30, amount: 1 } ] } ]",
        "    expect: { rows: [ { customer_id: 7, segment: new, frequency: 1 } ] }",
        "  - name: in_its_place",
        "    model: customers",
        `    given: [ { input: "${call}", rows: [ { customer_id: 8, segment: lost, frequency: 3 } ] } ]`,
        "    expect: { rows: [ { customer_id: 8, segment: lost, frequency: 3 } ] }",
      ].join("\n"),
    }),
  );
  const results = await runUnitTests({ project, target: session, compiler });
  expect(results.map(({ status, message }) => [status, message])).toEqual([
    ["passed", "1 row as expected"],
    ["passed", "1 row as expected"],
  ]);
});

test.each([
  ["E702", "select nope from {{ ref('orders') }}", /^millrace\.rfm: .*"nope" not found/],
  ["E702", "select from from", /syntax error/],
  ["E704", "select * from read_csv('/etc/hostname')", /read_csv\(\) is not allowed here/],
])("%s: what a text of the library may not is refused like any text, at the call: %s", async (code, sql, message) => {
  const project = await load();
  const models = new Map([...project.models].map(([name, model]) => [name, model.library ? { ...model, sql } : model]));
  const { compiler } = await compiled({ ...project, models });
  await compiler.prepare();
  expect(compiler.diagnostics()).toMatchObject([
    { code, message: expect.stringMatching(message), at: { file: "models/customers.sql", line: 2, column: 6 } },
  ]);
});

test("everything that is wrong with the columns of a call is told at once, and once", async () => {
  const { compiler } = await compiled(
    await load({
      "models/wrong.sql":
        "select * from {{ ref('millrace.rfm', events='orders', key='id', at='note', amount='amount') }}",
      "models/below.sql": "select * from {{ ref('wrong') }}",
    }),
  );
  await compiler.prepare();
  expect(compiler.diagnostics().map(({ code }) => code)).toEqual(["E204", "E246"]);
});

/** The project as a release with another text of the library would load it. */
function released(project: Project): Project {
  const models = [...project.models].map(
    ([name, model]) => [name, model.library ? { ...model, sql: `${model.sql} limit 1` } : model] as const,
  );
  return { ...project, models: new Map(models) };
}

test("a release that changes the library's text makes built tables and definitions out of date", async () => {
  const project = await load({
    "models/customers.yml": "models:\n  - { name: customers, materialize: table, primary_key: customer_id }\n",
    "models/vips.yml": "audiences:\n  - { name: vips, model: customers, where: { field: frequency, gte: 2 } }\n",
  });
  const { compiler } = await compiled(project);
  const built = new Map([["customers", compiler.hash("customers")]]);
  const { compiler: same } = await compiled(project, { built });
  expect(same.query("customers")).toBe('SELECT * FROM "ledger"."millrace_models"."customers"');
  const { compiler: newer } = await compiled(released(project), { built });
  expect(newer.query("customers")).toContain("limit 1");

  const before = definitionText(project, "vips");
  expect(definitionText(released(project), "vips")).not.toBe(before);
  const { compiler: former } = await compiled(formerProject(released(project), before));
  expect(former.query("customers")).not.toContain("limit 1");
});

test("the query of an audience and a custom test may call it too", async () => {
  const call = "{{ ref('millrace.sessions', events='orders', key='customer_id', at='ordered_at', gap='30d') }}";
  const project = await load({
    "models/customers.yml": "models:\n  - { name: customers, primary_key: customer_id }\n",
    "models/regulars.yml": "audiences:\n  - { name: regulars, model: customers, sql: regulars.sql }\n",
    "models/regulars.sql": `select customer_id from ${call} where events > 1`,
    "tests/no_long_sessions.sql": `select * from ${call} where seconds > 100 * 86400`,
  });
  const { session, compiler } = await compiled(project);
  expect(await session.warehouse.rows(compiler.sqlQuery("regulars"))).toEqual([{ customer_id: 1 }]);
  const [custom] = project.sqlTests;
  expect(await session.warehouse.rows(await compiler.textQuery(custom!.file, custom!.sql))).toEqual([]);
});
