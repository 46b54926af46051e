/** An example of examples/ in a folder of its own: seeds made, and an environment `emulator` that is its `prod` with another connection. */
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { isMap, parseDocument } from "yaml";
import { openSession } from "../../src/models/session.ts";
import { loadProject } from "../../src/project/load.ts";
import type { Project } from "../../src/project/project.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { root as repository, run } from "../e2e/support/cli.ts";

/** What the newest run left in the outbox of an environment: sync -> lines that its platform would have got, `adds {…}`, sorted. */
export type Sent = Readonly<Record<string, readonly string[]>>;

export interface ExampleCopy {
  readonly root: string;
  /** Makes its tables in a warehouse, where `prod` looks for them, with the types that the sample data has. */
  load(warehouse: Warehouse): Promise<void>;
  sent(environment: string): Promise<Sent>;
  remove(): Promise<void>;
}

const made = new Set([".millrace", "target", "seeds"]);

/** `connection` replaces that of `prod`; `packages` is the folder whose node_modules has the warehouse's client. */
export async function copyExample(
  name: string,
  connection: Readonly<Record<string, string>>,
  packages: string,
): Promise<ExampleCopy> {
  const root = await mkdtemp(path.join(tmpdir(), "millrace-example-"));
  await cp(path.join(repository, "examples", name), root, {
    recursive: true,
    filter: (file) => !made.has(path.basename(file)),
  });
  await symlink(path.join(packages, "node_modules"), path.join(root, "node_modules"));
  const file = path.join(root, "millrace.yml");
  const yaml = parseDocument(await readFile(file, "utf8"));
  const prod = yaml.getIn(["environments", "prod", "warehouse"]);
  if (!isMap(prod)) throw new Error(`${name} has no environment prod`);
  const warehouse = { ...(prod.toJSON() as object), connection };
  yaml.setIn(["environments", "emulator"], { warehouse, destinations: { "*": { use: "file" } } });
  await writeFile(file, String(yaml));
  const { exit, stderr } = await run(root, process.execPath, ["make-seeds.mjs"]);
  if (exit !== 0) throw new Error(stderr);
  return {
    root,
    load: async (to) => loadTables(await open(root), to),
    sent: (environment) => readOutbox(path.join(root, ".millrace/outbox", environment)),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function open(projectDir: string): Promise<Project> {
  const loaded = await loadProject({ projectDir, now: 0, loadCode: false });
  if (loaded.project === null) throw new Error(JSON.stringify(loaded.diagnostics, null, 2));
  return loaded.project;
}

async function loadTables(project: Project, { dialect, execute, append }: Bound): Promise<void> {
  const session = await openSession(project, { write: false, env: {} });
  try {
    for (const { name: source, spec } of project.sources.values()) {
      const place = [spec.database ?? "", spec.schema ?? source];
      if (dialect.name === "snowflake") await execute(`CREATE DATABASE IF NOT EXISTS ${dialect.quote(place[0] ?? "")}`);
      await execute(`CREATE SCHEMA IF NOT EXISTS ${dialect.relation(...place)}`);
      for (const { name } of spec.tables) {
        const query = `SELECT * FROM ${session.relationOf({ source, table: name })}`;
        const columns = await session.warehouse.describe(query);
        const table = dialect.relation(...place, name);
        const list = columns.map((column) => `${dialect.quote(column.name)} ${dialect.columnType(column.family)}`);
        await execute(`CREATE TABLE ${table} (${list.join(", ")})`);
        await append(table, rowsOf(session.warehouse, query));
      }
    }
  } finally {
    await session.close();
  }
}

type Bound = Pick<Warehouse, "dialect" | "execute" | "append">;

async function* rowsOf(warehouse: Warehouse, query: string): AsyncGenerator<readonly (readonly unknown[])[]> {
  for await (const { rows, columns } of warehouse.read(query))
    yield Array.from({ length: rows }, (_, row) => columns.map((column) => column[row]));
}

async function readOutbox(folder: string): Promise<Sent> {
  const sent: Record<string, readonly string[]> = {};
  for (const destination of await readdir(folder))
    for (const sync of await readdir(path.join(folder, destination))) {
      const runs = await readdir(path.join(folder, destination, sync));
      const newest = path.join(folder, destination, sync, runs.toSorted().at(-1) ?? "");
      const files = (await readdir(newest)).filter((name) => name.endsWith(".jsonl")).toSorted();
      const lines = files.map(async (name) => {
        const text = await readFile(path.join(newest, name), "utf8");
        return text.split("\n").flatMap((line) => (line === "" ? [] : [`${name.replace(".jsonl", "")} ${line}`]));
      });
      sent[sync] = (await Promise.all(lines)).flat().toSorted();
    }
  return sent;
}
