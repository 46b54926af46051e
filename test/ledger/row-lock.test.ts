/** The lock as a row of the warehouse (R25), over a DuckDB: taken by one, kept, lost, taken over with its horizons. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Lock, LockOptions } from "../../src/ledger/lock.ts";
import { LockRows } from "../../src/ledger/lock-rows.ts";
import { acquireRowLock } from "../../src/ledger/row-lock.ts";
import type { Ports } from "../../src/ports.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { virtualClock, type VirtualClock } from "../engine/virtual-clock.ts";
import { memoryFiles, type MemoryFiles } from "./memory-files.ts";

const self = { host: "runner-12", pid: 77, pidNamespace: "4026531836", bootId: "boot-1", processStart: "5000" };
const mine: LockOptions = {
  ...self,
  holder: "ci@runner-12",
  command: "millrace sync --due",
  runId: "2026-01-05T06-00-00Z-9d1f",
  leaseMs: 120_000,
  requestDeadlineMs: 60_000,
  lastFence: 0,
  waitMs: 0,
};
/** A run on another machine: nothing can be proved about it. */
const other: LockOptions = { ...mine, bootId: "boot-2", holder: "anna@laptop", runId: "2026-01-05T05-58-00Z-8e11" };

let duckdb: DuckDBWarehouse;
let ports: Ports & { clock: VirtualClock; files: MemoryFiles };
beforeEach(async () => {
  duckdb = await openDuckDB({ threads: 1 });
  ports = { clock: virtualClock(), random: { next: () => 0.5, hex: () => "ab" }, files: memoryFiles() };
});
afterEach(() => duckdb.close());

const rowsOf = (warehouse: Warehouse = duckdb) =>
  new LockRows(warehouse, { dialect: duckdb.dialect, schema: ["memory", "millrace"] });
const acquire = (options: LockOptions, warehouse?: Warehouse): Promise<Lock> =>
  acquireRowLock(ports, rowsOf(warehouse), "prod", options);
const row = async () => {
  const found = await rowsOf().find();
  if (found === null) throw new Error("there is no row");
  return found;
};
const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: { readonly diagnostics?: readonly { readonly code: string }[] }) => error.diagnostics?.[0]?.code ?? error,
  );

describe("a lock in a row", () => {
  it("is taken, renewed and left with its fence and its horizons", async () => {
    expect(await rowsOf().find()).toBeNull();
    const lock = await acquire({ ...mine, lastFence: 4 });
    expect([lock.fence, lock.previous, lock.mustStop()]).toEqual([5, null, false]);
    expect(await lock.setHorizon("vip", "p1", 10)).toBe(10);
    await ports.clock.sleep(30_000);
    await lock.heartbeat();
    expect(await row()).toMatchObject({
      fence: 5,
      runId: mine.runId,
      content: { horizons: { vip: { plan: "p1", seq: 10 } }, leaseUntil: ports.clock.now() + 120_000 },
    });
    await lock.assertHeld();
    await lock.release();
    expect(await row()).toMatchObject({ fence: 5, runId: null });
    // A run that ended with a plan open still tells the next how far it may have sent.
    const next = await acquire(other);
    expect([next.fence, next.previous?.horizons]).toEqual([6, { vip: { plan: "p1", seq: 10 } }]);
  });

  it("E501 names the holder and what to do (F05)", async () => {
    await acquire(other);
    await ports.clock.sleep(3_000);
    const error = await acquire(mine).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ exit: 5, diagnostics: [{ code: "E501" }] });
    const said = String((error as Error).message);
    for (const words of ["on prod", "run 8e11 by anna@laptop", "alive 3 s ago"]) expect(said).toContain(words);
  });

  it("waits as long as it is told for a holder that ends", async () => {
    const first = await acquire(mine);
    const second = acquire({ ...other, waitMs: 60_000 });
    await ports.clock.sleep(20_000);
    await first.release();
    expect((await second).fence).toBe(2);
  });

  it("is taken over at once from a process that is proved dead, with its horizons (F06)", async () => {
    const dead = await acquire(mine);
    await dead.setHorizon("vip", "p1", 50);
    const next = await acquire({ ...mine, pid: 78, runId: "2026-01-05T06-01-00Z-aaaa" });
    expect([next.fence, next.previous?.horizons]).toEqual([2, { vip: { plan: "p1", seq: 50 } }]);
    // It dies before it recovers: the third run needs the same horizons.
    const third = await acquire({ ...mine, pid: 79, runId: "2026-01-05T06-02-00Z-bbbb" });
    expect(third.previous?.horizons).toEqual({ vip: { plan: "p1", seq: 50 } });
  });

  it("is taken over from another machine only when lease and request deadline are over, and nobody beats any more", async () => {
    const lost = await acquire(other);
    await ports.clock.sleep(170_000);
    expect(await code(acquire(mine))).toBe("E501");
    const before = ports.clock.now();
    const lock = await acquire({ ...mine, waitMs: 600_000 });
    expect(ports.clock.now() - before).toBeGreaterThanOrEqual(90_000);
    expect(lock.fence).toBe(2);
    // F07: the owner wakes. It may not write, and what it writes changes nothing.
    const content = (await row()).text;
    expect(await code(lost.setHorizon("vip", "p1", 99))).toBe("E502");
    expect(await code(lost.heartbeat())).toBe("E502");
    expect(await code(lost.assertHeld())).toBe("E502");
    await lost.release();
    expect((await row()).text).toBe(content);
  });

  it("is not taken from a holder whose clock is behind but who beats", async () => {
    const behind = { ...ports, clock: { ...ports.clock, now: () => ports.clock.now() - 3_600_000 } };
    const lock = await acquireRowLock(behind, rowsOf(), "prod", other);
    const ended = new AbortController();
    const beating = (async () => {
      while (!ended.signal.aborted) {
        await ports.clock.sleep(30_000);
        await lock.heartbeat();
      }
    })();
    expect(await code(acquire({ ...mine, waitMs: 400_000 }))).toBe("E501");
    ended.abort();
    await beating;
    await lock.assertHeld();
  });

  it("that a person freed is taken over at once", async () => {
    const held = await acquire(other);
    expect(await rowsOf().break((await row()).content as never)).toBe(true);
    expect(await code(held.heartbeat())).toBe("E502");
    expect((await acquire(mine)).fence).toBe(2);
  });

  it("gives fences above those of a ledger that was imported", async () => {
    const lock = await acquire(mine);
    await rowsOf().raiseFloor(40);
    await lock.heartbeat();
    await lock.release();
    expect((await acquire(other)).fence).toBe(41);
  });

  it("grants further ahead while grants are used up fast", async () => {
    const lock = await acquire(mine);
    const granted: number[] = [];
    for (let seq = 0; granted.length < 4; seq = granted.at(-1) ?? 0)
      granted.push(await lock.setHorizon("vip", "p", seq));
    expect(granted).toEqual([0, 20_000, 60_000, 140_000]);
    await ports.clock.sleep(30_000);
    expect(await lock.setHorizon("vip", "p", 200_000)).toBe(240_000);
  });
});

describe("a warehouse that answers badly", () => {
  /** Statements that change something: done, and the answer lost; or not done at all. */
  const failing = (fault: "lost" | "refused", times: { left: number }): Warehouse => ({
    ...duckdb,
    execute: async (sql, parameters) => {
      const fails = sql.startsWith("UPDATE") && (times.left -= 1) >= 0;
      const done = fails && fault === "refused" ? 0 : await duckdb.execute(sql, parameters);
      if (fails) throw new Error("the connection was cut");
      return done;
    },
    rows: (sql, parameters) => duckdb.rows(sql, parameters),
  });

  it("the lock is held where only the answer was lost, and told where nothing was done", async () => {
    expect((await acquire(mine, failing("lost", { left: 1 }))).fence).toBe(1);
    expect(await code(acquire({ ...mine, pid: 78, runId: "x-2" }, failing("refused", { left: 1 })))).toBeInstanceOf(
      Error,
    );
    expect((await row()).runId).toBe(mine.runId);
  });

  it("a beat may fail as long as the lease lasts; a horizon may not", async () => {
    const times = { left: 0 };
    const lock = await acquire(mine, failing("lost", times));
    times.left = 2;
    await lock.heartbeat();
    expect(await code(lock.setHorizon("vip", "p1", 70))).toBeInstanceOf(Error);
    // It was written all the same: later beats keep it.
    await lock.heartbeat();
    expect((await row()).content?.horizons).toEqual({ vip: { plan: "p1", seq: 70 } });
    await ports.clock.sleep(121_000);
    expect(await code(lock.heartbeat())).toBe("E502");
    await lock.release();
    expect((await row()).runId).toBe(mine.runId);
  });
});

describe("many at once", () => {
  it("one of them has it, whatever the order of their statements", { timeout: 60_000 }, async () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    // A statement at a time, as warehouses have it: DuckDB plans one of a connection while another runs, by what was there then.
    let before: Promise<unknown> = Promise.resolve();
    const inTurn = async <T>(ask: () => Promise<T>): Promise<T> => {
      for (let turns = random(4); turns > 0; turns -= 1) await Promise.resolve();
      const asked = before.then(ask, ask);
      before = asked.catch(() => undefined);
      return asked;
    };
    const slow: Warehouse = {
      ...duckdb,
      execute: (sql, parameters) => inTurn(() => duckdb.execute(sql, parameters)),
      rows: (sql, parameters) => inTurn(() => duckdb.rows(sql, parameters)),
      hasSchema: (place) => inTurn(() => duckdb.hasSchema(place)),
    };
    let last = 0;
    for (let round = 0; round < 40; round += 1) {
      const runs = Array.from({ length: 4 }, (_, at) => ({
        ...other,
        bootId: `machine-${at}`,
        runId: `run-${round}-${at}`,
      }));
      const ends = await Promise.allSettled(runs.map((options) => acquire(options, slow)));
      const held = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
      expect(held.length).toBe(1);
      const [lock] = held;
      expect(lock?.fence).toBeGreaterThan(last);
      last = lock?.fence ?? 0;
      await lock?.release();
    }
  });
});
