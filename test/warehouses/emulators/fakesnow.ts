import path from "node:path";
import { openSnowflake } from "../../../src/warehouse/snowflake.ts";
import type { SnowflakeOptions } from "../../../src/warehouse/snowflake-options.ts";
import type { Warehouse } from "../../../src/warehouse/warehouse.ts";
import { emulators, freePort, startProcess } from "./process.ts";

export const driver = path.join(emulators, "snowflake");
export const python = path.join(emulators, "fakesnow/bin/python");

export interface Fakesnow {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts fakesnow, empty, through the wrapper that answers in JSON; everything it holds is gone when it stops. */
export async function startFakesnow(): Promise<Fakesnow> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const wrapper = path.join(import.meta.dirname, "fakesnow-json.py");
  const stop = await startProcess(python, [wrapper, String(port)], () =>
    fetch(`${endpoint}/session`, { method: "POST" }),
  );
  return { endpoint, stop };
}

/** A login at fakesnow, in a database of the tests. */
export function open(endpoint: string, more: Partial<SnowflakeOptions> = {}): Promise<Warehouse> {
  return openSnowflake({
    account: "test",
    user: "millrace",
    authentication: { kind: "password", password: "invented" },
    database: "analytics",
    schema: "ledger",
    endpoint,
    projectFolder: driver,
    ...more,
  });
}
