import { afterEach, expect, test } from "vitest";
import type { TestResult } from "../../src/core.ts";
import { createCompiler } from "../../src/models/compile.ts";
import { runDataTests } from "../../src/models/data-tests.ts";
import { testFreshness } from "../../src/models/freshness.ts";
import { openSession, type Session } from "../../src/models/session.ts";
import { countRows, showRows } from "../../src/models/show.ts";
import { runUnitTests } from "../../src/models/unit-tests.ts";
import type { DataTestSpec, UnitTestSpec } from "../../src/project/project.ts";
import { openDuckDB } from "../../src/warehouse/duckdb.ts";
import { files, projectOf, temporary, type ProjectParts } from "./fixture.ts";

const open: Session[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

const people = [
  "customer_id,email,country,spent,seen_at",
  "1,ann@example.com,FR,10.50,2026-01-09T00:00:00Z",
  "2,ann@example.com,BE,-1,2026-01-08T00:00:00Z",
  "3,,XX,3,2026-01-01T00:00:00Z",
].join("\n");

async function opened(parts: ProjectParts) {
  const root = await temporary();
  await files(root, {
    "seeds/raw/people.csv": people,
    "seeds/raw/orders.csv": "order_id,customer_id,amount\n1,1,10\n2,9,20\n",
  });
  const project = projectOf(root, {
    tables: [{ name: "people" }, { name: "orders" }],
    seeds: { "raw.people": {}, "raw.orders": {} },
    ...parts,
  });
  const session = await openSession(project, { write: false, env: {} });
  open.push(session);
  return { project, session, compiler: await createCompiler(project, session) };
}

const brief = ({ name, status, message, detail, failures }: TestResult) => ({
  name,
  status,
  message,
  detail,
  ...(failures === undefined ? {} : { failures }),
});
const spec = (
  type: DataTestSpec["type"],
  given: DataTestSpec["arguments"] = {},
  more: Partial<DataTestSpec> = {},
): DataTestSpec => ({ type, arguments: given, severity: "error", limit: 0, ...more });

test.each<[string | null, DataTestSpec, Partial<ReturnType<typeof brief>>]>([
  ["customer_id", spec("unique"), { status: "passed", message: "holds" }],
  [
    "email",
    spec("unique"),
    { status: "failed", message: "1 duplicate value (limit 0)", detail: ["First 1, masked:", "  a•••@example.com ×2"] },
  ],
  ["email", spec("unique", {}, { limit: 1 }), { status: "passed", message: "1 of 1 tolerated" }],
  ["email", spec("unique", {}, { where: "country = 'FR'" }), { status: "passed" }],
  ["email", spec("not_null"), { status: "failed", message: "1 row with NULL (limit 0)" }],
  ["email", spec("not_null", {}, { severity: "warn" }), { status: "warned", failures: 1 }],
  ["country", spec("accepted_values", { values: ["FR", "BE"] }), { status: "failed", detail: ["First 1:", "  XX ×1"] }],
  ["spent", spec("accepted_values", { values: [10.5, -1, 3] }), { status: "passed" }],
  [null, spec("unique", { columns: ["email", "country"] }), { status: "passed" }],
  [null, spec("expression", { expression: "spent >= 0" }), { status: "failed", failures: 1 }],
  [null, spec("row_count", { min: 3, max: 3 }), { status: "passed", message: "3 rows" }],
  [null, spec("row_count", { min: 4 }), { status: "failed", message: "3 rows, expected at least 4" }],
  [
    "seen_at",
    spec("freshness", { fail: "12h" }),
    { status: "failed", message: "newest seen_at is 2026-01-09T00:00:00.000Z, 24 h old; at most 12h is allowed" },
  ],
  ["seen_at", spec("freshness", { warn: "12h", fail: "2d" }), { status: "warned" }],
  ["nope", spec("not_null"), { status: "errored" }],
  [
    null,
    spec("expression", { expression: "1 = 1) or exists (select 1 from duckdb_settings()" }),
    { status: "errored", message: "table function duckdb_settings() is not allowed here" },
  ],
])("data test on %s: %j", async (column, data_test, expected) => {
  const model = {
    sql: "select * from {{ source('shop', 'people') }}",
    columns: column === null ? [] : [{ name: column, data_tests: [data_test] }],
    data_tests: column === null ? [data_test] : [],
  };
  const runner = await opened({ models: { people: model } });
  const [result] = await runDataTests(runner, ["people"]);
  expect(brief(result as TestResult)).toMatchObject(expected);
});

test("relationships and custom tests speak of the rows that break them", async () => {
  const test_ = spec("relationships", { to: "ref('people')", field: "customer_id" });
  const runner = await opened({
    models: {
      people: "select * from {{ source('shop', 'people') }}",
      orders: {
        sql: "select * from {{ source('shop', 'orders') }}",
        columns: [{ name: "customer_id", data_tests: [test_] }],
      },
    },
    more: {
      sqlTests: [
        {
          name: "no_large_orders",
          file: "tests/no_large_orders.sql",
          sql: "select * from {{ ref('orders') }} where amount > 15",
        },
      ],
    },
  });
  expect((await runDataTests(runner, ["orders"])).map(brief)).toEqual([
    {
      name: "orders.customer_id › relationships",
      status: "failed",
      message: "1 row without a row over there (limit 0)",
      detail: ["First 1:", "  9 ×1"],
      failures: 1,
    },
    { name: "no_large_orders", status: "failed", message: "1 bad row", detail: [], failures: 1 },
  ]);
});

test("a source is as old as its newest row, counted from as_of", async () => {
  const { project, session } = await opened({
    tables: [
      { name: "people", freshness: { field: "seen_at", warn: "6h", fail: "1d" } },
      { name: "orders", freshness: { field: "at", fail: "1d" } },
    ],
  });
  expect((await testFreshness(project, session)).map(({ subject, status }) => ({ subject, status }))).toEqual([
    { subject: "shop.people", status: "warned" },
    { subject: "shop.orders", status: "errored" },
  ]);
});

function unitTest(given: Partial<UnitTestSpec>) {
  const full: UnitTestSpec = { name: "t", model: "totals", given: [], vars: {}, expect: { rows: [] }, ...given };
  return {
    name: full.name,
    file: "models/x.yml",
    at: () => ({ file: "models/x.yml", line: 31, column: 5 }),
    spec: full,
  };
}

const totals = {
  people: "select * from {{ source('shop', 'people') }}",
  totals: {
    sql: "select customer_id, sum(o.amount) as total, '{{ var('label') }}' as label from {{ ref('people') }} p join {{ source('shop', 'orders') }} o using (customer_id) group by all",
    primary_key: ["customer_id"],
  },
};
const given = [
  { input: "ref('people')", rows: [{ customer_id: 1 }, { customer_id: 2 }] },
  {
    input: 'source("shop", "orders")',
    rows: [
      { customer_id: 1, amount: 80 },
      { customer_id: 2, amount: 100 },
      { customer_id: 2, amount: null },
    ],
  },
];

test("a unit test compares rows without order, typed like the model's columns, and shows cells that differ", async () => {
  const runner = await opened({
    models: totals,
    vars: { label: "real" },
    more: {
      unitTests: [
        unitTest({
          given,
          vars: { label: "test" },
          expect: {
            rows: [
              { customer_id: 2, total: 100.0, label: "test" },
              { customer_id: 1, total: 80 },
            ].map((row) => ({ label: "test", ...row })),
          },
        }),
        unitTest({
          name: "wrong",
          given,
          expect: {
            rows: [
              { customer_id: 1, total: 80 },
              { customer_id: 2, total: 80 },
              { customer_id: 3, total: 1 },
            ],
          },
        }),
        unitTest({ name: "empty", expect: { rows: [] } }),
        unitTest({ name: "unknown", given: [{ input: "ref('peple')", rows: [] }] }),
      ],
    },
  });
  const results = await runUnitTests({ ...runner, target: runner.session });
  expect(results.map(brief)).toEqual([
    { name: "totals › t", status: "passed", message: "2 rows as expected", detail: [] },
    {
      name: "totals › wrong",
      status: "failed",
      message: "the rows are not as expected",
      detail: [
        "1 row differs (key customer_id)",
        "customer_id │ total",
        "────────────┼─────────────",
        "2           │ expected 80",
        "            │ actual   100",
        "missing:",
        "customer_id │ total",
        "────────────┼──────",
        "3           │ 1",
        "missing rows: 1 · unexpected rows: 0 · columns compared: customer_id, total",
      ],
    },
    { name: "totals › empty", status: "passed", message: "0 rows as expected", detail: [] },
    { name: "totals › unknown", status: "errored", message: `model "totals" does not read ref('peple')`, detail: [] },
  ]);
  expect(results[1]?.actual).toEqual(
    expect.arrayContaining([
      { customer_id: 1, total: 80 },
      { customer_id: 2, total: 100 },
    ]),
  );
});

test("without any data the types of given rows come from their values", async () => {
  const root = await temporary();
  const project = projectOf(root, {
    tables: [{ name: "orders" }],
    models: {
      totals:
        "select customer_id, max(placed_on) + interval 1 day as next from {{ source('shop', 'orders') }} group by all",
    },
    more: {
      unitTests: [
        unitTest({
          given: [{ input: "source('shop','orders')", rows: [{ customer_id: 1, placed_on: "2026-01-01" }] }],
          expect: { rows: [{ customer_id: 1, next: "2026-01-02" }] },
        }),
      ],
    },
  });
  const warehouse = await openDuckDB();
  const missing = {
    warehouse,
    modelSchema: '"m"',
    relationOf: (): string => '"raw"."orders"',
    checkReadOnly: async () => new Map(),
  };
  const compiler = await createCompiler(project, missing);
  const [result] = await runUnitTests({ project, target: missing, compiler });
  await warehouse.close();
  expect(result).toMatchObject({ status: "passed", message: "1 row as expected" });
});

test("show masks what is personal and counts rows", async () => {
  const { session, compiler } = await opened({ models: { people: "select * from {{ source('shop', 'people') }}" } });
  await compiler.prepare();
  const input = {
    query: compiler.query("people"),
    columns: compiler.columns("people"),
    limit: 2,
    orderBy: ["customer_id"],
  };
  expect(await showRows(session.warehouse, { ...input, only: ["customer_id", "email", "spent"] })).toMatchObject({
    rows: [
      [1, "a•••@example.com", 10.5],
      [2, "a•••@example.com", -1],
    ],
    masked: ["email"],
  });
  expect(await countRows(session.warehouse, input.query)).toBe(3);
  await expect(showRows(session.warehouse, { ...input, only: ["emial"] })).rejects.toMatchObject({
    diagnostics: [{ code: "E204", hint: 'did you mean "email"?' }],
  });
});
