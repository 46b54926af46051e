/** A sync whose target the platform lost, and one that moves to another target, through a whole platform. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { drainState, recreateState } from "../../src/engine/index.ts";
import type { Fake } from "../fakes/server.ts";
import type { MetaState } from "../fakes/meta.ts";
import { killedCopy, openLab, writes, type Lab } from "./platforms/lab.ts";
import { ada, bo, first, flo, rowOf, type Person } from "./platforms/people.ts";
import type { Platform } from "./platforms/platform.ts";
import { platforms, startPlatforms } from "./platforms/platforms.ts";

const meta = platforms.find(({ name }) => name === "meta_audience") as Platform;
let fake: Fake<MetaState>;
let lab: Lab;

beforeEach(async () => {
  fake = await meta.start();
  lab = await startPlatforms([{ platform: meta, url: fake.url }]);
});
afterEach(async () => {
  await lab.close();
  await fake.close();
});

async function wanting(people: readonly Person[]) {
  await lab.seed("people", people.map(rowOf));
  return lab.run(meta.name);
}
const why = async () => ({ ...(await lab.options()), sync: meta.name, reason: "a test" });
const desired = (people: readonly Person[]) => meta.desired(people, people);

async function runsQuietly(): Promise<void> {
  const before = fake.requests.length;
  expect((await lab.run(meta.name)).status).toBe("unchanged");
  expect(writes(fake, before)).toEqual([]);
}

/** The sync is to fill another audience from now on. */
async function elsewhere(): Promise<void> {
  const file = join(lab.root, "models/models.yml");
  await writeFile(file, (await readFile(file, "utf8")).replace('"Everybody"', '"Customers"'));
}

it("fills an audience again that was deleted at the platform", async () => {
  await wanting(first);
  fake.state.audiences.splice(0);
  const { status, error } = await wanting([ada, bo, flo]);
  expect({ status, code: error?.code }).toEqual({ status: "failed", code: "E811" });
  expect(error?.hint).toContain(`millrace state recreate ${meta.name} --reason TEXT`);

  expect(await recreateState(await why())).toEqual({ rows: first.length });
  expect((await lab.run(meta.name)).status).toBe("ok");
  expect(meta.held(fake)).toEqual(desired([ada, bo, flo]));
  await runsQuietly();
});

it("empties the old audience of a sync that moves to another, then fills the new one", async () => {
  await wanting(first);
  await elsewhere();
  expect((await lab.run(meta.name)).error?.code).toBe("E520");
  expect(meta.held(fake)).toEqual(desired(first));

  const drained = await drainState(await why());
  expect(drained).toMatchObject({ exit: 0, removed: first.length, remaining: 0 });
  expect(meta.held(fake)).toEqual([["Everybody", []]]);
  expect((await lab.run(meta.name)).status).toBe("ok");
  const [[, everybody]] = desired(first) as [[string, readonly string[]]];
  expect(meta.held(fake)).toEqual([
    ["Everybody", []],
    ["Customers", everybody],
  ]);
  await runsQuietly();
});

it("goes on with emptying after it was killed in the middle", async () => {
  await wanting(first);
  await elsewhere();
  fake.fail({ on: meta.writing, status: 500 });
  let copy: Promise<string> | undefined;
  lab.whileAsleep(async () => void (await (copy ??= killedCopy(lab.root))));
  await drainState(await why());
  // What the dead process had not sent yet, the other one finds at the platform.
  const audience = fake.state.audiences[0]!;
  for (const member of (meta.desired(first, first) as [[string, readonly string[]]])[0][1])
    audience.members.add(member);
  const after = openLab(await copy!);
  try {
    expect((await after.run(meta.name)).error?.code).toBe("E520");
    expect(after.events.map(({ event }) => event)).toContain("sync.recovered");
    const again = { ...(await after.options()), sync: meta.name, reason: "a test" };
    expect(await drainState(again)).toMatchObject({ remaining: 0 });
    expect(meta.held(fake)).toEqual([["Everybody", []]]);
    expect((await after.run(meta.name)).status).toBe("ok");
  } finally {
    await after.close();
  }
});
