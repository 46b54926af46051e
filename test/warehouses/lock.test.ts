/** The lock's row in BigQuery and Snowflake, on emulators: of many who want it one has it, and what it holds comes back as written. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodePorts } from "../../src/engine/node-ports.ts";
import type { LockOptions } from "../../src/ledger/lock.ts";
import { LockRows } from "../../src/ledger/lock-rows.ts";
import { acquireRowLock } from "../../src/ledger/row-lock.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";

interface Started {
  /** A connection of its own each time. */
  connect(): Promise<Warehouse>;
  readonly top: string;
  stop(): Promise<void>;
}

const options = (at: number): LockOptions => ({
  host: `runner-${at}`,
  pid: 7,
  pidNamespace: "1",
  bootId: `boot-${at}`,
  processStart: "1",
  holder: `runner-${at}`,
  command: `millrace sync --vars '{"a": "it''s \\ 50 % é"}'\nnext`,
  runId: `run-${at}`,
  leaseMs: 60_000,
  requestDeadlineMs: 30_000,
  lastFence: 3,
  waitMs: 0,
});

function lock(start: () => Promise<Started>): void {
  let started: Started;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(() => started.stop());

  test("one of four has it, keeps it, leaves it to the next", async () => {
    const warehouses = await Promise.all([0, 1, 2, 3].map(() => started.connect()));
    const rows = warehouses.map(
      (warehouse) => new LockRows(warehouse, { dialect: warehouse.dialect, schema: [started.top, "locked_ledger"] }),
    );
    const ports = nodePorts();
    const acquire = (at: number, run = at) =>
      acquireRowLock(ports, rows[at] as LockRows, "prod", { ...options(at), runId: `run-${run}` });
    const ends = await Promise.allSettled([0, 1, 2, 3].map((at) => acquire(at)));
    const held = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    const refused = ends.flatMap((end) => (end.status === "rejected" ? [String(end.reason)] : []));
    expect([held.length, refused.length]).toEqual([1, 3]);
    for (const reason of refused) expect(reason).toContain("another run is working on prod");
    const [first] = held;
    expect(first?.fence).toBe(4);
    expect(await first?.setHorizon("vip", "p1", 7)).toBe(7);
    await first?.heartbeat();
    await first?.assertHeld();
    expect((await rows[3]?.find())?.content?.command).toBe(options(0).command);
    await first?.release();
    const next = await acquire(1, 9);
    expect([next.fence, next.previous?.horizons]).toEqual([5, { vip: { plan: "p1", seq: 7 } }]);
    const row = await rows[0]?.find();
    expect(row?.content !== null && row?.content !== undefined && (await rows[0]?.break(row.content))).toBe(true);
    await expect(next.heartbeat()).rejects.toThrow("E502");
    await rows[0]?.raiseFloor(40);
    expect((await acquire(2, 10)).fence).toBe(41);
    for (const warehouse of warehouses) await warehouse.close();
  });
}

where("bqemulator", [clients, programs.bqemulator], () =>
  lock(async () => {
    const emulator = await startBigQuery("bqemulator");
    return { connect: () => emulator.open(), top: "test-project", stop: () => emulator.stop() };
  }),
);

where("fakesnow", [driver, python], () =>
  lock(async () => {
    const emulator = await startFakesnow();
    return { connect: () => open(emulator.endpoint), top: "analytics", stop: () => emulator.stop() };
  }),
);
