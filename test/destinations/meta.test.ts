import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import meta from "../../destinations/meta.ts";
import { digest } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeMeta } from "../fakes/meta.ts";

const token = "EAAtoken";
const hash = (text: string): string => digest("sha256", text);
const ann = change("1", {
  identifiers: { email: hash("ann@example.com"), phone: hash("15550109999") },
  fields: { fn: hash("ann") },
});
const bob = change("2", { identifiers: { madid: "f81d4fae-7dec-11d0-a765-00a0c91e6bf6" } });
let fake: Awaited<ReturnType<typeof startFakeMeta>>;
beforeEach(async () => {
  fake = await startFakeMeta({ token });
});
afterEach(() => fake.close());

const reports: { name: string; value: number }[] = [];
const driver = { destination: meta, credentials: { access_token: token }, reports };
const settings = () => ({ ad_account: "act_1", base_url: fake.url, allow_private_network: true });
const ensure = (remoteConfig = {}, more = {}) =>
  drive(object(meta, "audience", settings()).ensure!(context(meta, settings(), { remoteConfig, ...more })), driver);
const deliver = (id: string, sent: ReturnType<typeof batch>) =>
  drive(object(meta, "audience", settings()).deliver(sent, context(meta, settings(), { remote: { id } })), driver);

it("makes an audience once and finds it again by its marker, over pages", async () => {
  fake.state.audiences.push({ id: "7", name: "other", description: "", members: new Set() });
  fake.state.audiences.push({ id: "8", name: "another", description: "", members: new Set() });
  const { id } = await ensure({ name: "VIP" });
  expect(await ensure({ name: "VIP" })).toEqual({ id });
  expect(fake.state.audiences.map(({ name }) => name)).toEqual(["other", "another", "VIP"]);
  expect(fake.state.audiences[2]?.description).toBe("Kept by millrace [millrace:test/vip_to_there]");
  expect(await ensure({ id: 42 })).toEqual({ id: "42" });
});

it.each([
  ["one that is not ours", [""], {}, /not made by this sync/],
  ["two of ours", ["[millrace:test/vip_to_there]", "[millrace:test/vip_to_there]"], {}, /2 audiences/],
  ["none, not to be made", [], { create: false }, /no audience/],
] as const)("stops at %s", async (_, descriptions, remote, message) => {
  for (const [id, description] of descriptions.entries()) {
    fake.state.audiences.push({ id: String(id), name: "VIP", description, members: new Set() });
  }
  await expect(ensure({ name: "VIP", ...remote })).rejects.toThrow(message);
});

it("adds rows of several keys, twice as once, and removes them, absent or not", async () => {
  const { id } = await ensure();
  const members = fake.state.audiences[0]!.members;
  const all = [
    `EMAIL:${hash("ann@example.com")}`,
    `PHONE:${hash("15550109999")}`,
    "MADID:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
  ];
  for (let times = 0; times < 2; times++) {
    expect(await deliver(id, batch("add", [ann, bob]))).toEqual([{ status: "accepted" }, { status: "accepted" }]);
    expect([...members].toSorted()).toEqual([...all].toSorted());
  }
  for (let times = 0; times < 2; times++) {
    expect(await deliver(id, batch("remove", [ann]))).toEqual([{ status: "accepted" }]);
    expect([...members]).toEqual(all.slice(2));
  }
});

it("sends one column per key anybody has, and the same session for the same batch", async () => {
  const { id } = await ensure();
  const sent = batch("add", [
    ann,
    change("3", { identifiers: { email: hash("c") }, fields: { data_processing_options: ["LDU"] } }),
  ]);
  await deliver(id, sent);
  await deliver(id, sent);
  const [first, second] = fake.requests.slice(-2).map(({ body }) => body);
  expect(first).toEqual(second);
  expect(first).toEqual({
    session: { session_id: expect.any(Number), batch_seq: 1, last_batch_flag: true, estimated_num_total: 2 },
    payload: {
      schema: ["EMAIL", "PHONE", "FN", "DATA_PROCESSING_OPTIONS"],
      data: [
        [hash("ann@example.com"), hash("15550109999"), hash("ann"), []],
        [hash("c"), "", "", ["LDU"]],
      ],
    },
  });
  expect(Number.isSafeInteger(first.session.session_id) && first.session.session_id > 0).toBe(true);
});

it("only reports entries Meta could not read", async () => {
  const { id } = await ensure();
  fake.state.invalid = 3;
  expect(await deliver(id, batch("add", [ann]))).toEqual([{ status: "accepted" }]);
  expect(reports).toEqual([{ name: "num_invalid_entries", value: 3 }]);
});

it("measures an audience once Meta has counted it", async () => {
  const { id } = await ensure();
  const measure = () =>
    drive(object(meta, "audience", settings()).measure!(context(meta, settings(), { remote: { id } })), driver);
  expect(await measure()).toEqual({});
  await deliver(id, batch("add", [ann]));
  expect(await measure()).toEqual({ sizeLow: 1000, sizeHigh: 1000 });
});

const asOf = Date.parse("2026-01-09T00:00:00Z");
const bought = (id: string, fields = {}) =>
  change(id, {
    identifiers: { email: hash(`${id}@example.com`), fbp: "fb.1.1700000000.1" },
    fields: { event_name: "Purchase", event_time: "2026-01-08T10:00:00.000Z", action_source: "website", ...fields },
  });
const events = (sent: ReturnType<typeof batch>, more = {}) =>
  drive(
    object(meta, "event", settings()).deliver(
      sent,
      context(meta, settings(), { remote: { id: "900" }, asOf, ...more }),
    ),
    driver,
  );

it("sends events with what it knows of the person, and the rest as custom data; twice is once", async () => {
  const sent = batch("add", [
    bought("ann", { fn: hash("ann"), value: 12.5, currency: "EUR", event_id: "o-1" }),
    bought("bob"),
  ]);
  for (let times = 0; times < 2; times++)
    expect(await events(sent)).toEqual([{ status: "accepted" }, { status: "accepted" }]);
  expect([...fake.state.events.values()]).toEqual([
    {
      event_name: "Purchase",
      event_time: Date.parse("2026-01-08T10:00:00Z") / 1000,
      event_id: "o-1",
      action_source: "website",
      user_data: { em: hash("ann@example.com"), fbp: "fb.1.1700000000.1", fn: hash("ann") },
      custom_data: { value: 12.5, currency: "EUR" },
    },
    expect.objectContaining({ event_id: "row-bob", custom_data: {} }),
  ]);
});

it("marks events of a test", async () => {
  const config = { ...settings(), test_event_code: "TEST1" };
  const sent = object(meta, "event", config).deliver(batch("add", [bought("ann")]), context(meta, config, { asOf }));
  expect(sent.next().value).toMatchObject({ http: { body: { test_event_code: "TEST1" } } });
});

it("skips what is too old for Meta, by the run's time or by Meta's word", async () => {
  const old = bought("old", { event_time: "2026-01-01T23:59:59.000Z" });
  expect(await events(batch("add", [old, bought("ann")]))).toEqual([
    { status: "skipped", reason: "too_old" },
    { status: "accepted" },
  ]);
  expect(fake.requests.at(-1)?.body.data).toHaveLength(1);
  fake.state.tooOld.add("row-bob");
  expect(await events(batch("add", [bought("bob")]))).toEqual([{ status: "skipped", reason: "too_old" }]);
  const both = await events(batch("add", [bought("ann"), bought("bob")]));
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

it.each([
  [{ applied: "broken" }, "unknown"],
  [{ status: 200, body: { events_received: 1 } }, "unknown"],
  [{ status: 400, body: { error: { code: 100, message: "no" } } }, "rejected"],
] as const)("answers %j of events mean %s", async (fault, status) => {
  fake.fail(fault);
  expect(await events(batch("add", [bought("ann"), bought("bob")]))).toMatchObject([{ status }, { status }]);
});

const error = (code: number, more = {}) => ({ status: 400, body: { error: { message: "words", code, ...more } } });

it.each([
  [error(80003), "deferred", "throttled"],
  [error(17), "deferred", "throttled"],
  [error(2), "unknown", "retry"],
  [error(2650, { error_subcode: 1870145 }), "deferred", undefined],
  [error(105), "rejected", undefined],
  [error(100, { is_transient: true }), "unknown", "retry"],
  [{ status: 500, body: {} }, "unknown", undefined],
  [{ status: 200, body: { error: { code: 4, message: "in a 200" } } }, "deferred", "throttled"],
  [{ status: 200, body: { surprise: true } }, "unknown", undefined],
] as const)("%j is %s", async (fault, outcome, kind) => {
  const { id } = await ensure();
  fake.fail(fault);
  expect(await deliver(id, batch("add", [ann]))).toMatchObject([{ status: outcome }]);
  expect(meta.classify!({ status: fault.status, headers: {}, body: fault.body, text: "" })).toBe(kind);
});

it.each([
  [error(190), "E812"],
  [error(200), "E813"],
  [error(200, { error_subcode: 1870090 }), "E813"],
  [error(100, { error_subcode: 33 }), "E811"],
  [error(100, { error_subcode: 1713230 }), "E815"],
])("%j stops the sync with %s", async (fault, code) => {
  const { id } = await ensure();
  fake.fail(fault);
  await expect(deliver(id, batch("add", [ann]))).rejects.toMatchObject({ diagnostics: [{ code }] });
});

it("never takes broken JSON for success", async () => {
  const { id } = await ensure();
  fake.fail({ applied: "broken" });
  expect(await deliver(id, batch("add", [ann]))).toMatchObject([{ status: "unknown" }]);
});

it("proves the app secret on every request", async () => {
  const proof = createHmac("sha256", "shh").update(token).digest("hex");
  const strict = await startFakeMeta({ token, proof });
  const ctx = { config: configOf(meta, { ...settings(), base_url: strict.url }) };
  const check = (credentials: object) =>
    drive(meta.check!(ctx), { destination: meta, credentials: credentials as Record<string, unknown> });
  expect(await check({ access_token: token, app_secret: "shh" })).toEqual([
    { ok: true, message: "reads ad account act_1" },
  ]);
  expect(await check({ access_token: token })).toMatchObject([{ ok: false }]);
  expect(await check({ access_token: "wrong" })).toMatchObject([{ ok: false }]);
  await strict.close();
});
