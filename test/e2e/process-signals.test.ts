/** A run that is asked to stop, told to stop, or whose reader goes away (F03). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { millrace, millraceCommand, run } from "./support/cli.ts";
import { ledgerStates } from "./support/ledger.ts";
import { openShop, range, type Shop } from "./support/shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
  await shop.people(range(1, 8));
});
afterEach(() => shop.close());

const lockFile = (): string => join(shop.root, ".millrace/dev.lock");
const keys = (): readonly number[] => shop.door.knocks.flatMap((knock) => knock.keys).toSorted((a, b) => a - b);

/** A run whose second request waits at the door for `answer`. */
async function runAtTheDoor() {
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  shop.door.react((_, number) => (number === 2 ? { until: answered } : {}));
  const knocked = shop.door.knocked(2);
  const started = shop.start();
  let said = "";
  const warned = new Promise<void>((resolve) =>
    started.child.stderr?.on("data", (text: string) => {
      said += text;
      if (said.includes("Finishing the current batches")) resolve();
    }),
  );
  await knocked;
  return { ...started, warned, answer };
}

async function lastRun(): Promise<unknown> {
  const { stdout } = await millrace(shop.root, ["runs", "--json"]);
  const [{ status, exit, syncs }] = JSON.parse(stdout).runs;
  return { status, exit, outcomes: syncs[0].outcomes };
}

/** The next run sends what is missing and nothing else, the one after it nothing. */
async function expectTheRest(rest: readonly number[]): Promise<void> {
  shop.door.react(() => ({}));
  shop.door.forget();
  expect((await shop.sync()).exit).toBe(0);
  expect({ sent: keys(), members: shop.door.members }).toEqual({ sent: rest, members: range(1, 8) });
  shop.door.forget();
  expect((await shop.sync()).exit).toBe(0);
  expect(keys()).toEqual([]);
}

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends the run after the batch in flight, with exit %i", async (signal, exit) => {
  const { child, ended, warned, answer } = await runAtTheDoor();
  child.kill(signal);
  await warned;
  answer();
  expect((await ended).exit).toBe(exit);
  const sent = keys();
  expect({ requests: shop.door.knocks.length, members: shop.door.members }).toEqual({ requests: 2, members: sent });
  expect(existsSync(lockFile())).toBe(false);
  expect(await lastRun()).toEqual({
    status: "interrupted",
    exit,
    outcomes: { accepted: 4, rejected: 0, deferred: 0, skipped: 0, unsent: 4, unknown: 0 },
  });
  expect(await ledgerStates(shop.root, "everybody_to_door")).toEqual(Object.fromEntries(sent.map((id) => [id, "ok"])));
  await expectTheRest(range(1, 8).filter((id) => !sent.includes(id)));
});

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("a second %s ends the process at once, with exit %i, and nothing is forgotten", async (signal, exit) => {
  const { child, ended, warned } = await runAtTheDoor();
  child.kill(signal);
  await warned;
  child.kill(signal);
  expect((await ended).exit).toBe(exit);
  // The first signal alone would give the batch ten seconds, then settle, and release the lock.
  expect(existsSync(lockFile())).toBe(true);
  expect(shop.door.knocks.length).toBe(2);
  const [first] = shop.door.knocks;
  await expectTheRest(range(1, 8).filter((id) => first?.keys.includes(id) !== true));
});

it("gives up a batch that is not answered in ten seconds after the signal; it is sent again", async () => {
  const { child, ended, warned } = await runAtTheDoor();
  child.kill("SIGTERM");
  await warned;
  expect((await ended).exit).toBe(143);
  expect(await lastRun()).toMatchObject({
    status: "interrupted",
    exit: 143,
    outcomes: { accepted: 2, unknown: 2, unsent: 4 },
  });
  expect(existsSync(lockFile())).toBe(false);
  const [first] = shop.door.knocks;
  await expectTheRest(range(1, 8).filter((id) => first?.keys.includes(id) !== true));
});

it("a reader that goes away in the middle stops nothing", async () => {
  const { child, ended, answer } = await runAtTheDoor();
  child.stdout?.destroy();
  child.stderr?.destroy();
  answer();
  expect((await ended).exit).toBe(0);
  expect(shop.door.members).toEqual(range(1, 8));
  await expectTheRest([]);
});

it.each([["ls"], ["sync", "--json"], ["plan"]] as const)("%s | head -1 is no failure", async (...words) => {
  const [program, ...args] = millraceCommand();
  const script = `"$@" | head -1; exit "\${PIPESTATUS[0]}"`;
  const { exit, stdout, stderr } = await run(shop.root, "bash", ["-c", script, "bash", program, ...args, ...words]);
  expect({ exit, lines: stdout.trimEnd().split("\n").length }).toEqual({ exit: 0, lines: 1 });
  expect(stderr).not.toMatch(/EPIPE|E070/);
});
