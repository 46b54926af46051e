import { afterEach, beforeEach, expect, it } from "vitest";
import braze from "../../destinations/braze.ts";
import { encodeFields } from "../../src/destination/encode.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeBraze } from "../fakes/braze.ts";

let fake: Awaited<ReturnType<typeof startFakeBraze>>;
beforeEach(async () => {
  fake = await startFakeBraze({ key: "key-1" });
});
afterEach(() => fake.close());

const driver = { destination: braze, credentials: { api_key: "key-1" } };
const settings = () => ({
  endpoint: "https://rest.iad-01.braze.com",
  base_url: fake.url,
  allow_private_network: true,
});
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}) =>
  drive(object(braze, name, settings()).deliver(sent, context(braze, settings(), more)), driver);
const user = (id: string, fields = {}) => change(id, { identifiers: { external_id: id }, fields });
const visit = { name: "visit", time: "2026-01-02T03:04:05.000Z" };

it("writes users twice as once, changes them, and deletes them, there or not", async () => {
  for (let times = 0; times < 2; times++) {
    expect(await deliver("user", batch("add", [user("u1", { tier: "gold" }), user("u2")]))).toEqual([
      { status: "accepted" },
      { status: "accepted" },
    ]);
    expect(fake.state.users.size).toBe(2);
  }
  await deliver("user", batch("update", [user("u1", { tier: null, points: 3 })]));
  expect(fake.state.users.get('{"external_id":"u1"}')).toEqual({ external_id: "u1", points: 3 });
  for (let times = 0; times < 2; times++)
    expect(await deliver("user", batch("remove", [user("u1"), user("u9")]))).toEqual([
      { status: "accepted" },
      { status: "accepted" },
    ]);
  expect([...fake.state.users.keys()]).toEqual(['{"external_id":"u2"}']);
});

it("never lets an attribute name another user than the identifier does", async () => {
  await deliver("user", batch("add", [user("u1", { external_id: "u2" })]));
  expect([...fake.state.users.keys()]).toEqual(['{"external_id":"u1"}']);
});

it("deletes 75 users in requests of at most 50", async () => {
  const many = Array.from({ length: 75 }, (_, index) => user(`u${index}`));
  expect(await deliver("user", batch("remove", many))).toEqual(many.map(() => ({ status: "accepted" })));
  expect(fake.requests.map(({ body }) => body.external_ids.length)).toEqual([50, 25]);
});

it("holds back an item above 100 KB and sends the others", async () => {
  const outcomes = await deliver("user", batch("add", [user("u1", { notes: "é".repeat(50_000) }), user("u2")]));
  expect(outcomes).toEqual([
    { status: "rejected", code: "too_large", message: "larger than the 100 KB that the platform takes of one row" },
    { status: "accepted" },
  ]);
  expect(fake.requests.map(({ body }) => body.attributes.length)).toEqual([1]);
});

it("makes nobody in mode update", async () => {
  await deliver("user", batch("update", [user("u1", { tier: "x" })]), { mode: "update" });
  expect(fake.state.users.size).toBe(0);
});

it("puts refusals by index to the right event", async () => {
  fake.state.refuse.add("Alien");
  const rows = ["Heat", "Alien", "Jaws"].map((title) => user(title, { ...visit, title }));
  expect(await deliver("event", batch("add", rows))).toEqual([
    { status: "accepted" },
    { status: "rejected", code: "invalid", message: "an attribute is not valid" },
    { status: "accepted" },
  ]);
  expect(fake.state.events.map(({ properties }) => properties)).toEqual([{ title: "Heat" }, { title: "Jaws" }]);
});

it.each([
  ["email", "no address", "email: not an e-mail address"],
  ["phone", "12", "phone: not a phone number with its country code"],
  ["gender", "female", "gender: none of M, F, O, N, P"],
  ["email_subscribe", "yes", "email_subscribe: none of opted_in, subscribed, unsubscribed"],
])("refuses %s %j before sending", (name, value, message) => {
  expect(encodeFields(object(braze, "user", settings()), { [name]: value })).toEqual({
    reject: { code: "invalid_field", message },
  });
});

it("refuses events without a time before sending", () => {
  expect(encodeFields(object(braze, "event", settings()), { name: "visit" })).toEqual({
    reject: { code: "missing_field", message: "time: required, but NULL or not mapped" },
  });
});

it("calls the instance's host only", () => {
  const config = configOf(braze, { endpoint: "https://rest.fra-01.braze.eu" });
  expect(braze.hosts(config, {})).toEqual(["rest.fra-01.braze.eu"]);
});

it("checks its key without writing anything", async () => {
  const check = (api_key: string) =>
    drive(braze.check!({ config: configOf(braze, settings()) }), { destination: braze, credentials: { api_key } });
  expect(await check("key-1")).toEqual([{ ok: true, message: "writes users (users.track)" }]);
  expect(fake.state.users.size).toBe(0);
  expect(await check("wrong")).toEqual([
    { ok: false, message: "Invalid API Key; it should be able to: writes users (users.track)" },
  ]);
});

it("says farewell to a record under what it is known by, though only a lesser identifier is named", async () => {
  const ids = [
    { kind: "external_id", value: "u1", version: 1 },
    { kind: "user_alias", value: "other@example.com", version: 1 },
  ];
  const farewell = change("1", {
    identifiers: { user_alias: "other@example.com" },
    fields: { vip: false },
    before: { ids },
  });
  expect(await deliver("user", batch("update", [farewell]))).toEqual([{ status: "accepted" }]);
  expect([...fake.state.users.keys()]).toEqual(['{"external_id":"u1"}']);
});
