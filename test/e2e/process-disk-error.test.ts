/** A disk that reports errors: fsync, rename and read fail with EIO (F51). Nothing is sent that is not written down; nothing is forgotten. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openShop, range, type Shop } from "./support/shop.ts";
import { breakDisk, cannotTrace, syncWith } from "./support/strace.ts";

const people = range(1, 40);
let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
  await shop.people(people);
});
afterEach(() => shop.close());

const state = (...names: readonly string[]): readonly string[] =>
  names.map((name) => join(shop.root, ".millrace", name));

/** On a sound disk: two runs make it right, the next is quiet. */
async function expectRight(): Promise<void> {
  shop.door.react(() => ({}));
  for (const turn of [1, 2]) expect({ turn, exit: (await shop.sync()).exit }).toEqual({ turn, exit: 0 });
  expect(shop.door.members).toEqual(people);
  shop.door.forget();
  expect((await shop.sync()).exit).toBe(0);
  expect(shop.door.knocks).toEqual([]);
}

it("has strace in CI (scripts/test-machine.sh)", () => {
  if (process.env["CI"] !== undefined) expect(cannotTrace).toBe(null);
});

const because = cannotTrace === null ? "" : ` (skipped: ${cannotTrace})`;

describe.skipIf(cannotTrace !== null)(`F51, by strace${because}`, () => {
  it.each([
    ["fsync of the ledger", "fsync,fdatasync", ["dev.duckdb", "dev.duckdb.wal"], /E7\d\d/],
    ["every rename", "rename,renameat,renameat2", [], /E071.*dev\.lock\.fence/],
    ["read of the fence", "read,pread64", ["dev.lock.fence"], /E071/],
    ["read of the serials", "read,pread64", ["dev.serials.json"], /E071/],
    ["read of the ledger", "read,pread64", ["dev.duckdb"], /E7\d\d/],
  ])("%s: nothing is sent", async (_, calls, names, code) => {
    // One person more than the ledger knows: a run that must send.
    await shop.people(people.slice(1));
    expect((await shop.sync()).exit).toBe(0);
    await shop.people(people);
    shop.door.forget();
    const { exit, stdout, stderr } = await syncWith({ calls, paths: state(...names) }, shop.root);
    expect({ exit, sent: shop.door.knocks.length, said: stdout + stderr }).toEqual({
      exit: 1,
      sent: 0,
      said: expect.stringMatching(code),
    });
    await expectRight();
  });

  /** A run whose request of that number waits at the door until the disk is broken. */
  async function breakAt(
    request: number,
    calls: string,
  ): Promise<{ readonly exit: number | null; readonly said: string }> {
    let release = (): void => undefined;
    const broken = new Promise<void>((resolve) => (release = resolve));
    shop.door.react((_, number) => (number === request ? { until: broken } : {}));
    const knocked = shop.door.knocked(request);
    const { child, ended } = shop.start();
    await knocked;
    await breakDisk({ calls }, child.pid ?? 0);
    release();
    const { exit, stdout, stderr } = await ended;
    return { exit, said: stdout + stderr };
  }

  it("every rename from the last request on: it failed, and nothing is sent again", async () => {
    expect(await breakAt(20, "rename,renameat,renameat2")).toEqual({
      exit: 1,
      said: expect.stringMatching(/E071.*dev\.serials\.json/),
    });
    expect(shop.door.knocks.length).toBe(20);
    shop.door.react(() => ({}));
    shop.door.forget();
    expect((await shop.sync()).exit).toBe(0);
    expect({ sent: shop.door.knocks, members: shop.door.members }).toEqual({ sent: [], members: people });
  });

  it("every fsync from the first request on: the journal is not trusted any more, and no further batch leaves", async () => {
    expect(await breakAt(1, "fsync,fdatasync")).toEqual({
      exit: 1,
      said: expect.stringMatching(/E504|E071|E701.*fsync/),
    });
    // Those whose intents were on the disk by then may leave: as many as travel side by side.
    expect(shop.door.knocks.length).toBeLessThanOrEqual(4);
    await expectRight();
  });
});
