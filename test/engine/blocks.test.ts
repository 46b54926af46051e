import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLines, readLists, type TextQuery } from "../../src/engine/blocks.ts";
import { opCodes, planTable } from "../../src/engine/diff.ts";
import type { PlanSource } from "../../src/engine/rows.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";

const target = '"memory"."main"';
const rows = 9_000;
type Form = "lines" | "list";
let warehouse: DuckDBWarehouse;
let source: PlanSource;

/** Rows that are removed, added and quiet by turns; every text holds a newline, quotes and letters of two bytes. */
beforeAll(async () => {
  warehouse = await openDuckDB({ threads: 2 });
  source = { warehouse, target, id: "s", shape: undefined as never, m: 1, tag: 1, full: false };
  await warehouse.execute(`CREATE TABLE ${planTable(target, "s")} AS
SELECT CAST(i AS UBIGINT) AS n, CAST([${opCodes.remove}, ${opCodes.add}, 5][1 + i % 3] AS UTINYINT) AS op
FROM range(1, ${rows + 1}) t(i) ORDER BY hash(i)`);
});
afterAll(() => warehouse.close());

const query: TextQuery = (op, from, to) => `SELECT n, CAST(to_json('Zoë "' || n || chr(10) || '"') AS VARCHAR) AS "text"
FROM ${planTable(target, "s")} WHERE op = ${opCodes[op]} AND n >= ${from} AND n < ${to}`;

async function* blocks(form: Form, most?: number) {
  if (form === "list") {
    for await (const { op, rows: count, list } of readLists(source, query, most))
      yield { op, count, values: JSON.parse(list) as string[], places: null };
    return;
  }
  for await (const { op, rows: count, lines, places } of readLines(source, query, most)) {
    const texts = Buffer.from(lines).toString().split("\n");
    expect(texts.pop()).toBe("");
    yield { op, count, values: texts.map((text) => JSON.parse(text) as string), places };
  }
}

async function read(form: Form, most?: number): Promise<readonly (readonly [op: string, n: number])[]> {
  const seen: (readonly [string, number])[] = [];
  for await (const { op, count, values, places } of blocks(form, most)) {
    expect(values.length).toBe(count);
    const numbers = values.map((value) => Number(/^Zoë "(\d+)\n"$/.exec(value)?.[1]));
    if (places !== null) expect(places).toEqual(numbers);
    for (const n of numbers) seen.push([op, n]);
  }
  return seen;
}

const asked = (op: string, rest: number) =>
  Array.from({ length: rows }, (_, index) => index + 1).flatMap((n) => (n % 3 === rest ? [[op, n] as const] : []));

describe("blocks of a plan", () => {
  it.each<[Form, number | undefined]>([
    ["lines", undefined],
    ["list", undefined],
    ["lines", 1_000],
    ["list", 700],
  ])("hold every asked row once, ascending in its op, as %s read %s at a time", async (form, most) => {
    expect(await read(form, most)).toEqual([...asked("remove", 0), ...asked("add", 1)]);
  });

  it("are refused when reading loses a row", async () => {
    const lossy: TextQuery = (...window) => `${query(...window)} AND n <> 4000`;
    const all = async (): Promise<void> => {
      for await (const block of readLists(source, lossy)) expect(block.rows).toBeGreaterThan(0);
    };
    await expect(all()).rejects.toThrow("read 2999 rows of op add from the plan of s, it has 3000");
  });

  it("are read in smaller windows where rows are wide", async () => {
    const wide: TextQuery = (op, from, to) => `SELECT n, repeat('x', 20000) AS "text" FROM (${query(op, from, to)})`;
    const spans: number[] = [];
    const watched: TextQuery = (op, from, to) => {
      if (op === "add") spans.push(to - from);
      return wide(op, from, to);
    };
    for await (const block of readLines(source, watched)) expect(block.rows).toBeGreaterThan(0);
    // A third of the places are adds: 16 M characters are some 2,500 places of them.
    expect(spans[0]).toBe(4_096);
    expect(Math.max(...spans.slice(1))).toBeLessThan(2_700);
  });
});
