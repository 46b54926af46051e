/** The journal of a runner without a disk: what is waited for, what travels with the next insert, what a failure means. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../src/core.ts";
import { KeptTables } from "../../src/ledger/kept-tables.ts";
import { WarehouseJournal } from "../../src/ledger/warehouse-journal.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { virtualClock } from "../engine/virtual-clock.ts";

const header = { plan: "p1", sync: "vip", fence: 3, serial: 2, format: 1 } as const;
const intent = (b: string) => ({ t: "i", b });
const verdict = (b: string) => ({ t: "v", b });

describe("a journal in a warehouse", () => {
  const opened = (insert?: (n: number, records: readonly Json[]) => Promise<void>) => {
    const clock = virtualClock();
    const parts: (readonly Json[])[] = [];
    const journal = new WarehouseJournal({
      header,
      clock,
      insert: insert ?? (async (n, records) => void (parts[n] = records)),
      covered: (record) => (record as { t: string }).t === "i",
      next: 1,
    });
    return { clock, parts, journal };
  };

  it("inserts what the horizon does not cover before it returns, with all that waited", async () => {
    const { parts, journal } = opened();
    await journal.commit([intent("a")]);
    await journal.append([verdict("a")]);
    expect(parts).toEqual([]);
    await journal.commit([{ t: "c", b: "b" }]);
    expect(parts).toEqual([undefined, [intent("a"), verdict("a"), { t: "c", b: "b" }]]);
    await journal.close();
    expect(parts.length).toBe(2);
  });

  it("inserts what waits every few seconds, and the rest at its end", async () => {
    const { clock, parts, journal } = opened();
    await journal.append([verdict("a")]);
    await clock.sleep(5_000);
    await journal.append([verdict("b")]);
    await journal.append([verdict("c")]);
    await journal.sync();
    expect(parts.slice(1)).toEqual([[verdict("a"), verdict("b")], [verdict("c")]]);
  });

  it("shares inserts between those who wait", async () => {
    let running = 0;
    const sizes: number[] = [];
    const { journal } = opened(async (_, records) => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      sizes.push(records.length);
      running -= 1;
    });
    await Promise.all(Array.from({ length: 10 }, (_, at) => journal.commit([{ t: "c", b: String(at) }])));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(10);
    expect(sizes.length).toBeLessThan(4);
  });

  it("E504 from the first insert on that failed three times, for everybody", async () => {
    let calls = 0;
    const { journal } = opened(async () => {
      calls += 1;
      throw new Error("the connection was cut");
    });
    await expect(journal.commit([{ t: "c", b: "a" }])).rejects.toThrow("E504");
    await expect(journal.append([verdict("a")])).rejects.toThrow("E504");
    await expect(journal.close()).rejects.toThrow("E504");
    expect(calls).toBe(3);
  });

  it("an insert that failed is the same part when it is tried again", async () => {
    const asked: number[] = [];
    const { journal, clock } = opened(async (n) => {
      asked.push(n);
      if (asked.length < 3) throw new Error("the connection is busy");
    });
    await journal.commit([{ t: "c", b: "a" }]);
    await journal.commit([{ t: "c", b: "b" }]);
    expect(asked).toEqual([1, 1, 1, 2]);
    expect(clock.slept).toEqual([1_000, 4_000]);
  });
});

describe("its tables", () => {
  let duckdb: DuckDBWarehouse;
  let tables: KeptTables;
  beforeEach(async () => {
    duckdb = await openDuckDB({ threads: 1 });
    await duckdb.execute('CREATE SCHEMA "led"');
    tables = new KeptTables(duckdb, { dialect: duckdb.dialect, schema: ["memory", "led"] });
    await tables.create();
  });
  afterEach(() => duckdb.close());
  const plan = { runId: "run-1", id: "vip" };

  async function* pieces(...list: readonly string[]): AsyncGenerator<string> {
    yield* list;
  }

  it("give a journal back in order, a part that was inserted twice once, and nobody else's", async () => {
    expect(await tables.journal(plan)).toBeNull();
    await tables.insert(plan, 0, [header as unknown as Json]);
    await tables.insert(plan, 2, [verdict("b")]);
    await tables.insert(plan, 1, [intent("a"), verdict("a")]);
    await tables.insert(plan, 2, [verdict("b")]);
    await tables.insert({ ...plan, runId: "run-2" }, 1, [verdict("z")]);
    const journal = await tables.journal(plan);
    expect(journal?.header).toEqual(header);
    expect(journal?.records).toEqual([intent("a"), verdict("a"), verdict("b")]);
  });

  it("give the pieces of a plan back in order, those of the last attempt", async () => {
    await tables.keep(plan, pieces("x", "y", "z"));
    await tables.keep(plan, pieces("a", "b"));
    await tables.keep({ ...plan, id: "b2b" }, pieces("q"));
    const read: string[] = [];
    for await (const piece of tables.kept(plan)) read.push(piece);
    expect(read).toEqual(["a", "b"]);
    await tables.clear();
    expect((await tables.kept(plan).next()).done).toBe(true);
  });
});
