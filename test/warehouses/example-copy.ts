/** An example of examples/ in a folder of its own: seeds made, and an environment `emulator` that is its `prod` with another connection. */
import { readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseDocument } from "yaml";
import { openSession } from "../../src/models/session.ts";
import { loadProject } from "../../src/project/load.ts";
import type { Project } from "../../src/project/project.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { copyExample, removeExample } from "../examples/example.ts";

export interface ExampleCopy {
  readonly root: string;
  /** Makes its tables in a warehouse, where `prod` looks for them, with the types that the sample data has. */
  load(warehouse: Warehouse): Promise<void>;
  remove(): Promise<void>;
}

/** `connection` replaces that of `prod`; `packages` is the folder whose node_modules has the warehouse's client. */
export async function emulatedExample(
  name: string,
  connection: Readonly<Record<string, string>>,
  packages: string,
): Promise<ExampleCopy> {
  const root = await copyExample(name);
  await symlink(path.join(packages, "node_modules"), path.join(root, "node_modules"));
  const file = path.join(root, "millrace.yml");
  const yaml = parseDocument(await readFile(file, "utf8"));
  yaml.setIn(["environments", "emulator"], yaml.createNode(yaml.getIn(["environments", "prod"])));
  yaml.setIn(["environments", "emulator", "warehouse", "connection"], connection);
  await writeFile(file, String(yaml));
  return {
    root,
    load: async (to) => loadTables(await open(root), to),
    remove: () => removeExample(root),
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
