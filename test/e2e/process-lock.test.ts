/** One run at a time, on real processes (F05, F06). */
import { hostname } from "node:os";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { processIdentity } from "../../src/engine/process-identity.ts";
import { openShop, range, type Shop } from "./support/shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
  await shop.people(range(1, 6));
});
afterEach(() => shop.close());

const lockFile = (): string => join(shop.root, ".millrace/dev.lock");

it("lets the second of two runs go with exit 5 and the first one's name, without a request", async () => {
  let open = (): void => undefined;
  const closed = new Promise<void>((resolve) => (open = resolve));
  shop.door.react((_, number) => (number === 1 ? { until: closed } : {}));
  const knocked = shop.door.knocked(1);
  const first = shop.start();
  await knocked;
  const second = await shop.sync();
  expect({ exit: second.exit, requests: shop.door.knocks.length }).toEqual({ exit: 5, requests: 1 });
  const said = second.stdout + second.stderr;
  expect(said).toContain("another run is working on dev");
  expect(said).toContain(`(pid ${first.child.pid})`);
  open();
  expect((await first.ended).exit).toBe(0);
  expect(shop.door.members).toEqual(range(1, 6));
});

it("takes the lock of a killed process over at once, repeats only what was unanswered, and leaves no lock", async () => {
  shop.door.react((_, number) => (number === 2 ? { until: new Promise(() => undefined) } : {}));
  const knocked = shop.door.knocked(2);
  const killed = shop.start();
  await knocked;
  killed.child.kill("SIGKILL");
  await killed.ended;
  expect(existsSync(lockFile())).toBe(true);
  const [, unanswered] = shop.door.knocks;
  shop.door.react(() => ({}));
  shop.door.forget();
  const started = performance.now();
  expect((await shop.sync()).exit).toBe(0);
  // A lease would be eleven minutes.
  expect(performance.now() - started).toBeLessThan(30_000);
  expect(shop.door.members).toEqual(range(1, 6));
  // The unanswered batch came again under its own id, the first one did not, the third for the first time.
  expect(shop.door.knocks.map(({ batch, keys }) => ({ again: batch === unanswered?.batch, keys }))).toEqual([
    { again: true, keys: unanswered?.keys },
    { again: false, keys: expect.not.arrayContaining([...(unanswered?.keys ?? [])]) },
  ]);
  expect(existsSync(lockFile())).toBe(false);
  shop.door.forget();
  expect((await shop.sync()).exit).toBe(0);
  expect(shop.door.knocks).toEqual([]);
});

const lock = (more: object): string =>
  JSON.stringify({
    format: 1,
    holder: `someone@${hostname()}`,
    ...processIdentity(),
    command: "millrace sync",
    runId: "2026-01-01T00-00-00Z-abcdef",
    fence: 3,
    since: Date.now(),
    aliveAt: Date.now(),
    leaseUntil: Date.now() + 600_000,
    requestDeadlineMs: 300_000,
    horizons: {},
    ...more,
  });

it.each([
  ["of a living process", {}, 5],
  ["of another machine with time left", { host: "elsewhere", bootId: "other", pid: 1 }, 5],
  ["of a pid that another program has now", { processStart: "1" }, 0],
  ["of a pid that nobody has", { pid: 4_190_000 }, 0],
] as const)("a lock %s", async (_, more, exit) => {
  await shop.file(".millrace/dev.lock", lock(more));
  const { exit: ended, stdout, stderr } = await shop.sync();
  expect({ ended, members: shop.door.members, kept: existsSync(lockFile()) }).toEqual(
    exit === 5 ? { ended: 5, members: [], kept: true } : { ended: 0, members: range(1, 6), kept: false },
  );
  if (exit === 5) expect(stdout + stderr).toContain("run abcdef by someone@");
});
