import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settle } from "../../src/engine/settle.ts";
import { fileVerdicts } from "../../src/engine/verdicts.ts";
import { createLedger } from "../../src/ledger/tables.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { expected } from "./pipeline-oracle.ts";
import { finish, given, ledgerOf, plan, shapeOfWorld, standing, target } from "./pipeline-run.ts";
import { worlds, type WorldSpec } from "./pipeline-world.ts";

let warehouse: DuckDBWarehouse;
let made = 0;
/** `MILLRACE_PIPELINE_RUNS=2000 MILLRACE_SEED=7` looks further. */
const numRuns = Number(process.env["MILLRACE_PIPELINE_RUNS"] ?? 40);
const options = { timeout: 600_000 };

beforeAll(async () => {
  warehouse = await openDuckDB({ threads: 1 });
  for (const statement of createLedger(ledgerOf(warehouse))) await warehouse.execute(statement);
});
afterAll(() => warehouse.close());

async function planned(world: WorldSpec) {
  const id = `w${++made}`;
  const shape = shapeOfWorld(world);
  const before = await given(warehouse, id, world, shape);
  return { id, before, ran: await plan(warehouse, id, world, shape) };
}

test("the pipeline settles worlds as the pure rules do", options, async () => {
  const property = fc.asyncProperty(worlds, async (world) => {
    const { id, before, ran } = await planned(world);
    await finish(warehouse, ran);
    expect(await standing(warehouse, id)).toEqual(expected(world, before, ran.seqs));
  });
  await fc.assert(property, { numRuns });
});

/** A warehouse whose transactions fail after some: the process died between two windows. */
function dying(windows: number): Warehouse {
  let left = windows;
  const script: Warehouse["script"] = async (statements) => {
    if (left-- === 0) throw new Error("died");
    await warehouse.script(statements);
  };
  return { ...warehouse, script };
}

test("a settle that died between windows is done again and ends the same", options, async () => {
  const property = fc.asyncProperty(worlds, fc.nat({ max: 3 }), async (world, windows) => {
    const { id, before, ran } = await planned({ ...world, windowRows: 1 });
    const source = { ...ran.source, warehouse: dying(windows) };
    await settle({ ...ran.options, source }).catch((error: Error) => expect(error.message).toContain("died"));
    await finish(warehouse, ran);
    expect(await standing(warehouse, id)).toEqual(expected(world, before, ran.seqs));
  });
  await fc.assert(property, { numRuns: Math.ceil(numRuns / 4) });
});

test("with the journal lost, what stands below the horizon is in doubt", options, async () => {
  const property = fc.asyncProperty(worlds, fc.nat({ max: 4 }), async (world, place) => {
    const { id, before, ran } = await planned(world);
    const horizon = [...ran.seqs.values()].toSorted((a, b) => a - b)[place] ?? 0;
    await fileVerdicts(warehouse, target, id, []);
    await finish(warehouse, { ...ran, options: { ...ran.options, horizon } });
    expect(await standing(warehouse, id)).toEqual(expected(world, before, ran.seqs, horizon));
  });
  await fc.assert(property, { numRuns: Math.ceil(numRuns / 4) });
});

test("a settle under a fence that another run has taken over writes nothing", async () => {
  const [world] = fc.sample(
    worlds.filter(
      ({ policy, keys }) =>
        policy.mode === "mirror" &&
        keys["k1"]?.person.wanted === true &&
        keys["k1"].held === null &&
        keys["k1"].person.email !== null,
    ),
    { numRuns: 1, seed: 5 },
  );
  const { id, ran } = await planned({ ...(world as WorldSpec), salt: 3, retry: true });
  await warehouse.execute(`UPDATE "memory"."millrace"."state__${id}" SET fence = 8`);
  const before = await standing(warehouse, id);
  const ended = await settle(ran.options).catch((error: Error) => error.message);
  expect([typeof ended === "string" ? ended : "settled", await standing(warehouse, id)]).toEqual([
    expect.stringContaining("taken over by another run"),
    before,
  ]);
});
