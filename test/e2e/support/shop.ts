import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { millrace, millraceCommand, type Finished } from "./cli.ts";
import { openDoor, type Door } from "./door.ts";

/** A small shop with one audience and one sync to a door. */
export interface Shop {
  readonly root: string;
  readonly door: Door;
  /** Writes the customers with these ids; `city` lets their content change. */
  people(ids: readonly number[], city?: string): Promise<void>;
  /** Writes the seed as it is given. */
  seed(csv: string): Promise<void>;
  file(path: string, text: string): Promise<void>;
  sync(...flags: readonly string[]): Promise<Finished>;
  /** Starts a sync; `ended` tells how it went. */
  start(env?: Readonly<Record<string, string>>): { readonly child: ChildProcess; readonly ended: Promise<Finished> };
  close(): Promise<void>;
}

export const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** `late: 0s`: this receiver applies before it answers. Two rows a request, one request at a time. */
export async function openShop(more: { readonly guards?: string; readonly credentials?: string } = {}): Promise<Shop> {
  const door = await openDoor();
  const root = await mkdtemp(join(tmpdir(), "millrace-process-"));
  const file = async (path: string, text: string): Promise<void> => {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), text);
  };
  const { guards = "{ remove: off, shrink: off, growth: off }", credentials = "" } = more;
  await file(
    "millrace.yml",
    `version: 1\nname: shop\ndefault_environment: dev\nguards: ${guards}\nenvironments:\n  dev:\n    warehouse: { type: duckdb, seeds: seeds }\n`,
  );
  await file(
    "models/models.yml",
    `sources: [{ name: shop, schema: shop, tables: [{ name: customers }] }]
seeds: [{ name: shop.customers, column_types: { id: bigint, email: varchar, city: varchar } }]
models: [{ name: customers, primary_key: id, identifiers: { email: email } }]
audiences: [{ name: everybody, model: customers, where: { field: id, gte: 1 } }]
syncs:
  - { name: everybody_to_door, audience: everybody, destination: door, object: member, mode: mirror, mappings: [{ to: city, from: city }] }
`,
  );
  await file("models/customers.sql", "select * from {{ source('shop', 'customers') }}\n");
  await file(
    "destinations/door.yml",
    `destination: door\ntype: webhook\nlate: 0s\nrate_limit: { requests: 1000, per: 1s, concurrency: 1 }\n${credentials}config: { url: "http://127.0.0.1:${door.port}/", rows: 2, allow_private_network: true }\n`,
  );
  const seed = (csv: string): Promise<void> => file("seeds/shop/customers.csv", csv);
  return {
    root,
    door,
    file,
    seed,
    people: (ids, city = "Lyon") =>
      seed(`id,email,city\n${ids.map((id) => `${id},person${id}@example.com,${city}\n`).join("")}`),
    sync: (...flags) => millrace(root, ["sync", ...flags]),
    start: (env = {}) => startSync(root, env),
    async close() {
      await door.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function startSync(
  cwd: string,
  more: Readonly<Record<string, string>>,
): { readonly child: ChildProcess; readonly ended: Promise<Finished> } {
  const [program, ...words] = millraceCommand();
  const child = spawn(program, [...words, "sync"], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Finished>((resolve) => child.on("close", (exit) => resolve({ exit, stdout, stderr })));
  return { child, ended };
}
