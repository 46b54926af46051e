import { afterEach, beforeEach, expect, it } from "vitest";
import { readStatus } from "../../src/engine/index.ts";
import { startFakeSnapchat } from "../fakes/snapchat.ts";
import snapchat from "../e2e/platforms/built-in/snapchat.ts";
import type { Lab } from "../e2e/platforms/lab.ts";
import { first, flo, rowOf } from "../e2e/platforms/people.ts";
import { startPlatforms } from "../e2e/platforms/platforms.ts";

const [platform] = snapchat;
let fake: Awaited<ReturnType<typeof startFakeSnapchat>>;
let lab: Lab;
beforeEach(async () => {
  fake = await startFakeSnapchat();
  lab = await startPlatforms([{ platform: platform!, url: fake.url }]);
  await lab.seed("people", first.map(rowOf));
});
afterEach(async () => {
  await lab.close();
  await fake.close();
});

const sizes = () => fake.requests.filter(({ method, path }) => method === "GET" && /segments\/\d+$/.test(path)).length;
const remote = async () => (await readStatus(await lab.options())).syncs[0]?.remote;

it("tells what the platform says of a target: after a run that sent something, and now and then", async () => {
  await lab.sync();
  expect([sizes(), await remote()]).toMatchObject([1, { size_low: 8, size_high: 8, match_rate: null }]);
  await lab.sync();
  expect(sizes()).toBe(1);
  lab.pass(6 * 3_600_000);
  await lab.sync();
  expect(sizes()).toBe(2);
  await lab.seed("people", [...first, flo].map(rowOf));
  await lab.sync();
  expect([sizes(), await remote()]).toMatchObject([3, { size_low: 9 }]);
});

it("costs nothing but the figure where the platform does not say", async () => {
  fake.fail({ on: "GET /v1/segments/", status: 500, times: 9 });
  const { document } = await lab.sync();
  expect(document.syncs.map(({ status }) => status)).toEqual(["ok"]);
  expect(await remote()).toBeNull();
});
