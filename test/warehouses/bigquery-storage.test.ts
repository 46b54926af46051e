/** The Storage Read API against an emulator's: the same values as over REST, of every type, in order. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openClient } from "../../src/warehouse/bigquery-client.ts";
import { storageReader, type StorageReader } from "../../src/warehouse/bigquery-storage.ts";
import { fieldsOf } from "../../src/warehouse/bigquery-table.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { oneOfEach, oneOfEachRows } from "../contract/warehouses/reading.ts";
import { makeTable, rowsIn } from "../contract/warehouses/subject.ts";
import { type BigQueryEmulator, clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { where } from "./emulators/process.ts";

where("the Storage Read API on bqemulator", [clients, programs.bqemulator], () => {
  let emulator: BigQueryEmulator;
  let warehouse: Warehouse;
  let storage: StorageReader;
  beforeAll(async () => {
    emulator = await startBigQuery("bqemulator");
    warehouse = await emulator.open();
    storage = storageReader(emulator.options);
  });
  afterAll(async () => {
    await storage.close();
    await emulator.stop();
  });

  async function stored(name: string, bytes = false): Promise<unknown[][] | null> {
    const fields = await fieldsOf(await openClient(emulator.options), emulator.table(name), "elsewhere");
    const batches = await storage.open(emulator.reference(name), fields, bytes);
    if (batches === null) return null;
    const rows: unknown[][] = [];
    for await (const batch of batches) {
      for (let row = 0; row < batch.rows; row += 1) rows.push(batch.columns.map((column) => column[row]));
    }
    return rows;
  }

  test("values of every type are those of REST", async () => {
    const subject = { warehouse, table: emulator.table };
    const relation = await makeTable(subject, "every_type", oneOfEach);
    await warehouse.append(relation, [oneOfEachRows]);
    expect(await stored("every_type")).toEqual(await rowsIn(subject, relation));
    expect((await stored("every_type", true))?.map((row) => row.at(-1))).toEqual([
      new Uint8Array([0x68, 0x69, 0xff]),
      new Uint8Array([]),
      null,
    ]);
  });

  test("many rows come whole", async () => {
    const relation = emulator.table("many");
    await warehouse.execute(`CREATE TABLE ${relation} AS SELECT n FROM UNNEST(GENERATE_ARRAY(0, 119999)) AS n`);
    const rows = await stored("many");
    expect([rows?.length, rows?.reduce((sum, [n]) => sum + Number(n), 0)]).toEqual([120_000, 7_199_940_000]);
  });

  test("a table that cannot be read so is told, and an empty one has no rows", async () => {
    await warehouse.execute(`CREATE TABLE ${emulator.table("empty")} (n INT64)`);
    expect(await stored("empty")).toEqual([]);
    expect(await storage.open(emulator.reference("nowhere"), [], false)).toBe(null);
  });
});
