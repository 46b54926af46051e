/** Rows of a plan as a file in pieces: every type comes back as it was, other syncs' tables stay where they are. */
import { readdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { packed, unpack } from "../../src/engine/kept-plan.ts";
import { openDuckDB } from "../../src/warehouse/duckdb.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-kept-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const target = '"run"."main"';

async function deskWith(file: string) {
  const desk = await openDuckDB({ threads: 1 });
  await desk.attach(join(folder, file), "run");
  return { desk, target };
}

it("carries a sync's tables from one desk to another", async () => {
  const from = await deskWith("a.duckdb");
  await from.desk.execute(`CREATE TABLE ${target}."plan__vip" AS
SELECT (1::UBIGINT << 48) + i AS seq, i::UTINYINT AS op, 18446744073709551615::UBIGINT - i AS h, 'k' || i AS k,
  [{'kind': 'email', 'value': 'p' || i || '@example.com', 'version': 1}] AS ids, random() AS noise, random() AS more, NULL::BIGINT AS nothing
FROM range(200) t(i), range(400)`);
  await from.desk.execute(`CREATE TABLE ${target}."frozen__vip" AS SELECT '{"a": 1}' AS frozen`);
  await from.desk.execute(`CREATE TABLE ${target}."plan__other" AS SELECT 1 AS seq`);
  const pieces: string[] = [];
  for await (const piece of packed(from, "vip", join(folder, "out.kept"))) pieces.push(piece);
  expect(pieces.length).toBeGreaterThan(1);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBe(1_000_000);

  const to = await deskWith("b.duckdb");
  async function* again(): AsyncGenerator<string> {
    yield* pieces;
  }
  expect(await unpack(to, again(), join(folder, "in.kept"))).toBe(true);
  const digest = (of: typeof from) =>
    of.desk.rows(
      `SELECT count(*) AS n, CAST(bit_xor(hash(t)) AS VARCHAR) AS x, typeof(any_value(t)) AS types FROM ${target}."plan__vip" t`,
    );
  expect(await digest(to)).toEqual(await digest(from));
  const names = await to.desk.rows(
    "SELECT table_name AS name FROM duckdb_tables() WHERE database_name = 'run' ORDER BY 1",
  );
  expect(names.map((row) => row["name"])).toEqual(["frozen__vip", "plan__vip"]);
  expect((await readdir(folder)).filter((name) => name.includes("kept"))).toEqual([]);
  await from.desk.close();
  await to.desk.close();
});

it("says where nothing was kept", async () => {
  const to = await deskWith("c.duckdb");
  async function* nothing(): AsyncGenerator<string> {
    // Nothing was kept.
  }
  expect(await unpack(to, nothing(), join(folder, "in.kept"))).toBe(false);
  await to.desk.close();
});
