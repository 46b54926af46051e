import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settle } from "../../src/engine/settle.ts";
import { fileVerdicts } from "../../src/engine/verdicts.ts";
import { createLedger } from "../../src/ledger/tables.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { apart, together, type Ferry } from "../../src/warehouse/ferry.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { expected } from "./pipeline-oracle.ts";
import { finish, given, ledgerOf, type Place, plan, shapeOfWorld, standing, target } from "./pipeline-run.ts";
import { worlds, type WorldSpec } from "./pipeline-world.ts";

let warehouse: DuckDBWarehouse;
let made = 0;
/** `MILLRACE_PIPELINE_RUNS=2000 MILLRACE_SEED=7` looks further. */
const numRuns = Number(process.env["MILLRACE_PIPELINE_RUNS"] ?? 40);
const options = { timeout: 600_000 };

/** The run's tables in the warehouse itself, or in a DuckDB of their own. */
const places = ["together", "apart"] as const;
let desk: DuckDBWarehouse;
beforeAll(async () => {
  [warehouse, desk] = [await openDuckDB({ threads: 1 }), await openDuckDB({ threads: 1 })];
  for (const statement of createLedger(ledgerOf(warehouse))) await warehouse.execute(statement);
});
afterAll(() => Promise.all([warehouse.close(), desk.close()]));

const ferryOf = (place: (typeof places)[number], house: Warehouse = warehouse): Ferry =>
  place === "together"
    ? together(house, target)
    : apart(house, desk, { target, scratch: (table) => `${target}.${house.dialect.quote(table)}` });

const ledgerHere = (): Place["ledger"] => ledgerOf(warehouse);
const placeOf = (name: (typeof places)[number]): Place => ({ ferry: ferryOf(name), ledger: ledgerHere() });

async function planned(name: (typeof places)[number], world: WorldSpec) {
  const id = `w${++made}`;
  const shape = shapeOfWorld(world);
  const place = placeOf(name);
  const before = await given(place, id, world, shape);
  return { id, before, place, ran: await plan(place, id, world, shape) };
}

test.each(places)("the pipeline settles worlds as the pure rules do, %s", options, async (name) => {
  const property = fc.asyncProperty(worlds, async (world) => {
    const { id, before, place, ran } = await planned(name, world);
    await finish(ran);
    expect(await standing(place, id)).toEqual(expected(world, before, ran.seqs));
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

test.each(places)("a settle that died between windows is done again and ends the same, %s", options, async (name) => {
  const property = fc.asyncProperty(worlds, fc.nat({ max: 3 }), async (world, windows) => {
    const { id, before, place, ran } = await planned(name, { ...world, windowRows: 1 });
    const ferry = ferryOf(name, dying(windows));
    await settle({ ...ran.options, ferry }).catch((error: Error) => expect(error.message).toContain("died"));
    await finish(ran);
    expect(await standing(place, id)).toEqual(expected(world, before, ran.seqs));
  });
  await fc.assert(property, { numRuns: Math.ceil(numRuns / 4) });
});

test.each(places)("with the journal lost, what stands below the horizon is in doubt, %s", options, async (name) => {
  const property = fc.asyncProperty(worlds, fc.nat({ max: 4 }), async (world, nth) => {
    const { id, before, place, ran } = await planned(name, world);
    const horizon = [...ran.seqs.values()].toSorted((a, b) => a - b)[nth] ?? 0;
    await fileVerdicts(ran.options.ferry.desk, target, id, []);
    await finish({ ...ran, options: { ...ran.options, horizon } });
    expect(await standing(place, id)).toEqual(expected(world, before, ran.seqs, horizon));
  });
  await fc.assert(property, { numRuns: Math.ceil(numRuns / 4) });
});

test.each(places)("a settle under a fence that another run has taken over writes nothing, %s", async (name) => {
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
  const { id, place, ran } = await planned(name, { ...(world as WorldSpec), salt: 3, retry: true });
  await warehouse.execute(`UPDATE "memory"."millrace"."state__${id}" SET fence = 8`);
  const before = await standing(place, id);
  const ended = await settle(ran.options).catch((error: Error) => error.message);
  expect([typeof ended === "string" ? ended : "settled", await standing(place, id)]).toEqual([
    expect.stringContaining("taken over by another run"),
    before,
  ]);
});
