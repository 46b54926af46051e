/** The compiled SQL on DuckDB and the evaluation in memory agree on generated rows and generated trees. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { compileRule } from "../../src/audience/compile.ts";
import { evaluate, type Row, type RowWorld } from "../../src/audience/evaluate.ts";
import { checked } from "../../src/audience/rows.ts";
import type { Rule } from "../../src/project/schema/rule.ts";
import { openWorld } from "./world.ts";
import { customers, orders, rules, segmentRules, zones } from "./arbitraries.ts";

const seed = Number(process.env["MILLRACE_TEST_SEED"] ?? 20_260_615);
const worlds = 6;
// Far apart, so that neighbouring seeds do not repeat each other's worlds.
const seedOf = (number: number): number => (seed + number * 104_729) | 0;
const treesPerWorld = Number(process.env["MILLRACE_TEST_TREES"] ?? 60);

test(`SQL and memory agree (MILLRACE_TEST_SEED=${seed})`, { timeout: 120_000 }, async () => {
  const outcomes = { true: 0, false: 0 };
  for (let number = 0; number < worlds; number += 1) {
    const sample = <Value>(arbitrary: fc.Arbitrary<Value>): Value =>
      fc.sample(arbitrary, { seed: seedOf(number), numRuns: 1 })[0]!;
    const { timezone, asOf } = sample(zones);
    const segments = Object.fromEntries(
      sample(segmentRules).map((where, index) => [`s${index}`, { model: "customers", where }]),
    );
    const world = await openWorld({
      timezone,
      asOf,
      models: {
        customers: { sql: sample(customers), key: ["id"] },
        orders: { sql: sample(orders), key: ["order_id"] },
      },
      segments,
      audiences: { a0: { model: "customers", where: segments["s0"]!.where, exclude: ["s1"] } },
    });
    const rows = new Map<string, readonly Row[]>();
    for (const model of ["customers", "orders"])
      rows.set(model, await world.warehouse.rows(`SELECT * FROM ${model} ORDER BY 1`));
    const memory: RowWorld = {
      asOf: Date.parse(asOf),
      timezone,
      rows: (model) => rows.get(model)!,
      columns: (model) => world.context.modelColumns(model),
      inSegment: (name, row) => evaluate(segments[name]!.where, row, "customers", memory),
      inAudience: (_, row) => memory.inSegment("s0", row) && !memory.inSegment("s1", row),
    };
    const agrees = async (rule: Rule): Promise<void> => {
      const sql = checked(world.context, (compilation) =>
        compileRule(
          rule,
          { alias: "m", model: "customers", columns: world.context.modelColumns("customers") },
          { resource: null, path: [] },
          compilation,
        ),
      );
      const found = await world.warehouse.rows(`SELECT id, ${sql} AS holds FROM customers m ORDER BY id`);
      const expected = rows
        .get("customers")!
        .map((row) => ({ id: row["id"], holds: evaluate(rule, row, "customers", memory) }));
      expect(found).toEqual(expected);
      for (const { holds } of expected) outcomes[holds ? "true" : "false"] += 1;
    };
    await fc.assert(fc.asyncProperty(rules, agrees), { seed: seedOf(number), numRuns: treesPerWorld });
    await world.warehouse.close();
  }
  // Trees that nearly always hold, or nearly never, would agree whatever the code does.
  expect(Math.min(outcomes.true, outcomes.false) / (outcomes.true + outcomes.false)).toBeGreaterThan(0.15);
});
