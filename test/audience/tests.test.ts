import { afterAll, beforeAll, expect, test } from "vitest";
import { overlap } from "../../src/audience/overlap.ts";
import { runAudienceTests } from "../../src/audience/tests.ts";
import type { AudienceTestSpec } from "../../src/project/project.ts";
import { openWorld, type World } from "./world.ts";

const specs: readonly (readonly [AudienceTestSpec, string])[] = [
  [{ type: "size", min: 1, max: 60 }, "passed: 4 people, expected 1 to 60"],
  [{ type: "size", min: 5 }, "failed: 4 people, expected at least 5"],
  [{ type: "size", max: 3 }, "failed: 4 people, expected at most 3"],
  [
    { type: "share_with_identifier", identifier: "email", min: 0.75 },
    "passed: 75 % have email (3 of 4), expected at least 75 %",
  ],
  [
    { type: "share_with_identifier", identifier: "email", min: 0.8 },
    "failed: 75 % have email (3 of 4), expected at least 80 %",
  ],
  [
    { type: "share_with_identifier", identifier: "phone", min: 0.8 },
    'errored: E239: model "customers" declares no identifier "phone"',
  ],
  [{ type: "disjoint_from", other: "high" }, "passed: nobody is also in high"],
  [{ type: "disjoint_from", other: "middle" }, "failed: 2 people are also in middle | person <3> | person <4>"],
  [{ type: "subset_of", other: "everybody" }, "passed: everybody is also in everybody"],
  [{ type: "subset_of", other: "middle" }, "failed: 2 people are not in middle | person <1> | person <2>"],
  [
    { type: "subset_of", other: "lines_of" },
    'errored: E233: "lines_of" is about model "lines", "low" about "customers": their members cannot be compared',
  ],
  [{ type: "subset_of", other: "nothing" }, 'errored: E232: there is no segment or audience "nothing"'],
  [
    { type: "overlap", with: "middle", min: 0.4, max: 0.5 },
    "passed: 50 % are also in middle (2 of 4), expected 40 % to 50 %",
  ],
  [
    { type: "overlap", with: "middle", max: 0.499 },
    "failed: 50 % are also in middle (2 of 4), expected at most 49.9 %",
  ],
  [{ type: "contains", keys: [{ id: 1 }, { id: "2" }] }, "passed: all 2 named people are in"],
  [
    { type: "contains", keys: [{ id: 1 }, { id: 9 }, { id: 99 }] },
    "failed: 2 of 3 named people are not in | person <9> | person <99>",
  ],
];

let world: World;
beforeAll(async () => {
  world = await openWorld({
    models: {
      customers: {
        key: ["id"],
        identifiers: { email: "email" },
        sql: "SELECT i::INTEGER AS id, CASE WHEN i % 4 <> 0 THEN i || '@example.com' END AS email FROM range(1, 11) t(i)",
      },
      lines: { key: ["a", "b"], sql: "SELECT * FROM (VALUES (1, 'x\"y'), (1, 'z')) t(a, b)" },
    },
    segments: {
      everybody: {
        model: "customers",
        sqlText: "SELECT id FROM customers UNION ALL SELECT id FROM customers UNION ALL SELECT NULL",
      },
    },
    audiences: {
      low: { model: "customers", where: { field: "id", lte: 4 }, tests: specs.map(([spec]) => spec) },
      middle: { model: "customers", where: { field: "id", between: [3, 7] } },
      high: { model: "customers", where: { field: "id", gt: 8 } },
      lines_of: {
        model: "lines",
        where: { all: [] },
        tests: [
          {
            type: "contains",
            keys: [
              { a: 1, b: 'x"y' },
              { a: 2, b: "z" },
            ],
          },
        ],
      },
    },
  });
});
afterAll(() => world.warehouse.close());

test("audience tests say what they found, with people masked", async () => {
  const results = await runAudienceTests(world.context, "low", {
    warehouse: world.warehouse,
    now: () => 0,
    person: (k) => `<${k}>`,
  });
  expect(results.map(({ status, message, detail }) => [`${status}: ${message}`, ...detail].join(" | "))).toEqual(
    specs.map(([, text]) => text),
  );
  expect(results[7]).toMatchObject({
    kind: "audience",
    name: "low › disjoint_from middle",
    subject: "low",
    failures: 2,
    durationMs: 0,
    at: { file: "models/audiences/low.yml:tests.7" },
  });
});

test("composite keys are found by all their parts", async () => {
  const [result] = await runAudienceTests(world.context, "lines_of", {
    warehouse: world.warehouse,
    now: () => 0,
    person: (k) => k,
  });
  expect([result?.status, result?.detail]).toEqual(["failed", ['person ["2","z"]']]);
});

test("overlap of several audiences in one statement", async () => {
  let statements = 0;
  const counting = { rows: (sql: string) => ((statements += 1), world.warehouse.rows(sql)) };
  expect(await overlap(world.context, counting, ["low", "middle", "high", "everybody"])).toEqual({
    names: ["low", "middle", "high", "everybody"],
    sizes: [4, 5, 2, 10],
    shared: [
      [4, 2, 0, 4],
      [2, 5, 0, 5],
      [0, 0, 2, 2],
      [4, 5, 2, 10],
    ],
    share: [
      [1, 0.5, 0, 1],
      [0.4, 1, 0, 1],
      [0, 0, 1, 1],
      [0.4, 0.5, 0.2, 1],
    ],
  });
  expect(statements).toBe(1);
  await expect(overlap(world.context, counting, ["low", "lines_of"])).rejects.toThrow("E233");
});
