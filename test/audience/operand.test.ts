import { afterAll, beforeAll, expect, test } from "vitest";
import { audienceKeys, checkMembership } from "../../src/audience/rows.ts";
import type { Rule } from "../../src/project/schema/rule.ts";
import { keysOf, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({
    timezone: "Europe/Paris",
    asOf: "2026-06-15T12:00:00Z",
    models: {
      t: {
        key: ["id"],
        sql: `SELECT 1 AS id, 'FR' AS country, 2 AS n, 1.50::DECIMAL(9,2) AS amount, 0.1::FLOAT AS small, true AS flag, DATE '2026-01-05' AS born,
          TIMESTAMP '2026-01-04 23:30:00' AS seen, TIMESTAMPTZ '2026-06-15 12:00:00+00' AS paid, TIME '09:30' AS wakes, ['a', NULL] AS tags, [1, 2] AS numbers,
          [DATE '2026-01-05'] AS dates, [[1]] AS nested, ['x']::ENUM('x', 'y')[] AS marks, 'x'::ENUM('x', 'y') AS mark, '6f9619ff-8b86-d011-b42d-00cf4fc964ff'::UUID AS uid,
          {'a': 1} AS box, '{}'::JSON AS doc, 'b'::BLOB AS bytes, INTERVAL 1 DAY AS span, CAST(NULL AS VARCHAR) AS gone`,
      },
      e: { key: ["eid"], sql: "SELECT 1 AS eid, 1 AS id, 'k' AS kind, TIMESTAMP '2026-06-01' AS happened" },
    },
  });
});
afterAll(() => world.warehouse.close());

const placeOf = (path: readonly (string | number)[] = []) => ({ file: path.join("."), line: 1, column: 1 });

/** The world with one more audience `a` of that rule. */
const withRule = (where: Rule): World["context"] => {
  const base = {
    name: "a",
    tags: [],
    meta: {},
    tests: [],
    guards: {},
    status: "active" as const,
    exclude: [],
    model: "t",
    where,
  };
  return {
    ...world.context,
    project: {
      ...world.context.project,
      audiences: new Map([["a", { name: "a", spec: base, file: "a.yml", at: placeOf }]]),
    },
  };
};

test.for<[Rule, boolean]>([
  [{ field: "small", is: 0.1 }, true],
  [{ field: "small", gt: 0.1 }, false],
  [{ field: "mark", is: "z" }, false],
  [{ field: "mark", in: ["x", "z"] }, true],
  [{ field: "uid", is: "not a uuid" }, false],
  [{ field: "uid", starts_with: "6f96" }, true],
  [{ field: "marks", contains: "z" }, false],
  [{ field: "dates", contains: "2026-01-05" }, true],
  [{ field: "numbers", contains: 2n }, true],
  [{ field: "span", is: "1 day" }, true],
  [{ field: "wakes", gte: "09:30" }, true],
  // Midnight of 5 January in Paris is 23:00 UTC of the 4th.
  [{ field: "seen", gte: "2026-01-05" }, true],
  [{ field: "seen", lt: "2026-01-05 00:30" }, false],
  [{ field: "born", is: "2026-01-04T23:00:00Z" }, true],
  [{ field: "paid", within_last: "0s" }, true],
  [{ field: "country", contains: "'" }, false],
  [{ field: "gone", is_not: "x" }, false],
  [{ field: "gone", not_in: ["x"], or_null: true }, true],
  [{ not: { field: "gone", is: "x" } }, true],
  [{ field: "country", in: [] }, false],
  [{ field: "country", not_in: [] }, true],
  [{ field: "gone", not_in: [] }, false],
])("%s is %s", async ([where, holds]) => {
  expect(await keysOf(world, audienceKeys(withRule(where), "a"))).toEqual(holds ? [1] : []);
});

test.for<[Rule, string]>([
  [
    { field: "country", is: 5 },
    'E230 where.is country is of type VARCHAR, so it is compared with a text, not with 5 (write "5" in quotes)',
  ],
  [
    { field: "n", gte: "5" },
    'E230 where.gte n is of type INTEGER, so it is compared with a number, not with "5" (write 5 without quotes)',
  ],
  [
    { field: "n", gte: "five" },
    'E230 where.gte n is of type INTEGER, so it is compared with a number, not with "five"',
  ],
  [
    { field: "flag", is: "yes" },
    'E230 where.is flag is of type BOOLEAN, so it is compared with true or false, not with "yes"',
  ],
  [
    { field: "flag", gt: true },
    "E230 where.gt flag is of type BOOLEAN; an order is for numbers, texts, dates and timestamps",
  ],
  [{ field: "born", contains: "2026" }, "E230 where.contains born is of type DATE; contains is for texts and lists"],
  [
    { field: "country", within_last: "30d" },
    "E230 where.within_last country is of type VARCHAR; within_last is for dates and timestamps",
  ],
  [{ field: "n", before: "2026-01-01" }, "E230 where.before n is of type INTEGER; before is for dates and timestamps"],
  [{ field: "n", starts_with: "1" }, "E230 where.starts_with n is of type INTEGER; starts_with is for texts"],
  [
    { field: "tags", is: "a" },
    "E230 where.is tags is a list and cannot be compared with one value (use contains: VALUE)",
  ],
  [
    { field: "tags", contains: 1 },
    'E230 where.contains tags is of type VARCHAR[], so it is compared with a text, not with 1 (write "1" in quotes)',
  ],
  [
    { field: "numbers", contains: "1" },
    'E230 where.contains numbers is of type INTEGER[], so it is compared with a number, not with "1" (write 1 without quotes)',
  ],
  [{ field: "nested", contains: 1 }, "E230 where.contains nested is a list of lists, which contains cannot look into"],
  [
    { field: "doc", is: "{}" },
    "E230 where.is doc is of type JSON, which only is_null and is_not_null can test (take the part you need into a column of the model)",
  ],
  [
    { field: "born", before: "tomorrow" },
    'E231 where.before "tomorrow" is no date, timestamp or duration (write 2026-01-31, 2026-01-31T09:00:00Z or { ago: 30d })',
  ],
  [
    { field: "born", within_last: "5m" },
    'E231 where.within_last "5m" could mean two things: write 5min for minutes or 5mo for months',
  ],
  [{ event: "f", on: "id" }, 'E232 where.event there is no model "f" (did you mean "e" or "t"?)'],
  [{ event: "e", on: { id: "idd" } }, 'E235 where.on model "e" has no column "idd" (did you mean "id"?)'],
  [
    { event: "e", on: "id", sum: { field: "kind", gt: 1 } },
    "E230 where.sum.field kind is of type VARCHAR and cannot be summed",
  ],
  [
    { event: "e", on: "id", last: { field: "kind", before: "2026-01-01" } },
    "E230 where.last.field kind is of type VARCHAR, not a date or timestamp",
  ],
  [
    { event: "e", on: "id", within: { field: "happened", from: "soon" } },
    'E231 where.within.from "soon" is no date or timestamp (write 2026-01-31 or 2026-01-31T09:00:00Z)',
  ],
  [
    { all: [{ not: { related: "e", on: "id", where: { field: "knd", is: "k" } } }] },
    'E235 where.all.0.not.related.where.field model "e" has no column "knd" (did you mean "kind"?)',
  ],
])("%s is refused at its place", ([where, expected]) => {
  const found = checkMembership(withRule(where), "a").map(
    ({ code, message, at, hint }) => `${code} ${at?.file} ${message}${hint === undefined ? "" : ` (${hint})`}`,
  );
  expect(found).toEqual([expected.replace("not.related.where", "not.where")]);
});

test("numbers of NULL-propagating leaves never leave a leaf unknown", async () => {
  const leaf: Rule = { any: [{ field: "gone", is: "x" }, { not: { field: "gone", starts_with: "x" } }] };
  expect(await world.warehouse.rows(`SELECT COUNT(*) AS n FROM (${audienceKeys(withRule(leaf), "a")}) a`)).toEqual([
    { n: 1 },
  ]);
});
