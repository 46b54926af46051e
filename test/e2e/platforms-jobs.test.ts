/** Import jobs that outlive the run that began them: the next run goes on with the job instead of beginning another. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Fake } from "../fakes/server.ts";
import type { KlaviyoState } from "../fakes/klaviyo.ts";
import { killedCopy, openLab, writes, type Lab } from "./platforms/lab.ts";
import { first, flo, rowOf, type Person } from "./platforms/people.ts";
import { klaviyoJobs } from "./platforms/built-in/klaviyo.ts";
import { startPlatforms } from "./platforms/platforms.ts";

let fake: Fake<KlaviyoState>;
let labs: Lab[];

beforeEach(async () => {
  fake = await klaviyoJobs.start();
  labs = [await startPlatforms([{ platform: klaviyoJobs, url: fake.url }])];
});
afterEach(async () => {
  for (const lab of labs) await lab.close();
  await fake.close();
});

const seed = (lab: Lab, people: readonly Person[]) => lab.seed("people", people.map(rowOf));
const begun = () => writes(fake).filter((write) => write === "POST /api/profile-bulk-import-jobs").length;
const outcomesOf = async (lab: Lab) => {
  const { outcomes, error, guards } = await lab.run(klaviyoJobs.name);
  return {
    accepted: outcomes.accepted,
    unknown: outcomes.unknown,
    stopped: error ?? guards.find(({ ok }) => !ok) ?? null,
  };
};

/** Runs a sync of five people and is killed while the job is being polled; gives the folder it leaves behind. */
async function killedWhilePolling(): Promise<Lab> {
  const [lab] = labs as [Lab];
  await seed(lab, first);
  let copy: Promise<string> | undefined;
  lab.whileAsleep(async () => {
    if (begun() === 1) await (copy ??= killedCopy(lab.root));
  });
  expect(await outcomesOf(lab)).toEqual({ accepted: 5, unknown: 0, stopped: null });
  const next = openLab(await copy!);
  labs.push(next);
  return next;
}

it("goes on with the job of a run that was killed", async () => {
  const next = await killedWhilePolling();
  expect(await outcomesOf(next)).toEqual({ accepted: 5, unknown: 0, stopped: null });
  expect(next.events.map(({ event }) => event)).toContain("sync.recovered");
  expect(begun()).toBe(1);
  expect(klaviyoJobs.held(fake)).toEqual(klaviyoJobs.desired(first, first));
  const before = fake.requests.length;
  expect((await next.run(klaviyoJobs.name)).status).toBe("unchanged");
  expect(writes(fake, before)).toEqual([]);
});

it("begins a new job where the rows are others now", async () => {
  const next = await killedWhilePolling();
  const [ada, ...others] = first;
  const today = [{ ...ada, points: 11 }, ...others, flo];
  await seed(next, today);
  expect(await outcomesOf(next)).toEqual({ accepted: 6, unknown: 0, stopped: null });
  expect(begun()).toBeGreaterThan(1);
  expect(klaviyoJobs.held(fake)).toEqual(klaviyoJobs.desired(today, today));
});

it("comes back to a job that Klaviyo works on for longer than a run polls, and forgets it afterwards", async () => {
  const [lab] = labs as [Lab];
  await seed(lab, first);
  fake.state.polls = 130;
  expect(await outcomesOf(lab)).toEqual({ accepted: 0, unknown: 5, stopped: null });
  expect(await outcomesOf(lab)).toEqual({ accepted: 0, unknown: 5, stopped: null });
  expect(await outcomesOf(lab)).toEqual({ accepted: 5, unknown: 0, stopped: null });
  expect(begun()).toBe(1);
  // The same five with another content and back again: an old job's word is not taken for a new one.
  fake.state.polls = 2;
  await seed(
    lab,
    first.map((person) => ({ ...person, points: 0 })),
  );
  await lab.run(klaviyoJobs.name);
  await seed(lab, first);
  await lab.run(klaviyoJobs.name);
  expect(begun()).toBe(3);
});
