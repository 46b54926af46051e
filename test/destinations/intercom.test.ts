import { afterEach, beforeEach, expect, it } from "vitest";
import intercom from "../../destinations/intercom.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeIntercom } from "../fakes/intercom.ts";

const person = (name: string, fields = {}, more = {}) =>
  change(name, { identifiers: { email: `${name}@example.com` }, fields, ...more });
let fake: Awaited<ReturnType<typeof startFakeIntercom>>;
beforeEach(async () => {
  fake = await startFakeIntercom({ token: "fake" });
});
afterEach(() => fake.close());

const driver = { destination: intercom, credentials: { access_token: "fake" } };
const settings = () => ({ base_url: fake.url, allow_private_network: true });
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}) =>
  drive(object(intercom, name, settings()).deliver(sent, context(intercom, settings(), more)), driver);
const ensure = (remoteConfig: Record<string, string | boolean>) =>
  drive(object(intercom, "tag", settings()).ensure!(context(intercom, settings(), { remoteConfig })), driver);
const calls = () => fake.requests.map(({ method, path }) => `${method} ${path.split("?")[0]}`);
const statuses = (outcomes: readonly { status: string }[]) => outcomes.map(({ status }) => status);
const before = (name: string, remoteId: string) => ({
  before: { ids: [{ kind: "email", value: `${name}@example.com`, version: 1 }], remoteId },
});
const ann = "6762f0cd0001";

it("makes users, changes them by search and then by their id, and clears with null", async () => {
  expect(await deliver("contact", batch("add", [person("ann", { name: "Ann", points: 7 })]))).toEqual([
    { status: "accepted", remoteId: ann },
  ]);
  await deliver("contact", batch("add", [person("ann", { name: null })]));
  await deliver("contact", batch("update", [person("ann", { points: null }, before("ann", ann))]));
  expect([...fake.state.contacts]).toEqual([[ann, { role: "user", email: "ann@example.com", custom_attributes: {} }]]);
  expect(calls()).toEqual([
    "POST /contacts/search",
    "POST /contacts",
    "POST /contacts/search",
    `PUT /contacts/${ann}`,
    `PUT /contacts/${ann}`,
  ]);
});

it("finds its way where the search does not know a user yet, or the user was archived", async () => {
  await deliver("contact", batch("add", [person("ann")]));
  fake.state.lagging = true;
  expect(await deliver("contact", batch("add", [person("ann", { name: "Ann" })]))).toMatchObject([{ remoteId: ann }]);
  fake.state.lagging = false;
  fake.state.archived.add(ann);
  expect(await deliver("contact", batch("add", [person("ann", { name: "A" })]))).toMatchObject([{ remoteId: ann }]);
  expect(fake.state.contacts.size).toBe(1);
  expect(fake.state.archived.size).toBe(0);
  expect(fake.state.contacts.get(ann)?.["name"]).toBe("A");
});

it("makes a user anew who was deleted there, but not in mode update", async () => {
  const known = person("ann", {}, before("ann", "gone"));
  expect(await deliver("contact", batch("update", [known]), { mode: "update" })).toEqual([
    { status: "skipped", reason: "not_found" },
  ]);
  expect(await deliver("contact", batch("update", [known]))).toEqual([{ status: "accepted", remoteId: ann }]);
});

it("takes a lead of the same e-mail, or somebody else's user, for nobody", async () => {
  fake.state.contacts.set("lead", { role: "lead", email: "ann@example.com", custom_attributes: {} });
  expect(await deliver("contact", batch("add", [person("ann")]))).toEqual([{ status: "accepted", remoteId: ann }]);
  const other = change("u2", { identifiers: { external_id: "u2", email: "bob@example.com" } });
  fake.state.contacts.set("bob", { role: "user", external_id: "u9", email: "bob@example.com", custom_attributes: {} });
  await deliver("contact", batch("add", [other]), { mode: "update" });
  expect(fake.state.contacts.get("bob")).toMatchObject({ external_id: "u9" });
});

it("changes a user's e-mail in place, and refuses one that another user has", async () => {
  await deliver("contact", batch("add", [person("ann"), person("bob")]));
  expect(await deliver("contact", batch("update", [person("anna", {}, before("ann", ann))]))).toEqual([
    { status: "accepted", remoteId: ann },
  ]);
  expect(await deliver("contact", batch("update", [person("bob", {}, before("anna", ann))]))).toMatchObject([
    { status: "rejected", code: "conflict" },
  ]);
  expect([...fake.state.contacts.values()].map(({ email }) => email)).toEqual(["anna@example.com", "bob@example.com"]);
});

it("archives whom it knows, twice as once, and makes nobody in mode update", async () => {
  await deliver("contact", batch("add", [person("ann")]));
  for (let times = 0; times < 2; times++)
    expect(statuses(await deliver("contact", batch("remove", [person("ann"), person("zoe")])))).toEqual([
      "accepted",
      "accepted",
    ]);
  expect([...fake.state.archived]).toEqual([ann]);
  expect(await deliver("contact", batch("update", [person("zoe")]), { mode: "update" })).toEqual([
    { status: "skipped", reason: "not_found" },
  ]);
  expect(fake.state.contacts.size).toBe(1);
});

it("tags and untags, twice as once, and changes nothing else of a user", async () => {
  await deliver("contact", batch("add", [person("ann", { name: "Ann" })]));
  const remote = await ensure({ name: "VIP" });
  expect(await ensure({ name: "VIP" })).toEqual(remote);
  const { members } = fake.state.tags.get(remote.id)!;
  for (let times = 0; times < 2; times++) {
    const tagged = await deliver("tag", batch("add", [person("ann"), person("bob")]), { remote });
    expect(tagged).toEqual([
      { status: "accepted", remoteId: ann },
      { status: "accepted", remoteId: "6762f0cd0003" },
    ]);
    expect(members.size).toBe(2);
  }
  for (let times = 0; times < 2; times++) {
    const left = await deliver("tag", batch("remove", [person("ann", {}, before("ann", ann)), person("zoe")]), {
      remote,
    });
    expect(left).toEqual([{ status: "accepted" }, { status: "accepted" }]);
    expect(members.size).toBe(1);
  }
  expect(fake.state.contacts.size).toBe(2);
  expect(fake.state.contacts.get(ann)?.["name"]).toBe("Ann");
});

it("keeps the tag of a user who is known by an external id when only the e-mail changed", async () => {
  const remote = await ensure({ name: "VIP" });
  const known = (email: string) => ({ identifiers: { external_id: "u1", email } });
  await deliver("tag", batch("add", [change("1", known("ann@example.com"))]), { remote });
  const ids = [
    ["external_id", "u1"],
    ["email", "ann@example.com"],
  ].map(([kind, value]) => ({ kind: kind!, value: value!, version: 1 }));
  const former = change("1", { identifiers: { email: "ann@example.com" }, before: { ids } });
  expect(await deliver("tag", batch("remove", [former]), { remote })).toEqual([{ status: "accepted" }]);
  expect(fake.state.tags.get(remote.id)?.members.size).toBe(1);
  const leaving = change("1", { ...known("anna@example.com"), before: { ids } });
  expect(await deliver("tag", batch("remove", [leaving]), { remote })).toEqual([{ status: "accepted" }]);
  expect(fake.state.tags.get(remote.id)?.members.size).toBe(0);
});

it("never renames a user because somebody tagged got another e-mail", async () => {
  const remote = await ensure({ name: "VIP" });
  await deliver("tag", batch("add", [person("ann")]), { remote });
  await deliver("tag", batch("add", [person("anna", {}, before("ann", "6762f0cd0002"))]), { remote });
  expect([...fake.state.contacts.values()].map(({ email }) => email)).toEqual(["ann@example.com", "anna@example.com"]);
});

it("upserts, changes and deletes companies by our own id", async () => {
  const company = (id: string, fields = {}) => change(id, { identifiers: { company_id: id }, fields });
  for (let times = 0; times < 2; times++)
    expect(await deliver("company", batch("add", [company("c1", { name: "Acme", size: 3 })]))).toEqual([
      { status: "accepted", remoteId: "c-c1" },
    ]);
  const updated = await deliver("company", batch("update", [company("c1", { size: 4 }), company("c2")]), {
    mode: "update",
  });
  expect(statuses(updated)).toEqual(["accepted", "skipped"]);
  expect([...fake.state.companies.values()]).toEqual([{ company_id: "c1", name: "Acme", size: 4 }]);
  for (let times = 0; times < 2; times++)
    expect(await deliver("company", batch("remove", [company("c1")]))).toEqual([{ status: "accepted" }]);
  expect(fake.state.companies.size).toBe(0);
});

it("sends events of users it knows, one a request, and no more metadata than is kept", async () => {
  await deliver("contact", batch("add", [person("ann")]));
  const fields = { event_name: "ordered", created_at: 1767323045 };
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`key${index}`, index]));
  const sent = batch("add", [person("ann", fields), person("zoe", fields), person("ann", { ...fields, ...many })]);
  expect(await deliver("event", sent)).toEqual([
    { status: "accepted" },
    { status: "rejected", code: "not_found", message: "User Not Found" },
    { status: "rejected", code: "metadata", message: "more than 10 metadata keys" },
  ]);
  expect(fake.state.events).toEqual([{ ...fields, email: "ann@example.com", metadata: {} }]);
  expect(object(intercom, "event", settings())).toMatchObject({ delivery: "once", limits: { rows: 1 } });
});

it("takes times as seconds, and refuses what is no time or too much money", () => {
  const { contact, company } = intercom.objects;
  expect(contact?.fields["signed_up_at"]?.encode("2026-01-02 03:04:05.999")).toEqual({ value: 1767323045 });
  expect(contact?.fields["signed_up_at"]?.encode(null)).toEqual({ value: null });
  expect(contact?.fields["signed_up_at"]?.encode("soon")).toEqual({ reject: "not a time" });
  expect(company?.fields["monthly_spend"]?.encode(2 ** 31)).toHaveProperty("reject");
});

it.each([
  [{ status: 429, headers: { "retry-after": "1" } }, "deferred"],
  [{ status: 500 }, "unknown"],
  [{ applied: "broken" }, "unknown"],
  [{ status: 200, body: { type: "error.list", errors: [{ code: "c", message: "no" }] } }, "rejected"],
] as const)("%j is %s", async (fault, expected) => {
  for (const on of ["POST /contacts/search", "POST /contacts"]) {
    fake.fail({ ...fault, on });
    expect(statuses(await deliver("contact", batch("add", [person("ann")])))).toEqual([expected]);
    fake.heal();
  }
});

it("stops where several tags have the name, or none may be made", async () => {
  for (const id of ["1", "2"]) fake.state.tags.set(id, { name: "VIP", members: new Set() });
  await expect(ensure({ name: "VIP" })).rejects.toThrow(/2 tags/);
  await expect(ensure({ name: "None", create: false })).rejects.toThrow(/no tag/);
});

const check = (access_token: string) =>
  drive(intercom.check!({ config: configOf(intercom, settings()) }), {
    destination: intercom,
    credentials: { access_token },
  });

it("checks its token", async () => {
  expect(await check("fake")).toEqual([{ ok: true, message: "reads tags" }]);
  expect(await check("wrong")).toMatchObject([{ ok: false }]);
});
