import { afterAll, beforeAll, expect, test } from "vitest";
import { enteringSample, mostLeaversFail } from "../../src/audience/because.ts";
import { explainPerson, type ExplainedRule } from "../../src/audience/explain.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({
    models: {
      customers: {
        key: ["id"],
        identifiers: { email: "email" },
        sql: `SELECT * FROM (VALUES (1, 'FR', 500.00, 'a@example.com'), (2, 'FR', 381.50, 'b@example.com'), (3, NULL, 900.00, NULL), (4, 'FR', 700.00, 'd@example.com'), (5, 'DE', 10.00, 'e@example.com'))
          t(id, country, lifetime_value, email)`,
      },
      orders: {
        key: ["order_id"],
        sql: "SELECT * FROM (VALUES (1, 1, TIMESTAMP '2026-06-01'), (2, 1, TIMESTAMP '2026-05-01'), (3, 2, TIMESTAMP '2026-06-02'), (4, 4, TIMESTAMP '2020-01-01')) t(order_id, id, ordered_at)",
      },
      consents: { key: ["id"], sql: "SELECT * FROM (VALUES (1, true), (2, false), (4, true)) t(id, granted)" },
    },
    segments: {
      openers: { model: "customers", where: { field: "id", in: [2, 4] } },
      staff: { model: "customers", where: { field: "email", is: "d@example.com" } },
    },
    audiences: {
      good: {
        model: "customers",
        where: {
          all: [
            { field: "country", is: "FR" },
            { field: "lifetime_value", gte: 400 },
            {
              any: [
                { event: "orders", on: "id", within: { field: "ordered_at", last: "90d" }, count: { gte: 2 } },
                { in_segment: "openers" },
              ],
            },
            { not: { field: "email", starts_with: "x" } },
          ],
        },
        exclude: ["staff"],
      },
      written: {
        model: "customers",
        sqlText: `WITH base AS (SELECT * FROM customers WHERE lifetime_value > 100), countries AS (SELECT country FROM base),
          with_consent AS (SELECT b.* FROM base b JOIN consents c USING (id) WHERE c.granted) SELECT id FROM with_consent WHERE country = 'FR' -- those`,
      },
      top: {
        model: "customers",
        where: { field: "lifetime_value", gt: 0 },
        limit: { max: 1, order_by: "lifetime_value desc" },
      },
    },
  });
});
afterAll(() => world.warehouse.close());

const lines = (rule: ExplainedRule, depth = 0): readonly string[] => [
  `${"  ".repeat(depth)}${rule.holds === null ? "–" : rule.holds ? "✔" : "✘"} ${rule.rule}${rule.found === null ? "" : ` · ${rule.found}`}`,
  ...rule.children.flatMap((child) => lines(child, depth + 1)),
];
const explain = (name: string, k: string) => explainPerson(world.context, world.warehouse, name, k);

test.for<[string, string[]]>([
  [
    "2",
    [
      "✘ all of",
      "  ✔ country is FR · country = FR",
      "  ✘ lifetime value is at least 400 · lifetime_value = 381.50, needs 18.50 more",
      "  ✔ any of",
      "    ✘ has at least 2 orders in the last 90 days · count = 1, needs 1 more",
      "    ✔ in segment openers · a member",
      "  ✔ not (email starts with x) · email = (hidden, personal)",
    ],
  ],
  [
    "3",
    [
      "✘ all of",
      "  ✘ country is FR · country = NULL (unknown)",
      "  ✔ lifetime value is at least 400 · lifetime_value = 900.00",
      "  ✘ any of",
      "    ✘ has at least 2 orders in the last 90 days · count = 0, needs 2 more",
      "    ✘ in segment openers · not a member",
      "  ✔ not (email starts with x) · email = NULL (unknown)",
    ],
  ],
  [
    "1",
    [
      "✔ all of",
      "  ✔ country is FR · country = FR",
      "  ✔ lifetime value is at least 400 · lifetime_value = 500.00",
      "  ✔ any of",
      "    ✔ has at least 2 orders in the last 90 days · count = 2",
      "    – in segment openers · not looked at, another already holds",
      "  ✔ not (email starts with x) · email = (hidden, personal)",
    ],
  ],
])("person %s, rule by rule", async ([k, expected]) => {
  const { rules } = await explain("good", k);
  expect(lines(rules!)).toEqual(expected);
});

test.for<[string, string, object]>([
  ["good", "1", { known: true, member: true, excludedBy: null }],
  ["good", "2", { known: true, member: false, excludedBy: null }],
  ["good", "4", { known: true, member: false, excludedBy: "staff" }],
  ["good", "99", { known: false, member: false, excludedBy: null }],
  ["top", "3", { known: true, member: true, excludedBy: null }],
  ["top", "1", { known: true, member: false, excludedBy: "limit of 1" }],
])("%s: is %s a member, and if not, what keeps them out", async ([name, k, expected]) => {
  expect(await explain(name, k)).toMatchObject(expected);
});

test.for<[string, boolean, (boolean | null)[]]>([
  ["1", true, [true, null, true, true]],
  ["2", false, [true, null, false, false]],
  ["3", false, [true, null, false, false]],
  ["5", false, [false, null, false, false]],
])("an audience written in SQL is traced step by step for %s", async ([k, member, present]) => {
  const explained = await explain("written", k);
  expect([explained.rules, explained.member]).toEqual([null, member]);
  expect(explained.trace).toEqual(
    ["base", "countries", "with_consent", "result"].map((step, index) => ({ step, present: present[index] })),
  );
});

test("a wrapped query is traced in its own steps, with the wrapper's CTEs in reach", async () => {
  const context = {
    ...world.context,
    sqlQuery: () =>
      "WITH upstream AS (SELECT * FROM customers)\nSELECT * FROM (\nWITH mine AS (SELECT id FROM upstream WHERE id < 3) SELECT * FROM mine\n)",
  };
  const { trace } = await explainPerson(context, world.warehouse, "written", "2");
  expect(trace).toEqual([
    { step: "mine", present: true },
    { step: "result", present: true },
  ]);
});

const previously = (...keys: readonly string[]): string =>
  `SELECT unnest([${keys.map((key) => `'${key}'`).join(", ")}]::VARCHAR[]) AS k`;

test.for<[string, string, object | null]>([
  ["good", previously("1", "2", "5"), { words: "fail the rule lifetime value is at least 400", people: 2, leavers: 2 }],
  ["good", previously("2", "77", "78"), { words: "are gone from model customers", people: 2, leavers: 3 }],
  ["good", previously("4"), { words: "are in staff, which is excluded", people: 1, leavers: 1 }],
  ["good", previously("1"), null],
  ["written", previously("1", "2", "3"), { words: "are no longer in its query", people: 2, leavers: 2 }],
])("what most leavers of %s fail (%s)", async ([name, previous, expected]) => {
  expect(await mostLeaversFail(world.context, world.warehouse, name, previous)).toEqual(expected);
});

test("people who enter come with what holds for them", async () => {
  expect(await enteringSample(world.context, world.warehouse, "good", null, 5)).toEqual([
    {
      k: "1",
      because:
        "country is FR, lifetime value is at least 400, has at least 2 orders in the last 90 days, not (email starts with x)",
    },
  ]);
  expect(await enteringSample(world.context, world.warehouse, "good", previously("1"), 5)).toEqual([]);
  expect(await enteringSample(world.context, world.warehouse, "written", null, 5)).toEqual([
    { k: "1", because: "in the query of written" },
    { k: "4", because: "in the query of written" },
  ]);
});
