import { expect, test } from "vitest";
import { namedDirectly } from "../../src/models/named-directly.ts";

test.each<[string, string, readonly string[]]>([
  ["a schema and its table", "select * from Crm.People p", ["crm.people"]],
  ["three parts, some in quotes", 'select * from "Lake"."web" . visits', ["Lake.web.visits"]],
  ["a path in one pair of backquotes", "select * from `acme-dwh.crm.people` where true", ["acme-dwh.crm.people"]],
  ["joins, each once", "select * from a.b left join c.d using (x) cross join a.b", ["a.b", "c.d"]],
  ["inside a CTE", "with t as (select * from a.b) select * from t", ["a.b"]],
  ["words of templates", "select * from {{ source('shop', 'customers') }} c join {{ ref('orders') }} using (id)", []],
  ["a CTE or a table without a schema", "select * from people", []],
  ["comments and texts", "select 'from a.b' -- from a.b\n/* from a.b */ from {{ ref('x') }}", []],
  ["EXTRACT and its like", "select extract(year from o.at), trim(both from o.name) from {{ ref('o') }} o", []],
  ["rows inside a column", "select * from {{ ref('o') }} o join o.items", []],
  ["a function", "select * from catalog.rows(1)", []],
])("%s", (_, sql, tables) => {
  const found = namedDirectly(sql, { folds: true });
  expect([found.tables.map((parts) => parts.join(".")), found.variable]).toEqual([tables, false]);
});

test("a name that a variable makes is not known", () => {
  expect(namedDirectly("select * from {{ var('schema') }}.people p", { folds: true })).toEqual({
    tables: [],
    variable: true,
  });
  expect(namedDirectly("select {{ var('x') }} from {{ ref('y') }}", { folds: true }).variable).toBe(false);
});

test("names keep their case where they are not folded", () => {
  expect(namedDirectly("select * from Crm.People", { folds: false }).tables).toEqual([["Crm", "People"]]);
});
