import { afterEach, beforeEach, expect, it } from "vitest";
import ga4 from "../../destinations/ga4.ts";
import type { Json } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeGa4 } from "../fakes/ga4.ts";

let fake: Awaited<ReturnType<typeof startFakeGa4>>;
beforeEach(async () => {
  fake = await startFakeGa4("secret-1");
});
afterEach(() => fake.close());

const driver = { destination: ga4, credentials: { api_secret: "secret-1" } };
const settings = (more = {}) => ({ stream: "G-TEST1", base_url: fake.url, allow_private_network: true, ...more });
const event = (fields: Record<string, Json>, key = "1", identifiers: Record<string, string> = { client_id: "1.1" }) =>
  change(key, { identifiers, fields: { name: "login", ...fields } });
const deliver = (changes: readonly ReturnType<typeof event>[], more = {}) =>
  drive(object(ga4, "event", settings(more)).deliver(batch("add", changes), context(ga4, settings(more))), driver);
const accepted = { status: "accepted" };
const names = () => fake.state.events.map(({ client, name }) => `${client} ${name}`);

it("sends the events of a client together and keeps the outcomes in order", async () => {
  const of = (client: string, name: string, key: string) => event({ name }, key, { client_id: client });
  const events = [of("1.1", "a", "1"), of("2.2", "b", "2"), of("1.1", "_c", "3"), of("2.2", "d", "4")];
  expect(await deliver(events)).toEqual([
    accepted,
    accepted,
    { status: "rejected", code: "NAME_INVALID", message: "Event at index: [0] has invalid name [_c]." },
    accepted,
  ]);
  expect(names()).toEqual(["1.1 a", "2.2 b", "2.2 d"]);
});

it("loses nothing unseen that the validation server would have told", async () => {
  expect(await deliver([event({ name: "ad_click" })], { validate: false })).toEqual([accepted]);
  expect(names()).toEqual([]);
  expect(await deliver([event({ name: "ad_click" })])).toMatchObject([{ status: "rejected", code: "NAME_RESERVED" }]);
});

const many = (count: number, prefix = "p") =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, index]));
const refused = (message: string) => ({ status: "rejected", code: "invalid_field", message });

it.each<[string, Record<string, Json>, object]>([
  ["25 parameters", many(25), accepted],
  ["26 parameters", many(26), refused("more than 25 parameters")],
  ["a long name", { ["p".repeat(41)]: 1 }, refused(`${"p".repeat(41)}: a name longer than 40 characters`)],
  ["100 characters", { plan: "x".repeat(100) }, accepted],
  ["101 characters", { plan: "x".repeat(101) }, refused("plan: longer than 100 characters")],
  ["a long address", { page_location: "x".repeat(1000) }, accepted],
  ["a longer address", { page_location: "x".repeat(1001) }, refused("page_location: longer than 1000 characters")],
  ["26 properties", many(26, "user_properties.p"), refused("more than 25 user properties")],
  ["a long property", { "user_properties.plan": "x".repeat(37) }, refused("plan: longer than 36 characters")],
  ["an event of today", { timestamp: "2025-12-30T03:04:05.000Z" }, accepted],
  ["an old event", { timestamp: "2025-12-30T03:04:04.000Z" }, { status: "skipped", reason: "too_old" }],
])("says before sending what GA4 drops: %s", async (_, fields, outcome) => {
  expect(await deliver([event(fields)])).toEqual([outcome]);
  expect(fake.state.events.length).toBe(outcome === accepted ? 1 : 0);
});

it("takes longer texts where the account says that it may", async () => {
  expect(await deliver([event({ plan: "x".repeat(500) })], { value_length: 500 })).toEqual([accepted]);
});

it("asks for the identifier of the kind of stream", async () => {
  const missing = (what: string) => [
    { status: "rejected", code: "missing_identifier", message: `the event has no ${what}` },
  ];
  expect(await deliver([event({}, "1", { user_id: "u" })])).toEqual(missing("client_id"));
  expect(await deliver([event({})], { stream: "1:2:android:3" })).toEqual(missing("app_instance_id"));
  expect(fake.requests).toEqual([]);
});

it("puts the secret into the address alone, and says what a check cannot know", async () => {
  await deliver([event({})]);
  expect(
    fake.requests.every(({ path, text }) => path.includes("api_secret=secret-1") && !text.includes("secret")),
  ).toBe(true);
  expect(await drive(ga4.check!({ config: configOf(ga4, settings()) }), driver)).toEqual([
    { ok: true, message: expect.stringContaining("GA4 does not say") },
  ]);
  fake.fail({ status: 500 });
  expect(await drive(ga4.check!({ config: configOf(ga4, settings()) }), driver)).toMatchObject([{ ok: false }]);
});
