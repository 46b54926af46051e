/** A disk that is full, or fills up in the middle, on a real file system (F50). */
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { cannotMount, mountDisk, type Disk } from "./support/disk.ts";
import { openShop, range, type Shop } from "./support/shop.ts";

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

let shop: Shop;
let disk: Disk;
afterEach(async () => {
  disk.close();
  await shop.close();
});

/** A shop of whose project one folder has a disk of its own. */
async function openOn(folder: ".millrace" | "target", people: readonly number[], rows = 2): Promise<void> {
  shop = await openShop();
  disk = mountDisk(join(shop.root, folder), 64 * megabyte);
  await shop.people(people);
  await shop.file(
    "destinations/door.yml",
    `destination: door\ntype: webhook\nlate: 0s\nrate_limit: { requests: 1000, per: 1s, concurrency: 1 }\nconfig: { url: "http://127.0.0.1:${shop.door.port}/", rows: ${rows}, allow_private_network: true }\n`,
  );
}

const batches = (): readonly string[] => shop.door.knocks.map(({ batch }) => batch);

async function run(): Promise<{ readonly exit: number | null; readonly said: string; readonly sent: number }> {
  const { exit, stdout, stderr } = await shop.sync();
  const said = stdout + stderr;
  expect(said).not.toContain("E070");
  return { exit, said, sent: batches().length };
}

/** With room again: what was answered is not sent again, two runs make it right, the next is quiet. */
async function expectRight(people: readonly number[]): Promise<void> {
  const answered = batches();
  disk.free();
  shop.door.react(() => ({}));
  shop.door.forget();
  for (const turn of [1, 2]) expect({ turn, exit: (await shop.sync()).exit }).toEqual({ turn, exit: 0 });
  const again = batches().filter((one) => answered.includes(one));
  expect({ members: shop.door.members, again }).toEqual({ members: people, again: [] });
  shop.door.forget();
  expect((await shop.sync()).exit).toBe(0);
  expect(batches()).toEqual([]);
}

const because = cannotMount === null ? "" : ` (skipped: ${cannotMount})`;

describe.skipIf(cannotMount !== null)(`F50, on a tmpfs of its own${because}`, () => {
  /** What a run needs grows from the lock over seeds, ledger and plan to the journal's reserve. */
  it.each([
    ["nothing", 0, /E7\d\d/],
    ["the lock", 64 * kilobyte, /E7\d\d/],
    ["lock and seeds, half", 300 * kilobyte, /E7\d\d/],
    ["more", 600 * kilobyte, /E7\d\d|E505|E071/],
    ["the plan", 1100 * kilobyte, /E7\d\d|E505|E071/],
    ["the plan, and half the journal's reserve", 1600 * kilobyte, /E7\d\d|E505|E071/],
    ["more still", 2100 * kilobyte, /E7\d\d|E505|E071/],
  ])("with room for %s before it starts, a run sends nothing", async (_, leave, code) => {
    await openOn(".millrace", range(1, 6));
    disk.fill(leave);
    const { said, ...ended } = await run();
    expect(ended).toEqual({ exit: 1, sent: 0 });
    expect(said).toMatch(code);
    await expectRight(range(1, 6));
  });

  it("full from the first request on, with a ledger that fits into the journal's reserve: all is sent and known", async () => {
    await openOn(".millrace", range(1, 6));
    shop.door.react(() => (disk.fill(), {}));
    expect(await run()).toMatchObject({ exit: 0, sent: 3 });
    await expectRight(range(1, 6));
  });

  it("full from the first request on, with many batches to come: verdicts go into the reserve, what cannot be written down does not leave", async () => {
    const people = range(1, 400);
    await openOn(".millrace", people, 5);
    shop.door.react(() => (disk.fill(), {}));
    const { exit, said, sent } = await run();
    // The journal says so first; where its reserve is eaten up before the ledger is written, the ledger does.
    expect({ exit, said }).toEqual({ exit: 1, said: expect.stringMatching(/E505|E7\d\d/) });
    expect(sent).toBeLessThan(80);
    await expectRight(people);
  });

  it("a ledger that does not fit any more is written by the next run, from the journal", async () => {
    const people = range(1, 60_000);
    await openOn(".millrace", people, 10_000);
    shop.door.react((_, number) => {
      if (number === 6) disk.fill();
      return {};
    });
    const { exit, said, sent } = await run();
    expect({ exit, sent, said }).toEqual({ exit: 1, sent: 6, said: expect.stringMatching(/E7\d\d/) });
    await expectRight(people);
  });

  it.each([
    ["from the start", true, "the log ends here"],
    ["in the middle", false, "the report of this run could not be filed"],
  ])("no room for artifacts %s: the run is as good as it was, and says what is missing", async (_, before, told) => {
    await openOn("target", range(1, 6));
    if (before) disk.fill();
    shop.door.react(() => (disk.fill(), {}));
    const { said, ...ended } = await run();
    expect(ended).toEqual({ exit: 0, sent: 3 });
    expect(said).toContain(told);
    expect(said).toMatch(/target[:/].*no space is left/);
    await expectRight(range(1, 6));
  });
});
