import path from "node:path";
import { openBigQuery, type BigQueryOptions } from "../../../src/warehouse/bigquery.ts";
import type { ClientOptions } from "../../../src/warehouse/bigquery-client.ts";
import type { StorageOptions } from "../../../src/warehouse/bigquery-storage.ts";
import type { Warehouse } from "../../../src/warehouse/warehouse.ts";
import { emulators, freePort, startProcess } from "./process.ts";

const project = "test-project";
const dataset = "contract";

/** Where an emulator listens, and what opens millrace's adapter there. */
export interface BigQueryEmulator {
  /** What its clients are opened with. */
  readonly options: ClientOptions & StorageOptions;
  /** The table's name as the API has it. */
  reference(name: string): { readonly projectId: string; readonly datasetId: string; readonly tableId: string };
  open(options?: Partial<BigQueryOptions>): Promise<Warehouse>;
  table(name: string): string;
  stop(): Promise<void>;
}

export const clients = path.join(emulators, "bigquery");
export const programs = {
  bqemulator: path.join(emulators, "bqemulator/bin/bqemulator"),
  "bigquery-emulator": path.join(emulators, "bin/bigquery-emulator"),
} as const;

const argumentsOf = {
  bqemulator: (rest: number, grpc: number) => [
    "start",
    "--ephemeral",
    "--rest-port",
    String(rest),
    "--grpc-port",
    String(grpc),
    "--project",
    project,
    "--log-level",
    "error",
  ],
  "bigquery-emulator": (rest: number, grpc: number) => [
    `--project=${project}`,
    "--host=127.0.0.1",
    `--port=${rest}`,
    `--grpc-port=${grpc}`,
  ],
} as const;

/** An emulator of its own with one empty dataset. */
export async function startBigQuery(emulator: keyof typeof programs): Promise<BigQueryEmulator> {
  const [rest, grpc] = [await freePort(), await freePort()];
  const endpoint = `http://127.0.0.1:${rest}`;
  const datasets = `${endpoint}/bigquery/v2/projects/${project}/datasets`;
  const stop = await startProcess(programs[emulator], argumentsOf[emulator](rest, grpc), () => fetch(datasets), {
    HOME: path.join(emulators, "bqemulator/home"),
  });
  const made = await fetch(datasets, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ datasetReference: { projectId: project, datasetId: dataset } }),
  });
  if (!made.ok) throw new Error(`${emulator} makes no dataset: ${await made.text()}`);
  const opened: Warehouse[] = [];
  const addresses = {
    credentials: { kind: "none" },
    projectFolder: clients,
    endpoint,
    storageEndpoint: { host: "127.0.0.1", port: grpc },
  } as const;
  return {
    options: { projectId: project, ...addresses },
    reference: (name) => ({ projectId: project, datasetId: dataset, tableId: name }),
    async open(options = {}) {
      const warehouse = await openBigQuery({ project, ...addresses, ...options });
      opened.push(warehouse);
      return warehouse;
    },
    table: (name) => `\`${project}\`.\`${dataset}\`.\`${name}\``,
    async stop() {
      for (const warehouse of opened) await warehouse.close();
      await stop();
    },
  };
}
