/**
 * `journal: warehouse`: a run is killed in the middle of sending and its disk is gone with it. The next runner, which has nothing but
 * the project's files, brings it to its end from what stands in the warehouse.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { millrace, millraceCommand } from "../e2e/support/cli.ts";
import { openDoor, type Door } from "../e2e/support/door.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";

interface Started {
  readonly warehouse: Warehouse;
  /** Of millrace.yml. */
  readonly yaml: string;
  readonly env: Readonly<Record<string, string>>;
  readonly top: string;
  readonly packages: string;
  stop(): Promise<void>;
}

const files = (yaml: string, port: number): Readonly<Record<string, string>> => ({
  "millrace.yml": `version: 1
name: shop
guards: { remove: off, shrink: off, growth: off, empty: allow }
environments:
  prod: { prod: true, journal: warehouse, warehouse: ${yaml} }
`,
  "models/customers.sql": "select id, email, city from {{ source('raw', 'people') }}\n",
  "models/models.yml": `sources: [{ name: raw, tables: [{ name: people }] }]
models: [{ name: customers, primary_key: id, identifiers: { email: email } }]
syncs:
  - { name: all_to_door, model: customers, destination: door, object: member, mode: mirror, mappings: [{ to: city, from: city }] }
`,
  "destinations/door.yml": `destination: door
type: webhook
late: 0s
rate_limit: { requests: 1000, per: 1s, concurrency: 1 }
config: { url: "http://127.0.0.1:${port}/", rows: 2, allow_private_network: true }
`,
});

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

function runners(start: () => Promise<Started>): void {
  let started: Started;
  let door: Door;
  let table: string;
  const folders: string[] = [];

  beforeAll(async () => {
    [started, door] = [await start(), await openDoor()];
    const { dialect } = started.warehouse;
    await started.warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${dialect.relation(started.top, "raw")}`);
    table = dialect.relation(started.top, "raw", "people");
    const list = [
      `${dialect.quote("id")} ${dialect.columnType("integer")}`,
      ...["email", "city"].map((name) => `${dialect.quote(name)} ${dialect.columnType("text")}`),
    ];
    await started.warehouse.execute(`CREATE TABLE ${table} (${list.join(", ")})`);
  });
  afterAll(async () => {
    await door.close();
    await started.stop();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  /** A checkout of the project on a machine that never ran it. */
  const runner = async (): Promise<string> => {
    const root = await mkdtemp(path.join(tmpdir(), "millrace-runner-"));
    folders.push(root);
    for (const [file, content] of Object.entries(files(started.yaml, door.port))) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), content);
    }
    await symlink(path.join(started.packages, "node_modules"), path.join(root, "node_modules"));
    return root;
  };
  const people = async (ids: readonly number[], city: string): Promise<void> => {
    await started.warehouse.execute(`DELETE FROM ${table} WHERE TRUE`);
    await started.warehouse.append(table, [ids.map((id) => [id, `person${id}@example.com`, city])]);
  };
  /** A run that is killed, and its machine with it, while its n-th request has been applied and is not answered. */
  const killedAt = async (n: number): Promise<void> => {
    const root = await runner();
    door.react((_, number) => (number === n ? { until: new Promise(() => undefined) } : {}));
    const knocked = door.knocked(n);
    const [program, ...words] = millraceCommand();
    const env = { ...process.env, ...started.env, NO_COLOR: "1" };
    const child = spawn(program, [...words, "sync", "--yes"], { cwd: root, env, stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("close", resolve));
    const early = await Promise.race([knocked.then(() => false), ended.then(() => true)]);
    expect(early, "the run ended before it was killed").toBe(false);
    child.kill("SIGKILL");
    await ended;
    await rm(root, { recursive: true, force: true });
    door.react(() => ({}));
    door.forget();
  };
  const sync = async () => {
    const { exit, stdout, stderr } = await millrace(await runner(), ["sync", "--yes"], started.env);
    return { exit, said: stdout + stderr };
  };
  const keptRows = async (): Promise<number> => {
    const count = (name: string): string =>
      `SELECT COUNT(*) AS total FROM ${started.warehouse.dialect.relation(started.top, "millrace", name)}`;
    const rows = await started.warehouse.rows(`${count("kept_plans")} UNION ALL ${count("journal")}`);
    return rows.reduce((sum, row) => sum + Number(row["total"]), 0);
  };

  test("a first run, and a day of changes, each killed once", { timeout: 600_000 }, async () => {
    await people(range(1, 9), "Lyon");
    await killedAt(3);
    expect(await keptRows()).toBeGreaterThan(1);
    const first = await sync();
    expect(first.said).toContain("sync.recovered");
    expect(first.exit).toBe(0);
    expect(door.members).toEqual(range(1, 9));
    await people(range(4, 12), "Paris");
    await killedAt(4);
    const second = await sync();
    expect(second.said).toContain("sync.recovered");
    expect(second.exit).toBe(0);
    expect((await sync()).exit).toBe(0);
    expect(door.members).toEqual(range(4, 12));
    door.forget();
    expect((await sync()).exit).toBe(0);
    expect(door.knocks).toEqual([]);
    // Rows of people and what became of them stay nowhere.
    expect(await keptRows()).toBe(0);
  });
}

where("bqemulator", [clients, programs.bqemulator], () =>
  runners(async () => {
    const emulator = await startBigQuery("bqemulator");
    const { endpoint = "" } = emulator.options;
    return {
      warehouse: await emulator.open(),
      yaml: `{ type: bigquery, connection: { project: test-project, endpoint: "${endpoint}" } }`,
      env: {},
      top: "test-project",
      packages: clients,
      stop: () => emulator.stop(),
    };
  }),
);

where("fakesnow", [driver, python], () =>
  runners(async () => {
    const emulator = await startFakesnow();
    const warehouse = await open(emulator.endpoint);
    const connection = `{ account: test, user: millrace, password: "\${env:DWH_PASSWORD}", endpoint: "${emulator.endpoint}" }`;
    return {
      warehouse,
      yaml: `{ type: snowflake, connection: ${connection}, database: analytics }`,
      env: { DWH_PASSWORD: "invented" },
      top: "analytics",
      packages: driver,
      async stop() {
        await warehouse.close();
        await emulator.stop();
      },
    };
  }),
);
