/** The log of a DuckDB file: torn, flipped, folded, and folds that a killed process left behind at every step (P12). */
import { spawn } from "node:child_process";
import { copyFile, mkdtemp, open, readdir, readFile, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { clearFolds, finishFold, foldLog, foldSteps } from "../../src/warehouse/duckdb-fold.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "millrace-fold-"));
  file = path.join(folder, "dev.duckdb");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const log = (): string => `${file}.wal`;

async function writing<T>(work: (warehouse: DuckDBWarehouse) => Promise<T>): Promise<T> {
  const warehouse = await openDuckDB({ threads: 1 });
  try {
    await warehouse.attach(file, "own");
    return await work(warehouse);
  } finally {
    await warehouse.close();
  }
}

const write = (...statements: readonly string[]): Promise<void> =>
  writing(async (warehouse) => {
    for (const sql of statements) await warehouse.execute(sql);
  });

async function count(readOnly: boolean): Promise<number> {
  const warehouse = await openDuckDB({ threads: 1 });
  try {
    await warehouse.attach(file, "own", { readOnly });
    return Number((await warehouse.rows("SELECT count(*) AS n FROM own.t"))[0]?.["n"]);
  } finally {
    await warehouse.close();
  }
}

/** Holds the file's handle as a session does. */
async function holding<T>(work: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, "r");
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

/** 100 rows in the file, 50 more in its log. */
async function fileAndLog(): Promise<void> {
  await write("CREATE TABLE own.t AS SELECT range AS i FROM range(100)", "CHECKPOINT own");
  await write("INSERT INTO own.t SELECT range FROM range(50)");
}

const steps = ["file copied", "log copied", "copy checkpointed", "log aside", "copy in place"] as const;

test("a fold takes these steps and leaves the file alone with all its rows", async () => {
  await fileAndLog();
  const taken: string[] = [];
  await holding(async (handle) => {
    for await (const step of foldSteps(file, handle, {})) taken.push(step);
  });
  expect(taken).toEqual(steps);
  expect([await readdir(folder), await count(true)]).toEqual([["dev.duckdb"], 150]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

describe.each(steps)("a process killed after: %s", (last) => {
  beforeEach(async () => {
    await fileAndLog();
    await holding(async (handle) => {
      for await (const step of foldSteps(file, handle, {})) if (step === last) break;
    });
  });

  it("leaves what two finishers at once make whole, for readers and writers", async () => {
    await Promise.all([finishFold(file), finishFold(file)]);
    expect(await count(true)).toBe(150);
    await write("INSERT INTO own.t VALUES (1)");
    await clearFolds(file);
    expect([await count(true), await readdir(folder)]).toEqual([151, ["dev.duckdb", "dev.duckdb.wal"]]);
  });
});

test("a copy cut short by a kill is cleared, never taken", async () => {
  await fileAndLog();
  const half = (await readFile(file)).subarray(0, 100_000);
  await writeFile(`${file}.0123456789ab.fold`, half);
  await writeFile(`${file}.0123456789ab.fold.wal`, "half");
  await writeFile(path.join(folder, "dev.duckdb.backup"), "a user's own");
  await finishFold(file);
  expect(await count(false)).toBe(150);
  await clearFolds(file);
  expect(await readdir(folder)).toEqual(["dev.duckdb", "dev.duckdb.backup", "dev.duckdb.wal"]);
});

test("what is committed while a log is folded calls the fold off", async () => {
  await fileAndLog();
  await holding(async (handle) => {
    const fold = foldSteps(file, handle, {});
    for (const step of steps.slice(0, 3)) expect((await fold.next()).value).toBe(step);
    await write("INSERT INTO own.t VALUES (1)");
    await expect(fold.next()).rejects.toThrow("grew");
  });
  expect([await count(true), await readdir(folder)]).toEqual([151, ["dev.duckdb", "dev.duckdb.wal"]]);
});

test("a fold that is hindered leaves file and log, and no copy", async () => {
  await fileAndLog();
  await expect(holding((handle) => foldLog(file, handle, { threads: 0 }))).rejects.toThrow();
  expect([await count(true), await readdir(folder)]).toEqual([150, ["dev.duckdb", "dev.duckdb.wal"]]);
});

test("nobody else can open the file while it is folded", async () => {
  await fileAndLog();
  const other = (): Promise<string> => {
    const api = path.resolve("node_modules/@duckdb/node-api/lib/index.js");
    const script = `require(${JSON.stringify(api)}).DuckDBInstance.create(${JSON.stringify(file)}).then(() => console.log("opened"), (error) => console.log(error.message))`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    return new Promise((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
  };
  await writing((warehouse) =>
    holding(async (handle) => {
      await warehouse.execute("INSERT INTO own.t VALUES (1)");
      const fold = foldSteps(file, handle, {});
      for (const _ of steps.slice(0, 3)) await fold.next();
      expect(await other()).toContain("lock");
      for (const _ of steps.slice(3)) await fold.next();
      await fold.next();
      await warehouse.close();
    }),
  );
  expect([await count(true), await readdir(folder)]).toEqual([151, ["dev.duckdb"]]);
});

describe("when a log is folded", () => {
  const folded = async (statement: string): Promise<boolean> => {
    await write(statement);
    await holding((handle) => foldLog(file, handle, {}));
    return !(await readdir(folder)).includes("dev.duckdb.wal");
  };
  const texts = (rows: number): string => `SELECT md5(CAST(random() AS VARCHAR)) AS s FROM range(${rows})`;

  it("a small file at once", async () => {
    await fileAndLog();
    expect(await folded("INSERT INTO own.t VALUES (1)")).toBe(true);
  });

  it("a large one when a tenth is owed, in the log or in blocks written ahead of it", async () => {
    await write(`CREATE TABLE own.t AS ${texts(600_000)}`, "CHECKPOINT own");
    expect((await stat(file)).size).toBeGreaterThan(10_000_000);
    expect(await folded(`INSERT INTO own.t ${texts(1000)}`)).toBe(false);
    expect(await folded(`INSERT INTO own.t ${texts(75_000)}`)).toBe(true);
    expect(await folded(`INSERT INTO own.t ${texts(1000)}`)).toBe(false);
    // A whole row group goes into the file, and only its place into the log.
    expect(await folded(`CREATE TABLE own.u AS ${texts(250_000)}`)).toBe(true);
    expect(await count(true)).toBe(677_000);
  });
});

describe("a log", () => {
  /** Sizes of the log after each of four transactions of 50 rows. */
  let marks: number[];
  let kept: Buffer;
  let whole: Buffer;
  beforeEach(async () => {
    await write("CREATE TABLE own.t (i BIGINT)", "CHECKPOINT own");
    marks = [];
    for (const n of [0, 1, 2, 3]) {
      await write(`INSERT INTO own.t SELECT ${n} FROM range(50)`);
      marks.push((await stat(log())).size);
    }
    [kept, whole] = [await readFile(file), await readFile(log())];
  });

  async function given(bytes: Uint8Array): Promise<void> {
    await writeFile(file, kept);
    await writeFile(log(), bytes);
  }

  it("with a torn tail loses what was not committed, and is written on", async () => {
    const lengths = Array.from({ length: Math.ceil(whole.length / 61) }, (_, index) => index * 61);
    for (const length of [...lengths, ...marks.flatMap((mark) => [mark - 1, mark, mark + 1])]) {
      await given(whole.subarray(0, length));
      const rows = 50 * marks.filter((mark) => mark <= length).length;
      expect({ length, rows: await count(true) }).toEqual({ length, rows });
      await write("INSERT INTO own.t VALUES (9)");
      expect({ length, rows: await count(false) }).toEqual({ length, rows: rows + 1 });
    }
  });

  it("with a flipped bit is refused, or ends before it: never played half", async () => {
    for (let at = 0; at < whole.length; at += 47) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 4;
      await given(flipped);
      const sound = marks.filter((mark) => mark <= at).length;
      const rows = await count(true).catch((error: Error) => error.message.slice(0, 4));
      expect(["E700", 50 * sound, 200]).toContain(rows);
    }
  });

  it("is refused beside a file of another time", async () => {
    await write("CHECKPOINT own", "INSERT INTO own.t VALUES (9)");
    await writeFile(file, kept);
    for (const readOnly of [true, false]) {
      await expect(count(readOnly)).rejects.toMatchObject({
        diagnostics: [{ code: "E700", hint: expect.stringContaining("belong together") }],
      });
    }
  });
});

test("a checkpoint in place is what all this is for: cut short it leaves a file that nobody can open", async () => {
  await fileAndLog();
  const before = await readFile(file);
  await copyFile(log(), `${file}.kept`);
  await write("CHECKPOINT own");
  const after = await readFile(file);
  const torn = Buffer.from(before);
  after.copy(torn, 12_288, 12_288, 12_288 + 4096);
  await writeFile(file, torn);
  await copyFile(`${file}.kept`, log());
  await expect(count(true)).rejects.toThrow("Corrupt database file");
});
