import { afterEach, beforeEach, expect, it } from "vitest";
import customerio from "../../destinations/customerio.ts";
import { encodeFields } from "../../src/destination/encode.ts";
import { Cutter } from "../../src/engine/batch.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeCustomerio } from "../fakes/customerio.ts";

let fake: Awaited<ReturnType<typeof startFakeCustomerio>>;
beforeEach(async () => {
  fake = await startFakeCustomerio({ site: "site-1", key: "key-1" });
  fake.state.segments.set("7", new Set());
});
afterEach(() => fake.close());

const driver = { destination: customerio, credentials: { site_id: "site-1", api_key: "key-1" } };
const settings = (more = {}) => ({ base_url: fake.url, allow_private_network: true, ...more });
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}) => {
  const ctx = context(customerio, settings(), { remote: { id: "7" }, ...more });
  return drive(object(customerio, name, settings()).deliver(sent, ctx), driver);
};
const person = (id: string, fields = {}, email = `${id}@example.com`) =>
  change(id, { identifiers: { id, email }, fields });
const accepted = (count: number) => Array.from({ length: count }, () => ({ status: "accepted" }));

it("writes people twice as once, changes them, and deletes them, there or not", async () => {
  for (let times = 0; times < 2; times++) {
    expect(await deliver("person", batch("add", [person("u1", { plan: "free" }), person("u2")]))).toEqual(accepted(2));
    expect(fake.state.people.size).toBe(2);
  }
  await deliver("person", batch("update", [person("u1", { plan: null, points: 3 }, "new@example.com")]));
  expect(fake.state.people.get("id:u1")).toEqual({ points: 3, email: "new@example.com" });
  for (let times = 0; times < 2; times++)
    expect(await deliver("person", batch("remove", [person("u1"), person("u9")]))).toEqual(accepted(2));
  expect([...fake.state.people.keys()]).toEqual(["id:u2"]);
});

it("makes nobody in mode update", async () => {
  expect(await deliver("person", batch("update", [person("u1", { plan: "x" })]), { mode: "update" })).toEqual(
    accepted(1),
  );
  expect(fake.state.people.size).toBe(0);
});

it("holds back a row above 32 KB and puts refusals of the others in their places", async () => {
  fake.state.refuse.add("u2@example.com");
  const rows = [person("u0", { notes: "é".repeat(16_000) }), person("u1"), person("u2"), person("u3")];
  expect(await deliver("person", batch("add", rows))).toEqual([
    { status: "rejected", code: "too_large", message: "larger than the 32 KB that the platform takes of one row" },
    { status: "accepted" },
    { status: "rejected", code: "invalid", message: "attributes: a value is not valid" },
    { status: "accepted" },
  ]);
  expect([...fake.state.people.keys()]).toEqual(["id:u1", "id:u3"]);
});

it.each([
  ["person", {}],
  ["event", { name: "v", time: "2026-01-02T03:04:05.000Z" }],
])("keeps requests of %ss under 500 KB, however small the rows", async (name, fields) => {
  const { limits } = object(customerio, name, settings());
  for (const padding of [0, 100, 250, 400]) {
    const cutter = new Cutter({ rows: limits.rows, bytes: limits.bytes! });
    const row = (seq: number) =>
      change(`k${seq}`, { identifiers: { id: `u${seq}` }, fields: { ...fields, p: "x".repeat(padding) } });
    let parcel = null;
    for (let seq = 0; parcel === null; seq++) parcel = cutter.add("add", 0, { seq, change: row(seq) });
    const count = parcel.items.length;
    const sent = batch(
      "add",
      parcel.items.map((item) => item.change),
    );
    expect((await deliver(name, sent)).filter(({ status }) => status === "accepted")).toHaveLength(count);
  }
  expect(Math.max(...fake.requests.map(({ text }) => Buffer.byteLength(text)))).toBeGreaterThan(300_000);
});

it.each([undefined, null, 12, [], [null], { data: [] }, { errors: [] }, { results: 1 }])(
  "takes HTTP 200 with %j for no success",
  async (body) => {
    fake.fail({ on: "POST", times: 2, ...(body === undefined ? { applied: "broken" } : { status: 200, body }) });
    expect(await deliver("person", batch("add", [person("u1")]))).toMatchObject([{ status: "unknown" }]);
    expect(await deliver("segment", batch("remove", [person("u1")]))).toMatchObject([{ status: "unknown" }]);
  },
);

it("takes HTTP 207 that names nobody for no success", async () => {
  fake.fail({ on: "POST", status: 207, body: { errors: [] } });
  expect(await deliver("person", batch("add", [person("u1")]))).toMatchObject([{ status: "unknown" }]);
});

it("fills a segment, twice as once, and leaving it only leaves it", async () => {
  const members = fake.state.segments.get("7");
  for (let times = 0; times < 2; times++) {
    expect(await deliver("segment", batch("add", [person("u1"), person("u2")]))).toEqual(accepted(2));
    expect([...members!]).toEqual(["id:u1", "id:u2"]);
  }
  for (let times = 0; times < 2; times++) {
    expect(await deliver("segment", batch("remove", [person("u1"), person("u9")]))).toEqual(accepted(2));
    expect([...members!]).toEqual(["id:u2"]);
  }
  expect(fake.state.people.size).toBe(2);
});

it("does not take somebody out for an e-mail that changed", async () => {
  await deliver("segment", batch("add", [person("u1")]));
  const ids = ["id", "email"].map((kind) => ({ kind, value: kind === "id" ? "u1" : "old@example.com", version: 1 }));
  const old = change("u1", { identifiers: { email: "old@example.com" }, before: { ids } });
  const before = fake.requests.length;
  expect(await deliver("segment", batch("remove", [old]))).toEqual(accepted(1));
  expect(fake.requests.length).toBe(before);
});

it("counts an event that is sent twice once, and tells events of one moment apart", async () => {
  const visit = (key: string) =>
    change(key, {
      ...person("u1"),
      key,
      idempotencyKey: key,
      fields: { name: "visit", time: "2026-01-02T03:04:05.000Z" },
    });
  for (let times = 0; times < 2; times++)
    expect(await deliver("event", batch("add", [visit("a"), visit("b")]))).toEqual(accepted(2));
  const ids = [...fake.state.events.keys()];
  expect(ids).toHaveLength(2);
  expect(ids.every((id) => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id))).toBe(true);
  expect(new Set(ids.map((id) => id.slice(0, 10))).size).toBe(1);
});

it.each([
  ["person", { email: "ann" }, "email: not an e-mail address"],
  ["person", { phone: "12" }, "phone: not a phone number with its country code"],
  ["event", { name: "visit", time: "soon" }, "time: not a time"],
])("refuses a %s with %j before sending", (name, fields, message) => {
  expect(encodeFields(object(customerio, name, settings()), fields)).toEqual({
    reject: { code: "invalid_field", message },
  });
});

it("takes a manual segment by its number only", async () => {
  const ensure = (remoteConfig: Record<string, string | number>) =>
    drive(object(customerio, "segment", settings()).ensure!(context(customerio, settings(), { remoteConfig })), driver);
  expect(await ensure({ id: 7 })).toEqual({ id: "7" });
  await expect(ensure({ name: "VIP" })).rejects.toThrow(/cannot find or make a segment by its name/);
  await expect(ensure({ id: "7/../8" })).rejects.toThrow(/cannot find or make a segment by its name/);
});

it("calls its region's host only, and says when the account is in the other", async () => {
  expect(customerio.hosts(configOf(customerio, { region: "eu" }), {})).toEqual(["track-eu.customer.io"]);
  const check = (config: object, api_key = "key-1") =>
    drive(customerio.check!({ config: configOf(customerio, settings(config)) }), {
      destination: customerio,
      credentials: { site_id: "site-1", api_key },
    });
  expect(await check({})).toEqual([{ ok: true, message: "reads the account's region" }]);
  expect(await check({ region: "eu" })).toEqual([
    { ok: false, message: "the account is in another region: set region: us" },
  ]);
  expect(await check({}, "wrong")).toMatchObject([{ ok: false }]);
});

it("says farewell to a record under what it is known by, though only a lesser identifier is named", async () => {
  const ids = [
    { kind: "id", value: "u1", version: 1 },
    { kind: "email", value: "other@example.com", version: 1 },
  ];
  const farewell = change("1", {
    identifiers: { email: "other@example.com" },
    fields: { vip: false },
    before: { ids },
  });
  expect(await deliver("person", batch("update", [farewell]))).toEqual([{ status: "accepted" }]);
  expect([...fake.state.people.keys()]).toEqual(["id:u1"]);
});
