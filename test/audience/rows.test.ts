import { afterAll, beforeAll, expect, test } from "vitest";
import { audienceColumns, audienceKeys, audienceRows, checkMembership, segmentKeys } from "../../src/audience/rows.ts";
import { membershipNeeds } from "../../src/audience/needs.ts";
import { keysOf, openWorld, type World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await openWorld({
    models: {
      customers: {
        key: ["id"],
        sql: `SELECT * FROM (VALUES (1, 'FR', 500.00, DATE '2025-01-01'), (2, 'FR', 300.00, DATE '2026-06-01'), (3, 'DE', 900.00, NULL),
          (4, NULL, 700.00, DATE '2024-01-01'), (5, 'FR', 500.00, DATE '2025-12-31'), (6, 'FR', NULL, DATE '2025-12-01')) t(id, country, value, last_order)`,
      },
      orders: {
        key: ["order_id"],
        sql: `SELECT * FROM (VALUES (1, '1', 100, TIMESTAMP '2026-01-01 10:00:00'), (2, '1', 50, TIMESTAMP '2026-02-01 10:00:00'), (3, '3', 10, TIMESTAMP '2020-01-01 00:00:00')) t(order_id, customer, amount, ordered_at)`,
      },
      lines: {
        key: ["a", "b"],
        sql: "SELECT * FROM (VALUES (1, 'x', 5), (1, 'y', 6), (2, 'x', 7)) t(a, b, n)",
      },
      keyless: { key: [], sql: "SELECT 1 AS id" },
    },
    segments: {
      french: { model: "customers", where: { field: "country", is: "FR" } },
      big: { model: "customers", sqlText: "SELECT id FROM customers WHERE value >= 500;" },
      small_lines: { model: "lines", sqlText: "SELECT a, b FROM lines WHERE n < 7" },
    },
    audiences: {
      french_buyers: { model: "customers", where: { in_segment: "french" } },
      no_french: {
        model: "customers",
        where: { field: "id", is_not_null: true },
        exclude: ["french"],
      },
      not_the_buyers: {
        model: "customers",
        where: { in_segment: "big" },
        exclude: ["french_buyers"],
      },
      top: {
        model: "customers",
        where: { in_segment: "big" },
        limit: { max: 2, order_by: "value desc" },
      },
      tie: {
        model: "customers",
        where: { field: "value", is: 500 },
        limit: { max: 1, order_by: "value desc, country" },
      },
      sticky: {
        model: "customers",
        where: { in_segment: "big" },
        limit: { max: 2, order_by: "value desc", sticky: true },
      },
      beyond_top: {
        model: "customers",
        where: { all: [{ in_segment: "big" }, { not: { in_audience: "top" } }] },
      },
      written: {
        model: "customers",
        sqlText:
          "SELECT CAST(id AS VARCHAR) AS id, value * 2 AS value, 'hi' AS greeting FROM customers WHERE id < 3 OR id IS NULL",
      },
      written_top: {
        model: "customers",
        sqlText: "SELECT id, id * 10 AS score FROM customers",
        limit: { max: 2, order_by: "score desc" },
      },
      some_lines: { model: "lines", where: { in_segment: "small_lines" }, exclude: ["one_line"] },
      one_line: { model: "lines", where: { field: "n", is: 5 } },
      regulars: {
        model: "customers",
        where: {
          any: [
            { event: "orders", on: { id: "customer" }, where: { related: "lines", on: { amount: "n" } } },
            { not: { event: "nothing", on: "id" } },
          ],
        },
      },
      circle: { model: "customers", where: { in_audience: "round" } },
      round: { model: "customers", where: { field: "id", is: 1 }, exclude: ["circle"] },
      astray: {
        model: "customers",
        where: {
          any: [
            { in_segment: "small_lines" },
            { in_segment: "frensh" },
            { in_audience: "french" },
            { field: "contry", is: "FR" },
          ],
        },
        limit: { max: 1, order_by: "valu desc, sum(x)" },
      },
      no_key: { model: "customers", sqlText: "SELECT country FROM customers" },
      of_keyless: { model: "keyless", where: { field: "id", is: 1 } },
    },
  });
});
afterAll(() => world.warehouse.close());

test.for<[string, number[]]>([
  ["french_buyers", [1, 2, 5, 6]],
  ["no_french", [3, 4]],
  ["not_the_buyers", [3, 4]],
  ["top", [3, 4]],
  ["tie", [1]],
  ["sticky", [3, 4]],
  ["beyond_top", [1, 5]],
  ["written", [1, 2]],
  ["written_top", [5, 6]],
])("%s has members %j", async ([name, members]) => {
  expect(await keysOf(world, audienceKeys(world.context, name))).toEqual(members);
  expect(await keysOf(world, audienceRows(world.context, name))).toEqual(members);
});

test("segments written in SQL give their keys", async () => {
  expect(await keysOf(world, segmentKeys(world.context, "big"))).toEqual([1, 3, 4, 5]);
});

test("sticky limits keep those who are members already", async () => {
  const context = {
    ...world.context,
    currentMembers: () => "SELECT '5' AS k UNION ALL SELECT '77'",
  };
  expect(await keysOf(world, audienceKeys(context, "sticky"))).toEqual([3, 5]);
});

test("composite keys", async () => {
  expect(await world.warehouse.rows(audienceKeys(world.context, "some_lines"))).toEqual([{ a: 1, b: "y" }]);
});

test("the query of an audience overrides and adds columns, but not the key", async () => {
  expect(audienceColumns(world.context, "written").map(({ name, type }) => `${name} ${type}`)).toEqual([
    "id INTEGER",
    "country VARCHAR",
    "value DECIMAL(15,2)",
    "last_order DATE",
    "greeting VARCHAR",
  ]);
  expect(await world.warehouse.rows(`${audienceRows(world.context, "written")} ORDER BY 1`)).toEqual([
    { id: 1, country: "FR", value: "1000.00", last_order: "2025-01-01", greeting: "hi" },
    { id: 2, country: "FR", value: "600.00", last_order: "2026-06-01", greeting: "hi" },
  ]);
});

test("members that are computed already are not computed again", () => {
  const context = {
    ...world.context,
    eligible: (name: string) => (name === "top" ? "SELECT id FROM done" : null),
  };
  expect(audienceKeys(context, "beyond_top")).toContain("SELECT id FROM done");
});

test.for<[string, string[]]>([
  [
    "circle",
    [
      "E234 models/audiences/round.yml:exclude.0 segments and audiences depend on each other in a circle: circle -> round -> circle",
    ],
  ],
  [
    "no_key",
    ['E238 models/audiences/no_key.yml:sql the query of "no_key" does not return "id", the primary key of "customers"'],
  ],
  [
    "of_keyless",
    [
      'E236 models/models/keyless.yml: model "keyless" has no primary_key, so nobody can be a member of an audience of it',
    ],
  ],
  [
    "astray",
    [
      'E233 models/audiences/astray.yml:where.any.0.in_segment "small_lines" is about model "lines", this rule is about "customers"',
      'E232 models/audiences/astray.yml:where.any.1.in_segment there is no segment "frensh"; did you mean "french"?',
      'E232 models/audiences/astray.yml:where.any.2.in_audience there is no audience "french"; "french" is a segment: write in_segment',
      'E235 models/audiences/astray.yml:where.any.3.field model "customers" has no column "contry"; did you mean "country"?',
      'E235 models/audiences/astray.yml:limit.order_by order_by: there is no column "valu"; did you mean "value"?',
      'E237 models/audiences/astray.yml:limit.order_by order_by does not understand "sum(x)"',
    ],
  ],
])("%s is refused with every problem at its place", ([name, problems]) => {
  const found = checkMembership(world.context, name).map(
    ({ code, at, message, hint }) =>
      `${code} ${at?.file} ${message}${/did you|is a segment/.test(hint ?? "") ? `; ${hint}` : ""}`,
  );
  expect(found).toEqual(problems);
});

test("what members are computed from, those needed first in front", () => {
  expect(membershipNeeds(world.context, ["beyond_top", "not_the_buyers"])).toEqual({
    models: ["customers"],
    memberships: ["big", "top", "beyond_top", "french", "french_buyers", "not_the_buyers"],
  });
  expect(membershipNeeds(world.context, ["regulars"])).toEqual({
    models: ["customers", "orders", "lines"],
    memberships: ["regulars"],
  });
  expect(membershipNeeds(world.context, ["circle"]).memberships).toEqual(["round", "circle"]);
});
