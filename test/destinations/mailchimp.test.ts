import { afterEach, beforeEach, describe, expect, it } from "vitest";
import mailchimp from "../../destinations/mailchimp.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { hashOf, startFakeMailchimp } from "../fakes/mailchimp.ts";

let fake: Awaited<ReturnType<typeof startFakeMailchimp>>;
beforeEach(async () => {
  fake = await startFakeMailchimp({ key: "key-us21" });
});
afterEach(() => fake.close());

const driver = { destination: mailchimp, credentials: { api_key: "key-us21" } };
const settings = (more = {}) => ({
  data_centre: "us21",
  list_id: "L1",
  base_url: fake.url,
  allow_private_network: true,
  ...more,
});
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}, config = {}) =>
  drive(object(mailchimp, name, settings(config)).deliver(sent, context(mailchimp, settings(config), more)), driver);
const ensure = (name: string, remoteConfig: Record<string, string | boolean>) =>
  drive(object(mailchimp, name, settings()).ensure!(context(mailchimp, settings(), { remoteConfig })), driver);
const person = (name: string, fields = {}, more = {}) =>
  change(name, { identifiers: { email: `${name}@example.com` }, fields, ...more });
const there = (name: string, status: string, merge_fields = {}) =>
  fake.state.members.set(hashOf(`${name}@example.com`), { email: `${name}@example.com`, status, merge_fields });
const statuses = () => Object.fromEntries([...fake.state.members.values()].map(({ email, status }) => [email, status]));

describe("nobody's subscription is changed", () => {
  const begin = ["subscribed", "unsubscribed", "cleaned", "pending", "transactional"] as const;
  const held = Object.fromEntries(begin.map((status) => [`${status}@example.com`, status]));
  beforeEach(() => {
    for (const status of begin) there(status, status);
  });
  const rows = begin.map((status) => person(status, { FNAME: "X", status_if_new: "subscribed" }));

  it.each(["add", "update"] as const)("by a member written as %s", async (op) => {
    expect(await deliver("member", batch(op, rows), {}, { status_if_new: "subscribed" })).toEqual(
      begin.map((status) => ({ status: "accepted", remoteId: hashOf(`${status}@example.com`) })),
    );
    expect(statuses()).toEqual(held);
    expect([...fake.state.members.values()].every(({ merge_fields }) => merge_fields["FNAME"] === "X")).toBe(true);
  });

  it.each(["segment", "tag"])("by joining and leaving a %s", async (name) => {
    const remote = await ensure(name, { name: "VIP" });
    for (const op of ["add", "add", "remove", "remove"] as const) {
      expect(await deliver(name, batch(op, rows), { remote })).toEqual(rows.map(() => ({ status: "accepted" })));
      expect([statuses(), fake.state.segments.get(remote.id)?.emails.size]).toEqual([held, op === "add" ? 5 : 0]);
    }
  });

  it("in words either: a status stands only where it is for new members", async () => {
    await deliver("member", batch("add", rows));
    expect(fake.requests.map(({ method }) => method)).toEqual(["POST", ...rows.map(() => "PUT")]);
    for (const { path, body } of fake.requests) {
      expect(body.update_existing ?? false).toBe(false);
      if (path.includes("/members/")) expect(body).not.toHaveProperty("status");
    }
  });
});

it("makes members with the setting's status, or the row's own", async () => {
  await deliver("member", batch("add", [person("ann"), person("bob", { status_if_new: "pending" })]));
  expect(statuses()).toEqual({ "ann@example.com": "transactional", "bob@example.com": "pending" });
});

it("gives each row its fate, also those of one address", async () => {
  fake.state.refuse.add("bob@example.com");
  const twice = change("4", { identifiers: { email: "ann@example.com" }, fields: { FNAME: "Ann" } });
  const outcomes = await deliver("member", batch("add", [person("ann"), person("bob"), person("cy"), twice]));
  expect(outcomes.map(({ status }) => status)).toEqual(["accepted", "rejected", "accepted", "accepted"]);
  expect(outcomes[1]).toMatchObject({ message: "<email> looks fake or invalid, please enter a real email address." });
  expect(fake.state.members.get(hashOf("ann@example.com"))?.merge_fields).toEqual({ FNAME: "Ann" });
});

it("leaves an address without a verdict in doubt", async () => {
  fake.fail({ on: "POST", status: 200, body: { new_members: [], updated_members: [], errors: [] } });
  expect(await deliver("member", batch("add", [person("ann")]))).toEqual([
    { status: "unknown", message: "no verdict for this address" },
  ]);
});

it("archives twice as once, and brings back who is wanted again", async () => {
  for (let times = 0; times < 2; times++) {
    await deliver("member", batch("add", [person("ann")]));
    expect(statuses()).toEqual({ "ann@example.com": "transactional" });
    for (let again = 0; again < 2; again++) {
      expect(await deliver("member", batch("remove", [person("ann"), person("zoe")]))).toEqual([
        { status: "accepted" },
        { status: "accepted" },
      ]);
      expect(statuses()).toEqual({ "ann@example.com": "archived" });
    }
  }
  expect(fake.requests.some(({ path }) => path.includes("delete-permanent"))).toBe(false);
});

it("finds a segment over pages, makes it once, and refuses one that is filled by conditions", async () => {
  for (let id = 1; id <= 1000; id++)
    fake.state.segments.set(String(id), { name: `s${id}`, type: "static", emails: new Set() });
  fake.state.segments.set("1001", { name: "Active", type: "saved", emails: new Set() });
  fake.state.next = 1002;
  expect(await ensure("tag", { name: "VIP" })).toEqual({ id: "1002" });
  expect(await ensure("tag", { name: "VIP" })).toEqual({ id: "1002" });
  await expect(ensure("segment", { name: "Active" })).rejects.toThrow(/is filled by conditions/);
  await expect(ensure("segment", { name: "None", create: false })).rejects.toThrow(/no segment/);
});

it("tells the size of a segment", async () => {
  const remote = await ensure("segment", { name: "VIP" });
  await deliver("segment", batch("add", [person("ann"), person("bob")]), { remote });
  const ctx = context(mailchimp, settings(), { remote });
  expect(await drive(object(mailchimp, "segment", settings()).measure!(ctx), driver)).toEqual({
    sizeLow: 2,
    sizeHigh: 2,
  });
});

it("calls the data centre's host only, and no other text for one is taken", () => {
  const config = configOf(mailchimp, { data_centre: "us6", list_id: "L1" });
  expect(mailchimp.hosts(config, {})).toEqual(["us6.api.mailchimp.com"]);
  expect(mailchimp.config.safeParse({ data_centre: "us6.example.com/", list_id: "L1" }).success).toBe(false);
});

it("checks its key with the audience", async () => {
  const check = (api_key: string) =>
    drive(mailchimp.check!({ config: configOf(mailchimp, settings()) }), {
      destination: mailchimp,
      credentials: { api_key },
    });
  expect(await check("key-us21")).toEqual([{ ok: true, message: "reads audience L1" }]);
  expect(await check("wrong")).toMatchObject([{ ok: false }]);
});
