/** Warehouses that tests start: DuckDB here, BigQuery and Snowflake on emulators. */
import path from "node:path";
import type { WarehouseSpec } from "../../src/project/project.ts";
import { openDuckDB } from "../../src/warehouse/duckdb.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";

/** A warehouse that runs, and where its data stands. */
export interface Started {
  /** As millrace.yml describes it, without schemas. */
  readonly spec: object;
  /** Catalog of the warehouse: project, database or file. */
  readonly top: string;
  /** Where its client is installed; null where none is needed. */
  readonly packages: string | null;
  /** Lends the warehouse to write the data of the project in that folder. */
  lend<T>(root: string, use: (warehouse: Warehouse) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** Where projects of tests stand: what it is called, what must be installed, how it starts. */
export interface Place {
  readonly name: string;
  readonly type: WarehouseSpec["type"];
  readonly needs: readonly string[];
  start(): Promise<Started>;
}

export const duckdb: Place = {
  name: "DuckDB",
  type: "duckdb",
  needs: [],
  start: async () => ({
    spec: { type: "duckdb", path: "data.duckdb" },
    top: "data",
    packages: null,
    async lend(root, use) {
      const warehouse = await openDuckDB({ path: path.join(root, "data.duckdb") });
      try {
        return await use(warehouse);
      } finally {
        await warehouse.close();
      }
    },
    stop: async () => undefined,
  }),
};

export const bqemulator: Place = {
  name: "bqemulator",
  type: "bigquery",
  needs: [clients, programs.bqemulator],
  async start() {
    const emulator = await startBigQuery("bqemulator");
    const warehouse = await emulator.open();
    const { endpoint = "" } = emulator.options;
    const connection = { project: "test-project", endpoint };
    return {
      spec: { type: "bigquery", connection },
      top: "test-project",
      packages: clients,
      lend: (_, use) => use(warehouse),
      stop: () => emulator.stop(),
    };
  },
};

export const fakesnow: Place = {
  name: "fakesnow",
  type: "snowflake",
  needs: [driver, python],
  async start() {
    const emulator = await startFakesnow();
    const warehouse = await open(emulator.endpoint);
    const password = "${env:WAREHOUSE_PASSWORD}";
    const connection = { account: "test", user: "millrace", password, endpoint: emulator.endpoint };
    return {
      spec: { type: "snowflake", connection, database: "analytics" },
      top: "analytics",
      packages: driver,
      lend: (_, use) => use(warehouse),
      async stop() {
        await warehouse.close();
        await emulator.stop();
      },
    };
  },
};
