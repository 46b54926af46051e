/** Pipedrive through the real engine: nothing there makes a record twice, since making one cannot be repeated. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { PipedriveState } from "../fakes/pipedrive.ts";
import type { Fake } from "../fakes/server.ts";
import { pipedrivePerson as platform } from "./platforms/built-in/pipedrive.ts";
import { writes, type Lab } from "./platforms/lab.ts";
import { ada, bo, cy, di, ed, first, flo, rowOf, second, type Person } from "./platforms/people.ts";
import { startPlatforms } from "./platforms/platforms.ts";

let fake: Fake<PipedriveState>;
let lab: Lab;
beforeEach(async () => {
  fake = await platform.start();
  lab = await startPlatforms([{ platform, url: fake.url }]);
});
afterEach(async () => {
  await lab.close();
  await fake.close();
});

/** Rewrites the seed and runs: `ok: 5 accepted`. */
async function wanting(people: readonly Person[]): Promise<string> {
  await lab.seed("people", people.map(rowOf), ["id", "email", "phone", "name", "points"]);
  const { status, outcomes, error } = await lab.run(platform.name);
  const counts = Object.entries(outcomes).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []));
  return `${status}${error === null ? "" : ` ${error.code}`}: ${counts.join(", ")}`;
}
const expectHeld = (people: readonly Person[]) => expect(platform.held(fake)).toEqual(platform.desired(people, people));

it("fills, stays quiet, and follows adds, updates, changed identifiers and removals", async () => {
  expect(await wanting(first)).toBe("ok: 5 accepted");
  expectHeld(first);
  expect(await wanting(second)).toMatch(/^ok/);
  expectHeld(second);
  const before = fake.requests.length;
  expect(await wanting(second)).toBe("unchanged: ");
  expect(writes(fake, before)).toEqual([]);
  expect(await wanting([])).toMatch(/^ok/);
  expectHeld([]);
});

it("names a refused row, waits as long as it is asked to, and stops where the API is gone", async () => {
  platform.refuse(fake, bo);
  fake.fail({ on: platform.writing, status: 429, headers: { "retry-after": "7" } });
  expect(await wanting(first)).toBe("partial: 4 accepted, 1 rejected");
  expectHeld([ada, cy, di, ed]);
  expect(lab.slept()).toBeGreaterThanOrEqual(7000);
  platform.forgive(fake);
  fake.fail({ ...platform.gone, on: platform.writing, times: 9 });
  expect(await wanting([...first, flo])).toBe("failed E811: 1 deferred, 1 unsent");
  fake.heal();
  lab.pass(25 * 3_600_000);
  expect(await wanting([...first, flo])).toMatch(/^ok/);
  expectHeld([...first, flo]);
});

it.each([{ applied: "broken" }, { applied: "reset" }, { status: 500 }] as const)(
  "finds whom it may have made, after %j",
  async (fault) => {
    fake.fail({ on: platform.writing, ...fault });
    expect(await wanting([ada])).toBe("partial: 1 unknown");
    expect(writes(fake)).toEqual(["POST /api/v2/persons"]);
    expect(await wanting([ada])).toBe("ok: 1 accepted");
    expectHeld([ada]);
    expect(fake.state.persons.size).toBe(1);
  },
);
