import { afterEach, beforeEach, expect, it } from "vitest";
import iterable from "../../destinations/iterable.ts";
import { encodeFields } from "../../src/destination/encode.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeIterable } from "../fakes/iterable.ts";

let fake: Awaited<ReturnType<typeof startFakeIterable>>;
beforeEach(async () => {
  fake = await startFakeIterable({ key: "key-1" });
});
afterEach(() => fake.close());

const driver = { destination: iterable, credentials: { api_key: "key-1" } };
const settings = (more = {}) => ({ base_url: fake.url, allow_private_network: true, ...more });
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}, config = {}) =>
  drive(object(iterable, name, settings(config)).deliver(sent, context(iterable, settings(config), more)), driver);
const ensure = (remoteConfig: Record<string, string | boolean>) =>
  drive(object(iterable, "list", settings()).ensure!(context(iterable, settings(), { remoteConfig })), driver);
const person = (name: string, fields = {}) => change(name, { identifiers: { email: `${name}@example.com` }, fields });
const accepted = (count: number) => Array.from({ length: count }, () => ({ status: "accepted" }));

it("writes users twice as once, changes them, and deletes them, there or not", async () => {
  for (let times = 0; times < 2; times++) {
    expect(await deliver("user", batch("add", [person("ann", { tier: "gold" }), person("bob")]))).toEqual(accepted(2));
    expect(fake.state.users.size).toBe(2);
  }
  await deliver("user", batch("update", [person("ann", { tier: null, points: 3 })]));
  expect(fake.state.users.get("ann@example.com")?.dataFields).toEqual({ points: 3 });
  for (let times = 0; times < 2; times++)
    expect(await deliver("user", batch("remove", [person("ann"), person("zoe")]))).toEqual(accepted(2));
  expect([...fake.state.users.keys()]).toEqual(["bob@example.com"]);
});

it.each(["user", "list"])("asks for nobody where a %s to remove has no name the project knows", async (name) => {
  const row = change("1", { identifiers: { user_id: "u1" } });
  expect(await deliver(name, batch("remove", [row]), { remote: { id: "1" } })).toEqual(accepted(1));
  expect(fake.requests).toEqual([]);
});

it("takes nobody out of a list for an e-mail that changed, where the user id knows them", async () => {
  const before = { ids: [{ kind: "user_id", value: "u1", version: 1 }] };
  const row = change("1", { identifiers: { email: "old@example.com" }, before });
  const remote = await ensure({ name: "VIP" });
  expect(await deliver("list", batch("remove", [row]), { remote }, { project: "hybrid" })).toEqual(accepted(1));
  expect(fake.requests.some(({ path }) => path.endsWith("/unsubscribe"))).toBe(false);
});

it("fills a list, twice as once, and leaving it never leaves the channel", async () => {
  const remote = await ensure({ name: "VIP" });
  expect(await ensure({ name: "VIP" })).toEqual(remote);
  const { members } = fake.state.lists.get(Number(remote.id))!;
  for (let times = 0; times < 2; times++) {
    expect(await deliver("list", batch("add", [person("ann"), person("bob")]), { remote })).toEqual(accepted(2));
    expect(members.size).toBe(2);
  }
  for (let times = 0; times < 2; times++) {
    expect(await deliver("list", batch("remove", [person("ann"), person("zoe")]), { remote })).toEqual(accepted(2));
    expect([...members]).toEqual(["bob@example.com"]);
  }
  expect([...fake.state.unsubscribed]).toEqual([]);
  expect(fake.state.users.size).toBe(2);
});

it("refuses to fill a list that a rule fills, and makes none unasked", async () => {
  fake.state.lists.set(9, { name: "Active", listType: "Dynamic", members: new Set() });
  await expect(ensure({ name: "Active" })).rejects.toThrow(/is filled by a rule/);
  await expect(ensure({ name: "None", create: false })).rejects.toThrow(/no list/);
});

it("never brings a forgotten user back", async () => {
  fake.state.refuse.add("ann@example.com");
  expect(await deliver("user", batch("add", [person("ann"), person("bob")]))).toMatchObject([
    { status: "rejected", code: "forgottenEmails" },
    { status: "accepted" },
  ]);
  expect([...fake.state.users.keys()]).toEqual(["bob@example.com"]);
});

it("makes nobody in mode update", async () => {
  await deliver("user", batch("add", [person("ann")]));
  expect(await deliver("user", batch("update", [person("ann"), person("zoe")]), { mode: "update" })).toEqual([
    { status: "accepted" },
    { status: "skipped", reason: "not_found" },
  ]);
  expect(fake.state.users.size).toBe(1);
});

it("counts an event that is sent twice once", async () => {
  const visit = person("ann", { name: "visit", time: "2026-01-02T03:04:05.000Z" });
  for (let times = 0; times < 2; times++) expect(await deliver("event", batch("add", [visit]))).toEqual(accepted(1));
  expect([...fake.state.events.keys()]).toEqual(["row-ann"]);
});

it.each([
  ["user", { phoneNumber: "12" }, "phoneNumber: not a phone number with its country code"],
  ["event", { name: "visit", time: "soon" }, "time: not a time"],
  ["event", { name: "visit", time: "2026-01-02", id: "x".repeat(513) }, "id: longer than 512 characters"],
])("refuses a %s with %j before sending", (name, fields, message) => {
  expect(encodeFields(object(iterable, name, settings()), fields)).toEqual({
    reject: { code: "invalid_field", message },
  });
});

it("takes another number of rows a call, and calls its region's host only", () => {
  expect(object(iterable, "list", settings({ rows_a_call: 50 })).limits).toMatchObject({ rows: 50, bytes: 3_900_000 });
  expect(iterable.hosts(configOf(iterable, { region: "eu" }), {})).toEqual(["api.eu.iterable.com"]);
});

it("knows throttling by its code whatever the status", () => {
  const answer = (body: unknown) => ({ status: 400, headers: {}, body, text: "" });
  expect(iterable.classify!(answer({ code: "RateLimitExceeded" }))).toBe("throttled");
  expect(iterable.classify!(answer({ code: "BadParams" }))).toBeUndefined();
});

it("checks its key", async () => {
  const check = (api_key: string) =>
    drive(iterable.check!({ config: configOf(iterable, settings()) }), {
      destination: iterable,
      credentials: { api_key },
    });
  expect(await check("key-1")).toEqual([{ ok: true, message: "reads lists" }]);
  expect(await check("wrong")).toMatchObject([{ ok: false }]);
});

it("says farewell to a record under what it is known by, though only a lesser identifier is named", async () => {
  const ids = [
    { kind: "email", value: "ann@example.com", version: 1 },
    { kind: "user_id", value: "other@example.com", version: 1 },
  ];
  const farewell = change("1", {
    identifiers: { user_id: "other@example.com" },
    fields: { vip: false },
    before: { ids },
  });
  expect(await deliver("user", batch("update", [farewell]))).toEqual([{ status: "accepted" }]);
  expect([...fake.state.users.keys()]).toEqual(["ann@example.com"]);
});
