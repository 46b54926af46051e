/** Files of ours as sessions open and close them, beside other processes that fold them. */
import { open, readdir, rename, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { attachWhole, foldAndClose } from "../../src/models/own-file.ts";
import { openSession } from "../../src/models/session.ts";
import type { Project } from "../../src/project/project.ts";
import { openDuckDB } from "../../src/warehouse/duckdb.ts";
import { foldSteps } from "../../src/warehouse/duckdb-fold.ts";
import { projectOf, temporary } from "./fixture.ts";

const beside = async (root: string): Promise<readonly string[]> =>
  (await readdir(path.join(root, ".millrace"))).filter((name) => name.startsWith("dev.duckdb"));

test("a file that another process replaced meanwhile is attached again", async () => {
  const root = await temporary();
  const file = path.join(root, "dev.duckdb");
  await writeFile(file, "old");
  await writeFile(path.join(root, "next"), "new");
  const calls: string[] = [];
  await attachWhole(file, {
    write: false,
    attach: async () => {
      calls.push("attach");
      if (calls.length === 1) await rename(path.join(root, "next"), file);
    },
    detach: async () => void calls.push("detach"),
  });
  expect(calls).toEqual(["attach", "detach", "attach"]);
});

/** What a session writes without closing as one: a row in the log of the ledger. */
async function row(root: string, a: number): Promise<string> {
  const file = path.join(root, ".millrace/dev.duckdb");
  const warehouse = await openDuckDB({ threads: 1 });
  await warehouse.attach(file, "own");
  await warehouse.execute(`INSERT INTO own.millrace.t VALUES (${a})`);
  await warehouse.close();
  return file;
}

async function withTable(): Promise<{ readonly root: string; readonly project: Project }> {
  const root = await temporary();
  const project = projectOf(root, { path: "none.duckdb" });
  const session = await openSession(project, { write: true, env: {} });
  await session.warehouse.execute(`CREATE TABLE ${session.ledger("t")} AS SELECT 1 AS a`);
  await session.close();
  expect(await beside(root)).toEqual(["dev.duckdb"]);
  return { root, project };
}

async function newest(project: Project): Promise<unknown> {
  const session = await openSession(project, { write: false, env: {} });
  const rows = await session.warehouse.rows(`SELECT max(a) AS a FROM ${session.ledger("t")}`);
  await session.close();
  return rows[0]?.["a"];
}

test("why a log cannot be folded is told; it stays for its owner only, is read, and the next session folds it", async () => {
  const { root, project } = await withTable();
  const file = await row(root, 2);
  const done: string[] = [];
  const onUnfolded = (): void => void done.push("told");
  await foldAndClose(
    file,
    { threads: 0, onUnfolded },
    { checkpoint: async () => done.push("checkpoint"), close: async () => void done.push("closed") },
  );
  expect([done, await beside(root)]).toEqual([
    ["told", "closed"],
    ["dev.duckdb", "dev.duckdb.wal"],
  ]);
  expect((await stat(`${file}.wal`)).mode & 0o777).toBe(0o600);
  expect(await newest(project)).toBe(2);
  await (await openSession(project, { write: true, env: {} })).close();
  expect([await newest(project), await beside(root)]).toEqual([2, ["dev.duckdb"]]);
});

test.each(["log copied", "log aside", "copy in place"])("a fold whose process was killed after: %s", async (last) => {
  const { root, project } = await withTable();
  const file = await row(root, 2);
  const handle = await open(file, "r");
  for await (const step of foldSteps(file, handle, {})) if (step === last) break;
  await handle.close();
  expect((await beside(root)).length).toBeGreaterThan(1);
  expect(await newest(project)).toBe(2);
  await (await openSession(project, { write: true, env: {} })).close();
  expect([await newest(project), await beside(root)]).toEqual([2, ["dev.duckdb"]]);
});

test("a log that DuckDB does not read back is checkpointed before it is closed, and told", async () => {
  const { root, project } = await withTable();
  const told: string[] = [];
  const session = await openSession(project, { write: true, env: {}, onUnfolded: (because) => told.push(because) });
  const table = session.ledger("t");
  // Refused by DuckDB 1.5 when it is played: the change stands under the new name, before the renaming.
  await session.warehouse.script([
    `UPDATE ${table} SET a = 3`,
    `ALTER TABLE ${table} RENAME TO u`,
    `CREATE TABLE ${table} AS SELECT 2 AS a`,
  ]);
  await session.close();
  expect([told.length, await newest(project), await beside(root)]).toEqual([1, 2, ["dev.duckdb"]]);
});

test("a session closed twice leaves the file to whoever opened it since", async () => {
  const { project } = await withTable();
  const first = await openSession(project, { write: true, env: {} });
  await first.close();
  const second = await openSession(project, { write: true, env: {} });
  await first.close();
  await expect(openSession(project, { write: true, env: {}, waitMs: 0 })).rejects.toThrow("E501");
  await second.close();
});
