/** Salesforce by Bulk API jobs through the real engine: the people travel in the second of a job's requests. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { SalesforceState } from "../fakes/salesforce.ts";
import type { Fake } from "../fakes/server.ts";
import salesforce, { salesforceAccount } from "./platforms/built-in/salesforce.ts";
import { killedCopy, openLab, writes, type Lab } from "./platforms/lab.ts";
import { bo, first, rowOf, second, type Person } from "./platforms/people.ts";
import { startPlatforms } from "./platforms/platforms.ts";

const [record] = salesforce;
const platform = { ...record!, destination: (url: string) => salesforceAccount(url, 1) };
let fake: Fake<SalesforceState>;
let labs: Lab[];

beforeEach(async () => {
  fake = await platform.start();
  labs = [await startPlatforms([{ platform, url: fake.url }])];
});
afterEach(async () => {
  for (const lab of labs) await lab.close();
  await fake.close();
});

const begun = () => writes(fake).filter((write) => write.endsWith("/jobs/ingest")).length;
async function wanting(lab: Lab, people: readonly Person[]) {
  await lab.seed("people", people.map(rowOf));
  const { status, outcomes } = await lab.run(platform.name);
  return { status, accepted: outcomes.accepted, rejected: outcomes.rejected };
}

it("fills, follows changes and removals, and names refused rows", async () => {
  const [lab] = labs as [Lab];
  platform.refuse(fake, bo);
  expect(await wanting(lab, first)).toEqual({ status: "partial", accepted: 4, rejected: 1 });
  expect(fake.state.records.has("2")).toBe(false);
  platform.forgive(fake);
  lab.pass(25 * 3_600_000);
  expect(await wanting(lab, second)).toMatchObject({ status: "ok", rejected: 0 });
  expect(platform.held(fake)).toEqual(platform.desired(second, second));
  const before = fake.requests.length;
  expect(await wanting(lab, second)).toMatchObject({ status: "unchanged" });
  expect(writes(fake, before)).toEqual([]);
});

it("goes on with the job of a run that was killed while it polled", async () => {
  const [lab] = labs as [Lab];
  let copy: Promise<string> | undefined;
  lab.whileAsleep(async () => {
    if (begun() === 1) await (copy ??= killedCopy(lab.root));
  });
  expect(await wanting(lab, first)).toMatchObject({ status: "ok", accepted: 5 });
  const next = openLab(await copy!);
  labs.push(next);
  expect(await wanting(next, first)).toMatchObject({ status: "ok", accepted: 5 });
  expect(begun()).toBe(1);
  expect(platform.held(fake)).toEqual(platform.desired(first, first));
});
