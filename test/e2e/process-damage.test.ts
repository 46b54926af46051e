/** Local files that are torn, damaged, gone or from the past: detected, told by name, never taken for a first run (F53-F55, P12). */
import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { millrace } from "./support/cli.ts";
import { openShop, range, type Shop } from "./support/shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
  await shop.people(range(1, 6));
});
afterEach(() => shop.close());

const state = (...names: string[]): string => join(shop.root, ".millrace", ...names);

/** A run killed while its second request was applied and unanswered; gives the paths of what it left. */
async function killedRun(): Promise<{ readonly journal: string; readonly runFile: string }> {
  shop.door.react((_, number) => (number === 2 ? { until: new Promise(() => undefined) } : {}));
  const knocked = shop.door.knocked(2);
  const { child, ended } = shop.start();
  await knocked;
  child.kill("SIGKILL");
  await ended;
  shop.door.react(() => ({}));
  shop.door.forget();
  const runs = await readdir(state("runs"), { recursive: true });
  const find = (end: string): string => state("runs", runs.find((name) => name.endsWith(end)) ?? "none");
  return { journal: find(".journal"), runFile: find(".duckdb") };
}

/** Two runs make it right, the third is quiet. */
async function expectRight(): Promise<void> {
  expect((await shop.sync()).exit).toBe(0);
  expect((await shop.sync()).exit).toBe(0);
  expect(shop.door.members).toEqual(range(1, 6));
  shop.door.forget();
  expect((await shop.sync()).exit).toBe(0);
  expect(shop.door.knocks).toEqual([]);
}

async function expectRefused(code: string): Promise<string> {
  const before = shop.door.members;
  const { exit, stdout, stderr } = await shop.sync();
  expect({ exit, members: shop.door.members, requests: shop.door.knocks.length }).toEqual({
    exit: 1,
    members: before,
    requests: 0,
  });
  expect(stdout + stderr).toContain(code);
  return stdout + stderr;
}

it("cuts a torn tail off the journal", async () => {
  const { journal } = await killedRun();
  const content = await readFile(journal);
  await writeFile(journal, Buffer.concat([content, content.subarray(0, 25)]));
  await expectRight();
});

it("holds what may have been sent when the journal is gone, until a person says what became of it", async () => {
  const { journal } = await killedRun();
  await rm(journal);
  // Keyed requests are repeated under their old id or not at all (R33), and the ids stood in the journal.
  expect((await shop.sync()).exit).toBe(0);
  expect({ requests: shop.door.knocks, members: shop.door.members.length }).toEqual({ requests: [], members: 4 });
  expect((await millrace(shop.root, ["resolve", "everybody_to_door", "--lost", "--yes"])).exit).toBe(0);
  await expectRight();
});

it("refuses a journal with a flipped byte before sound records, until it is whole again", async () => {
  const { journal } = await killedRun();
  const content = await readFile(journal);
  const flipped = Buffer.from(content);
  flipped[40] = (flipped[40] ?? 0) ^ 4;
  await writeFile(journal, flipped);
  expect(await expectRefused("E503")).toContain(journal.slice(shop.root.length + 1));
  await writeFile(journal, content);
  await expectRight();
});

it("refuses to go on when the rows of an open plan are gone, until they are back", async () => {
  const { runFile } = await killedRun();
  const kept = `${shop.root}/kept`;
  await cp(runFile, `${kept}.duckdb`);
  const log = await cp(`${runFile}.wal`, `${kept}.wal`).then(
    () => true,
    () => false,
  );
  await rm(runFile);
  await rm(`${runFile}.wal`, { force: true });
  await expectRefused("E510");
  await cp(`${kept}.duckdb`, runFile);
  if (log) await cp(`${kept}.wal`, `${runFile}.wal`);
  await expectRight();
});

it("refuses a ledger restored from the past, and takes the newer one again", async () => {
  expect((await shop.sync()).exit).toBe(0);
  await cp(state("dev.duckdb"), `${shop.root}/old.duckdb`);
  await shop.people(range(1, 3));
  expect((await shop.sync()).exit).toBe(0);
  await cp(state("dev.duckdb"), `${shop.root}/new.duckdb`);
  await cp(`${shop.root}/old.duckdb`, state("dev.duckdb"));
  shop.door.forget();
  await expectRefused("E512");
  await cp(`${shop.root}/new.duckdb`, state("dev.duckdb"));
  expect((await shop.sync()).exit).toBe(0);
  expect(shop.door.knocks).toEqual([]);
});

it("does not take a deleted ledger for a first run, unless it is told to", async () => {
  expect((await shop.sync()).exit).toBe(0);
  await rm(state("dev.duckdb"));
  shop.door.forget();
  const said = await expectRefused("E512");
  expect(said).toContain(".millrace/dev.serials.json");
  await rm(state("dev.serials.json"));
  expect((await shop.sync()).exit).toBe(0);
  expect(shop.door.knocks.flatMap(({ keys }) => keys).toSorted((a, b) => a - b)).toEqual(range(1, 6));
});

it.each([
  ["cut to half", (file: string) => truncate(file, 100_000)],
  ["cut to nothing but its head", (file: string) => truncate(file, 4096)],
  ["something else", (file: string) => writeFile(file, "not a database, ".repeat(1000))],
] as const)("refuses a ledger file that is %s", async (_, damage) => {
  expect((await shop.sync()).exit).toBe(0);
  await damage(state("dev.duckdb"));
  shop.door.forget();
  await expectRefused("E7");
});

it("refuses a lock that cannot be read", async () => {
  await shop.file(".millrace/dev.lock", '{"format":1,"hol');
  const { exit, stdout, stderr } = await shop.sync();
  expect({ ok: exit === 0, requests: shop.door.knocks.length }).toEqual({ ok: false, requests: 0 });
  expect(stdout + stderr).toContain("E508");
});
