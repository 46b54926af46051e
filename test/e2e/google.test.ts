/** What the test of all platforms has no words for: conversions, and requests that Google works on for longer than a run. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type GoogleState, startFakeGoogle } from "../fakes/google.ts";
import type { Fake } from "../fakes/server.ts";
import google, { googleAccount } from "./platforms/built-in/google.ts";
import { startLab, writes, type Lab } from "./platforms/lab.ts";
import { first, rowOf } from "./platforms/people.ts";
import { startPlatforms } from "./platforms/platforms.ts";

let fake: Fake<GoogleState>;
let lab: Lab | undefined;
beforeEach(async () => {
  fake = await startFakeGoogle();
});
afterEach(async () => {
  await lab?.close();
  await fake.close();
});

const models = `seeds:
  - name: sales
    column_types: { id: bigint, email: varchar, gclid: varchar, at: varchar, value: double }
models:
  - { name: orders, primary_key: id }
syncs:
  - name: conversions
    model: orders
    destination: ads
    object: event
    mode: append
    remote: { id: "77" }
    identifiers: { email: email, gclid: gclid }
    mappings:
      - { to: transaction_id, from: id }
      - { to: event_timestamp, from: at }
      - { to: conversion_value, from: value }
`;
const day = 24 * 3_600_000;
const sale = (id: number, daysAgo = 1) => ({
  id,
  email: id % 2 === 0 ? null : `p${id}@example.com`,
  gclid: `click-${id}`,
  at: new Date(Date.now() - daysAgo * day).toISOString(),
  value: id / 2,
});
const counted = () => [...fake.state.events].map(([id, { conversionValue }]) => [id, conversionValue]);

it("sends every conversion once, repeats what was not answered, and leaves out what is too old", async () => {
  lab = await startLab({
    "models/orders.sql": "select * from {{ ref('sales') }}\n",
    "models/models.yml": models,
    "destinations/ads.yml": `destination: ads\n${googleAccount(fake.url)}\n`,
  });
  await lab.seed("sales", [sale(1), sale(2), sale(3, 91)]);
  expect(await lab.run("conversions")).toMatchObject({ status: "ok", outcomes: { accepted: 2, skipped: 1 } });
  fake.fail({ on: "events:ingest", applied: "reset", times: 4 });
  await lab.seed("sales", [sale(1), sale(2), sale(4)]);
  expect((await lab.run("conversions")).outcomes).toMatchObject({ accepted: 0, unknown: 1 });
  fake.heal();
  expect((await lab.run("conversions")).status).not.toBe("failed");
  expect(counted()).toEqual([
    ["1", 0.5],
    ["2", 1],
    ["4", 2],
  ]);
  const before = fake.requests.length;
  await lab.run("conversions");
  expect(writes(fake, before).filter((write) => !write.endsWith("/token"))).toEqual([]);
});

it("comes back to a request that Google works on for longer than a run looks", async () => {
  const [audience] = google;
  lab = await startPlatforms([{ platform: audience!, url: fake.url }]);
  await lab.seed("people", first.map(rowOf));
  fake.state.looks = 70;
  const outcomes = async () => {
    const { accepted, unknown } = (await lab!.run(audience!.name)).outcomes;
    return { accepted, unknown };
  };
  expect(await outcomes()).toEqual({ accepted: 0, unknown: 5 });
  expect(await outcomes()).toEqual({ accepted: 5, unknown: 0 });
  expect(writes(fake).filter((write) => write.includes("audienceMembers"))).toHaveLength(1);
  expect(audience!.held(fake)).toEqual(audience!.desired(first, first));
});

it("sends people again before their membership ends", async () => {
  const [audience] = google;
  const account = (url: string) => audience!.destination(url).replace("account:", "membership_days: 30, account:");
  lab = await startPlatforms([{ platform: { ...audience!, destination: account }, url: fake.url }]);
  await lab.seed("people", first.map(rowOf));
  const ingests = () => writes(fake).filter((write) => write.endsWith("audienceMembers:ingest")).length;
  await lab.run(audience!.name);
  lab.pass(20 * day);
  expect((await lab.run(audience!.name)).status).toBe("unchanged");
  lab.pass(9 * day);
  expect((await lab.run(audience!.name)).outcomes).toMatchObject({ accepted: 5 });
  expect([ingests(), fake.state.lists[0]?.membershipDuration]).toEqual([2, "2592000s"]);
});

it("takes the word of a request that failed for each of its rows, instead of halving it", async () => {
  const [audience] = google;
  lab = await startPlatforms([{ platform: audience!, url: fake.url }]);
  await lab.seed("people", first.map(rowOf));
  fake.state.failing = "NO_CONSENT";
  const { outcomes, rejections } = await lab.run(audience!.name);
  expect({ outcomes, rejections }).toMatchObject({
    outcomes: { accepted: 0, rejected: 5 },
    rejections: [{ code: "NO_CONSENT", count: 5 }],
  });
  expect(writes(fake).filter((write) => write.includes("audienceMembers"))).toHaveLength(1);
});
