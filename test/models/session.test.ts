import { spawn } from "node:child_process";
import { readdir, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { readKnown } from "../../src/engine/workspace.ts";
import { buildModels, builtOf } from "../../src/models/build.ts";
import { createCompiler } from "../../src/models/compile.ts";
import { openSession, type Session, type SessionOptions } from "../../src/models/session.ts";
import type { Project } from "../../src/project/project.ts";
import { openDuckDB } from "../../src/warehouse/duckdb.ts";
import { files, projectOf, temporary } from "./fixture.ts";

const open: Session[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function session(project: Project, options: Partial<SessionOptions> = {}): Promise<Session> {
  const opened = await openSession(project, { write: false, env: {}, ...options });
  open.push(opened);
  return opened;
}

async function userFile(root: string): Promise<void> {
  const warehouse = await openDuckDB({ path: path.join(root, "data.duckdb") });
  await warehouse.script([
    "CREATE SCHEMA raw",
    "CREATE TABLE raw.orders AS SELECT 1 AS order_id",
    "CREATE TABLE raw.people AS SELECT 'from the file' AS origin",
  ]);
  await warehouse.close();
}

test("sources come from a seed, else a declared file, else the user's file, else E707 says where it looked", async () => {
  const root = await temporary();
  await userFile(root);
  await files(root, { "seeds/raw/people.csv": "origin\nfrom the seed\n", "data/visits.csv": "visit_id\n7\n" });
  const project = projectOf(root, {
    path: "data.duckdb",
    tables: [{ name: "orders" }, { name: "people" }, { name: "visits", file: "data/visits.csv" }, { name: "gone" }],
    seeds: { "raw.people": {} },
  });
  const { warehouse, relationOf } = await session(project);
  const rows = (table: string) => warehouse.rows(`SELECT * FROM ${relationOf({ source: "shop", table })}`);
  expect([await rows("orders"), await rows("people"), await rows("visits")]).toEqual([
    [{ order_id: 1 }],
    [{ origin: "from the seed" }],
    [{ visit_id: 7 }],
  ]);
  expect(() => relationOf({ source: "shop", table: "gone" })).toThrowError(
    expect.objectContaining({
      diagnostics: [
        expect.objectContaining({
          code: "E707",
          at: { file: "models/x.yml", line: 3, column: 5 },
          hint: "looked for seeds/raw/gone.csv, .parquet or .jsonl and table raw.gone of data.duckdb",
        }),
      ],
    }),
  );
});

test("the ledger is made by a writing session only, for its owner only, and stays", async () => {
  const root = await temporary();
  await userFile(root);
  const project = projectOf(root, { path: "data.duckdb" });
  const reading = await session(project);
  expect(reading.durable).toBe(false);
  await expect(stat(path.join(root, ".millrace/dev.duckdb"))).rejects.toThrow("ENOENT");
  await open.pop()?.close();
  const writing = await session(project, { write: true, runFile: path.join(root, ".millrace/run.duckdb") });
  await writing.warehouse.execute(`CREATE TABLE ${writing.ledger("t")} AS SELECT 1 AS a`);
  await writing.warehouse.execute(`CREATE TABLE ${writing.ferry.target}.plan AS SELECT 1 AS a`);
  await open.pop()?.close();
  const modes = await Promise.all(
    [".millrace", ".millrace/dev.duckdb", ".millrace/run.duckdb"].map(async (name) =>
      ((await stat(path.join(root, name))).mode & 0o777).toString(8),
    ),
  );
  expect(modes).toEqual(["700", "600", "600"]);
  const again = await session(project);
  expect(await again.warehouse.rows(`SELECT * FROM ${again.ledger("t")}`)).toEqual([{ a: 1 }]);
  await expect(again.warehouse.execute(`INSERT INTO ${again.ledger("t")} VALUES (2)`)).rejects.toThrow("read-only");
});

test("seeds are loaded once, and again when bytes or types change; gone ones go", async () => {
  const root = await temporary();
  await files(root, { "seeds/a.csv": "id,phone\n1,5\n", "seeds/b.jsonl": '{"x": 1}\n' });
  const seeds = { a: { path: "seeds/a.csv" }, b: { path: "seeds/b.jsonl", format: "jsonl" as const } };
  const read = async (given: typeof seeds | Record<string, object>) => {
    const opened = await session(projectOf(root, { path: "none.duckdb", seeds: given }));
    const rows = await opened.warehouse.rows(`SELECT * FROM ${opened.relationOf({ seed: "a" })}`);
    const tables = await opened.warehouse.rows(
      "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'seeds' ORDER BY 1",
    );
    await open.pop()?.close();
    return {
      rows,
      tables: tables.map((row) => row["table_name"]),
      bytes: (await stat(path.join(root, ".millrace/dev.seeds.duckdb"))).mtimeMs,
    };
  };
  const first = await read(seeds);
  expect(first).toMatchObject({ rows: [{ id: 1, phone: 5 }], tables: ["a", "b"] });
  expect((await read(seeds)).bytes).toBe(first.bytes);
  expect(await read({ a: { path: "seeds/a.csv", column_types: { phone: "varchar" } } })).toMatchObject({
    rows: [{ id: 1, phone: "5" }],
    tables: ["a"],
  });
  await writeFile(path.join(root, "seeds/a.csv"), "id,phone\n2,6\n");
  expect(await read(seeds)).toMatchObject({ rows: [{ id: 2, phone: 6 }], tables: ["a", "b"] });
});

test("postal codes and phones of a seed stay text; a number that loses its zero is told (W701)", async () => {
  const root = await temporary();
  await files(root, { "seeds/a.csv": "zip,phone,share,code\n01000,+33612345678,01.5,-012\n75001,5,2.5,3\n" });
  const opened = await session(projectOf(root, { path: "none.duckdb", seeds: { a: { path: "seeds/a.csv" } } }));
  expect(await opened.warehouse.rows(`SELECT * FROM ${opened.relationOf({ seed: "a" })} LIMIT 1`)).toEqual([
    { zip: "01000", phone: "+33612345678", share: "01.5", code: -12 },
  ]);
  expect(opened.warnings).toMatchObject([
    { code: "W701", severity: "warning", message: expect.stringContaining('"code"'), at: { file: "seeds/a.csv" } },
  ]);
});

test("a seed that cannot be read is E706 at its file, without its values", async () => {
  const root = await temporary();
  await files(root, { "seeds/a.csv": "id\nmarie@example.com\n" });
  const opening = openSession(
    projectOf(root, { seeds: { a: { path: "seeds/a.csv", column_types: { id: "integer" } } } }),
    { write: false, env: {} },
  );
  await expect(opening).rejects.toMatchObject({ diagnostics: [{ code: "E706", at: { file: "seeds/a.csv" } }] });
  await opening.catch((error: Error) => expect(error.message).not.toContain("marie"));
});

test("a file outside the project is not read, a link to one neither", async () => {
  const root = await temporary();
  const project = projectOf(root, { tables: [{ name: "t", file: "../../../etc/hostname" }] });
  await expect(openSession(project, { write: false, env: {} })).rejects.toMatchObject({
    diagnostics: [{ code: "E341" }],
  });
});

test("a ledger that another process holds is E501, exit 5, with its process id", async () => {
  const root = await temporary();
  const project = projectOf(root, { path: "none.duckdb" });
  await (await openSession(project, { write: true, env: {} })).close();
  const api = path.resolve("node_modules/@duckdb/node-api/lib/index.js");
  const script = `const { DuckDBInstance } = require(${JSON.stringify(api)});
DuckDBInstance.create(${JSON.stringify(path.join(root, ".millrace/dev.duckdb"))}).then(() => { console.log("held"); setInterval(() => {}, 1000); });`;
  const holder = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    let now = 0;
    const clock = { monotonic: () => now, sleep: async (ms: number) => void (now += ms) };
    await expect(openSession(project, { write: true, env: {}, clock })).rejects.toMatchObject({
      exit: 5,
      diagnostics: [
        { code: "E501", message: `${path.join(root, ".millrace/dev.duckdb")} is held by process ${holder.pid}` },
      ],
    });
    expect(now).toBeGreaterThanOrEqual(5000);
  } finally {
    holder.kill("SIGKILL");
  }
});

test("one session of a process writes a ledger at a time", async () => {
  const root = await temporary();
  const project = projectOf(root, { path: "none.duckdb" });
  const first = await session(project, { write: true });
  await expect(openSession(project, { write: true, env: {}, waitMs: 0 })).rejects.toMatchObject({
    exit: 5,
    diagnostics: [{ code: "E501" }],
  });
  await first.close();
  open.pop();
  await (await openSession(project, { write: true, env: {}, waitMs: 0 })).close();
});

test("what a killed process spilled is cleared an hour later, what others spill is not", async () => {
  const root = await temporary();
  await files(root, {
    ".millrace/tmp/spill-4194304-old/x": "",
    ".millrace/tmp/spill-4194304-new/x": "",
    [`.millrace/tmp/spill-${process.pid}-own/x`]: "",
  });
  const longAgo = new Date(Date.now() - 7_200_000);
  for (const name of ["spill-4194304-old", `spill-${process.pid}-own`])
    await utimes(path.join(root, ".millrace/tmp", name), longAgo, longAgo);
  await session(projectOf(root, { path: "none.duckdb" }));
  await open.pop()?.close();
  expect(new Set(await readdir(path.join(root, ".millrace/tmp")))).toEqual(
    new Set(["spill-4194304-new", `spill-${process.pid}-own`]),
  );
});

test("table models are built parents first, with their definition", async () => {
  const root = await temporary();
  const project = projectOf(root, {
    path: "none.duckdb",
    models: {
      base: { sql: "select range as id from range(3)", materialize: "table" },
      wide: { sql: "select id * 2 as twice from {{ ref('base') }}", materialize: "table" },
      other: { sql: "select 1 as a", materialize: "table" },
      view: "select sum(twice) as total from {{ ref('wide') }}",
    },
  });
  const opened = await session(project, { write: true });
  const builtHere = async () => builtOf(opened, await readKnown(project, opened, []));
  const built = await builtHere();
  const compiler = await createCompiler(project, opened, { built });
  expect(await buildModels(project, opened, compiler, built, ["model:view"])).toEqual(["base", "wide"]);
  expect(compiler.query("wide")).toBe('SELECT * FROM "ledger"."millrace_models"."wide"');
  expect(await opened.warehouse.rows(compiler.query("view"))).toEqual([{ total: 6 }]);
  expect(await builtHere()).toEqual(built);
});
