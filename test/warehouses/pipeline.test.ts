/** The engine's statements in other warehouses than DuckDB: small worlds planned, settled and closed as the pure rules say. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settle } from "../../src/engine/settle.ts";
import { createLedger } from "../../src/ledger/tables.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { apart } from "../../src/warehouse/ferry.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { expected } from "../engine/pipeline-oracle.ts";
import { finish, given, type Place, plan, shapeOfWorld, standing, target } from "../engine/pipeline-run.ts";
import { worlds, type WorldSpec } from "../engine/pipeline-world.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";

interface Started {
  readonly warehouse: Warehouse;
  /** Where the ledger is made. */
  readonly schema: readonly string[];
  stop(): Promise<void>;
}

/** `MILLRACE_PIPELINE_RUNS=200 MILLRACE_SEED=7` looks further. */
const numRuns = Number(process.env["MILLRACE_PIPELINE_RUNS"] ?? 12);

function pipelines(start: () => Promise<Started>): void {
  let started: Started;
  let desk: DuckDBWarehouse;
  let place: Place;
  let made = 0;
  beforeAll(async () => {
    [started, desk] = [await start(), await openDuckDB({ threads: 1 })];
    const { warehouse, schema } = started;
    const ledger = { dialect: warehouse.dialect, schema };
    place = {
      ferry: apart(warehouse, desk, { target, scratch: (table) => warehouse.dialect.relation(...schema, table) }),
      ledger,
    };
    for (const statement of createLedger(ledger)) await warehouse.execute(statement);
  });
  afterAll(async () => {
    await desk.close();
    await started.stop();
  });

  const planned = async (world: WorldSpec) => {
    made += 1;
    const id = `w${made}`;
    const shape = shapeOfWorld(world);
    return { id, before: await given(place, id, world, shape), ran: await plan(place, id, world, shape) };
  };

  test("the pipeline settles worlds as the pure rules do", { timeout: 900_000 }, async () => {
    const property = fc.asyncProperty(worlds, async (world) => {
      const { id, before, ran } = await planned(world);
      await finish(ran);
      expect(await standing(place, id)).toEqual(expected(world, before, ran.seqs));
    });
    await fc.assert(property, { numRuns });
  });

  test(
    "a settle whose connection is cut at any statement is done again and ends the same",
    { timeout: 900_000 },
    async () => {
      let cuts = 0;
      const property = fc.asyncProperty(worlds, fc.nat({ max: 30 }), async (world, statements) => {
        const { id, before, ran } = await planned({ ...world, windowRows: 1 });
        const ferry = apart(cutAfter(started.warehouse, statements), desk, place.ferry);
        await settle({ ...ran.options, ferry }).catch((error: Error) => {
          cuts += 1;
          expect(error.message).toContain("the connection was cut");
        });
        await finish(ran);
        expect(await standing(place, id)).toEqual(expected(world, before, ran.seqs));
      });
      await fc.assert(property, { numRuns: Math.ceil(numRuns / 2) });
      expect(cuts).toBeGreaterThan(0);
    },
  );
}

/** A connection that carries so many statements and none after them; the last one may have been done. */
function cutAfter(warehouse: Warehouse, statements: number): Warehouse {
  let left = statements;
  const cut = async <T>(work: () => Promise<T>): Promise<T> => {
    if (left < 0) throw new Error("the connection was cut");
    left -= 1;
    const done = await work();
    if (left < 0) throw new Error("the connection was cut");
    return done;
  };
  return {
    ...warehouse,
    execute: (sql, parameters) => cut(() => warehouse.execute(sql, parameters)),
    script: (more) => cut(() => warehouse.script(more)),
    rows: (sql, parameters) => cut(() => warehouse.rows(sql, parameters)),
    append: (table, rows) => cut(() => warehouse.append(table, rows)),
  };
}

where("bqemulator", [clients, programs.bqemulator], () =>
  pipelines(async () => {
    const emulator = await startBigQuery("bqemulator");
    return { warehouse: await emulator.open(), schema: ["test-project", "contract"], stop: () => emulator.stop() };
  }),
);

where("fakesnow", [driver, python], () =>
  pipelines(async () => {
    const emulator = await startFakesnow();
    const warehouse = await open(emulator.endpoint);
    const stop = async (): Promise<void> => {
      await warehouse.close();
      await emulator.stop();
    };
    return { warehouse, schema: ["analytics", "ledger"], stop };
  }),
);
