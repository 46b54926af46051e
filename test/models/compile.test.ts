import { afterEach, expect, test } from "vitest";
import { MillraceError } from "../../src/errors.ts";
import { createCompiler, type CompilerOptions } from "../../src/models/compile.ts";
import { openSession, type Session } from "../../src/models/session.ts";
import { files, projectOf, temporary, type ProjectParts } from "./fixture.ts";

const open: Session[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

async function compiler(parts: ProjectParts, options: CompilerOptions = {}) {
  const root = await temporary();
  await files(root, {
    "seeds/raw/orders.csv": "id,customer_id,amount\n1,1,10.5\n2,1,20\n3,2,5\n",
    "seeds/countries.csv": "code,label\nFR,France\n",
  });
  const project = projectOf(root, {
    tables: [{ name: "orders" }],
    seeds: { "raw.orders": {}, countries: {} },
    ...parts,
  });
  const session = await openSession(project, { write: false, env: {} });
  open.push(session);
  return { session, compiler: await createCompiler(project, session, options) };
}

function diagnosticsOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof MillraceError) return error.diagnostics;
    throw error;
  }
  return [];
}

test("a model is a self-contained query over sources, seeds, models and segments", async () => {
  const { session, compiler: compile } = await compiler(
    {
      models: {
        orders: "select * from {{ source('shop', 'orders') }} -- all of them",
        totals: {
          sql: "with orders as (select * from {{ ref('orders') }}) select customer_id, sum(amount) as total from orders group by all;",
          materialize: "inline",
        },
        big: "select t.*, c.label from {{ ref('totals') }} t cross join {{ ref('countries') }} c where total > {{ var('least') }} and customer_id in (select customer_id from {{ ref('chosen') }})",
      },
      segments: { chosen: { model: "totals" } },
      vars: { least: 5 },
    },
    { keysOf: () => "SELECT 1 AS customer_id" },
  );
  expect(await session.warehouse.rows(`SELECT * FROM (${compile.query("big")}) q ORDER BY 1`)).toEqual([
    { customer_id: 1, total: 30.5, label: "France" },
  ]);
  await compile.prepare();
  expect(compile.columns("big").map(({ name, family }) => [name, family])).toEqual([
    ["customer_id", "integer"],
    ["total", "float"],
    ["label", "text"],
  ]);
  expect(compile.diagnostics()).toEqual([]);
});

test.each([
  ["E201", "select 1 from {{ ref('totls') }}", { line: 1, column: 15 }],
  ["E202", "select 1\n  from {{ source('shop', 'order') }}", { line: 2, column: 8 }],
  ["E215", "select {{ var('nope') }}", { line: 1, column: 8 }],
  ["E216", "select '{{ env_var('HOME') }}'", { line: 1, column: 9 }],
  ["E214", "select {% if x %}", { line: 1, column: 8 }],
  ["E702", "select *\nfrm {{ ref('totals') }}", { line: 2, column: 5 }],
  ["E702", "select {# é #} total,\n  'é' as é, {{ var('as_of') }} from", { line: 2, column: 13 }],
  ["E703", "select 1; drop table x", { line: 1, column: 1 }],
  ["E704", "select 1\nfrom {{ ref('totals') }} t, information_schema.tables", { line: 2, column: 29 }],
  ["E210", "select * from {{ ref('wrong') }}", { line: 1, column: 1 }],
] as const)("%s: %s", async (code, sql, place) => {
  const { compiler: compile } = await compiler({ models: { totals: "select 1 as total", wrong: sql } });
  expect(diagnosticsOf(() => compile.query("wrong"))).toMatchObject([
    { code, at: { file: "models/wrong.sql", ...place } },
  ]);
});

test("a column that is not there is found at its place in the file, behind words and in long lines", async () => {
  const padding =
    "'x' as a_column_with_a_rather_long_name_number_one, 'y' as a_column_with_a_rather_long_name_number_two";
  const { compiler: compile } = await compiler({
    models: {
      totals: "select 1 as total",
      wrong:
        `select ${padding},\n  ${padding.replaceAll("_name", "")}, {{ var('as_of') }}::int, t.totl\nfrom {{ ref('totals') }} t`.replace(
          "{{ var('as_of') }}::int",
          "'{{ var('as_of') }}'",
        ),
    },
  });
  await compile.prepare();
  const lineTwo = `  ${padding.replaceAll("_name", "")}, '{{ var('as_of') }}', `;
  expect(diagnosticsOf(() => compile.columns("wrong"))).toMatchObject([
    { code: "E702", at: { file: "models/wrong.sql", line: 2, column: lineTwo.length + 1 } },
  ]);
});

test("a broken model breaks those below it with its own place, and no others", async () => {
  const { compiler: compile } = await compiler({
    models: {
      broken: "select nope from {{ source('shop', 'orders') }}",
      below: "select * from {{ ref('broken') }}",
      fine: "select 1 as a",
    },
  });
  await compile.prepare();
  expect(diagnosticsOf(() => compile.columns("below"))).toMatchObject([
    { code: "E702", at: { file: "models/broken.sql", line: 1, column: 8 } },
  ]);
  expect(compile.columns("fine")).toEqual([{ name: "a", type: "INTEGER", family: "integer" }]);
});

test("a value cannot end the quotes it stands in", async () => {
  const { session, compiler: compile } = await compiler({
    models: { quoted: "select '{{ var('who') }}' as who" },
    vars: { who: "O'Hara' or 1=1 --" },
  });
  expect(await session.warehouse.rows(compile.query("quoted"))).toEqual([{ who: "O'Hara' or 1=1 --" }]);
});

test("a table model is read as built while its definition and those above it are today's", async () => {
  const models = {
    base: "select 1 as a",
    wide: { sql: "select a + 1 as b from {{ ref('base') }}", materialize: "table" as const },
  };
  const { compiler: first } = await compiler({ models });
  const built = new Map([["wide", first.hash("wide")]]);
  const { compiler: same } = await compiler({ models }, { built });
  expect(same.query("wide")).toBe('SELECT * FROM "ledger"."millrace_models"."wide"');
  const { compiler: changed } = await compiler({ models: { ...models, base: "select 2 as a" } }, { built });
  expect(changed.query("wide")).toContain("select 2 as a");
});
