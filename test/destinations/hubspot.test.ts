import { afterEach, beforeEach, expect, it } from "vitest";
import hubspot from "../../destinations/hubspot.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeHubspot } from "../fakes/hubspot.ts";

const token = "pat-fake";
const person = (name: string, fields = {}, more = {}) =>
  change(name, { identifiers: { email: `${name}@example.com` }, fields, ...more });
let fake: Awaited<ReturnType<typeof startFakeHubspot>>;
beforeEach(async () => {
  fake = await startFakeHubspot({ token });
});
afterEach(() => fake.close());

const driver = { destination: hubspot, credentials: { access_token: token } };
const settings = () => ({ base_url: fake.url, allow_private_network: true });
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}) =>
  drive(object(hubspot, name, settings()).deliver(sent, context(hubspot, settings(), more)), driver);
const ensure = (remoteConfig: Record<string, string | boolean>) =>
  drive(object(hubspot, "list", settings()).ensure!(context(hubspot, settings(), { remoteConfig })), driver);
const sentTo = (part: string) => fake.requests.filter(({ path }) => path.includes(part)).length;

it("upserts contacts by e-mail, clears with empty text, and keeps their ids", async () => {
  const first = await deliver("contact", batch("add", [person("ann", { tier: "gold" }), person("bob")]));
  expect(first).toEqual([
    { status: "accepted", remoteId: "101" },
    { status: "accepted", remoteId: "102" },
  ]);
  expect(await deliver("contact", batch("update", [person("ann", { tier: null })]))).toEqual([first[0]]);
  expect(fake.state.contacts.get("101")).toEqual({ email: "ann@example.com" });
});

it("maps a 207 by trace id, shuffled or not", async () => {
  fake.state.refuse.add("bob@example.com");
  const outcomes = await deliver("contact", batch("add", [person("ann"), person("bob"), person("cy")]));
  expect(outcomes).toMatchObject([
    { status: "accepted", remoteId: "101" },
    { status: "rejected", code: "VALIDATION_ERROR", message: "Property values were not valid: <email>" },
    { status: "accepted", remoteId: "102" },
  ]);
});

it("takes rows that HubSpot refuses by itself for refused each, and halves a batch it refuses without saying for whom", async () => {
  fake.state.refuse.add("bob@example.com");
  expect(await deliver("contact", batch("add", [person("bob")]))).toMatchObject([{ status: "rejected", each: true }]);
  const body = { results: [], errors: [{ category: "VALIDATION_ERROR", message: "no" }] };
  fake.fail({ status: 207, body });
  const refused = { status: "rejected", code: "VALIDATION_ERROR", message: "no" };
  expect(await deliver("contact", batch("add", [person("ann"), person("cy")]))).toEqual([refused, refused]);
});

it("moves a contact to its new e-mail by id, never making a second one", async () => {
  await deliver("contact", batch("add", [person("ann", { tier: "gold" })]));
  const before = { ids: [{ kind: "email", value: "ann@example.com", version: 1 }], remoteId: "101" };
  expect(await deliver("contact", batch("update", [person("anna", {}, { before })]))).toEqual([
    { status: "accepted", remoteId: "101" },
  ]);
  expect([...fake.state.contacts]).toEqual([["101", { email: "anna@example.com", tier: "gold" }]]);
});

it("rejects the second of two rows with one e-mail, since it would fail the batch", async () => {
  const twice = await deliver("contact", batch("add", [person("ann"), { ...person("ann"), key: "2" }]));
  expect(twice).toMatchObject([{ status: "accepted" }, { status: "rejected", code: "duplicate_email" }]);
});

it("makes nobody in mode update", async () => {
  await deliver("contact", batch("add", [person("ann")]));
  const outcomes = await deliver("contact", batch("update", [person("ann", { tier: "x" }), person("zoe")]), {
    mode: "update",
  });
  expect(outcomes).toEqual([
    { status: "accepted", remoteId: "101" },
    { status: "skipped", reason: "not_found" },
  ]);
  expect([...fake.state.contacts.values()]).toEqual([{ email: "ann@example.com", tier: "x" }]);
});

it("archives by id, looking up those it does not know; nobody there is no error", async () => {
  await deliver("contact", batch("add", [person("ann"), person("bob")]));
  const gone = await deliver("contact", batch("remove", [person("bob"), person("zoe")]));
  expect(gone).toEqual([{ status: "accepted" }, { status: "accepted" }]);
  expect([...fake.state.contacts.keys()]).toEqual(["101"]);
});

it("fills a list, twice as once, and takes out without making or deleting contacts", async () => {
  const remote = await ensure({ name: "VIP" });
  expect(await ensure({ name: "VIP" })).toEqual(remote);
  const { members } = fake.state.lists.get(remote.id)!;
  for (let times = 0; times < 2; times++) {
    await deliver("list", batch("add", [person("ann"), person("bob")]), { remote });
    expect(members.size).toBe(2);
  }
  const before = { ids: [{ kind: "email", value: "ann@example.com", version: 1 }], remoteId: [...members][0]! };
  for (let times = 0; times < 2; times++) {
    const left = await deliver("list", batch("remove", [person("ann", {}, { before }), person("zoe")]), { remote });
    expect(left.map(({ status }) => status)).toEqual(["accepted", "accepted"]);
    expect(members.size).toBe(1);
  }
  expect(fake.state.contacts.size).toBe(2);
});

it("takes an old e-mail out of a list without touching the contact of the new one", async () => {
  const remote = await ensure({ name: "VIP" });
  const [now] = await deliver("list", batch("add", [person("anna")]), { remote });
  const ids = ["ann", "anna"].map((name) => ({ kind: "email", value: `${name}@example.com`, version: 1 }));
  const before = { ids, remoteId: now?.status === "accepted" ? now.remoteId! : "" };
  expect(await deliver("list", batch("remove", [person("ann", {}, { before })]), { remote })).toEqual([
    { status: "accepted" },
  ]);
  expect(fake.state.lists.get(remote.id)!.members.size).toBe(1);
});

it("never renames a contact because a list member got another e-mail", async () => {
  const remote = await ensure({ name: "VIP" });
  await deliver("list", batch("add", [person("ann")]), { remote });
  const before = {
    ids: [{ kind: "email", value: "ann@example.com", version: 1 }],
    remoteId: [...fake.state.contacts.keys()][0]!,
  };
  await deliver("list", batch("add", [person("anna", {}, { before })]), { remote });
  expect([...fake.state.contacts.values()]).toEqual([{ email: "ann@example.com" }, { email: "anna@example.com" }]);
});

it.each([
  [{ status: 429, headers: { "retry-after": "1" } }, "deferred"],
  [{ status: 500 }, "unknown"],
  [{ status: 401 }, "deferred"],
  [{ status: 423 }, "deferred"],
  [{ status: 400, body: { category: "VALIDATION_ERROR", message: "no" } }, "rejected"],
  [{ applied: "broken" }, "unknown"],
] as const)("%j is %s for all", async (fault, expected) => {
  fake.fail(fault);
  const outcomes = await deliver("contact", batch("add", [person("ann"), person("bob")]));
  expect(outcomes.map(({ status }) => status)).toEqual([expected, expected]);
});

const stopped = (code: string) => ({ diagnostics: [{ code }] });

it("stops when the list is gone, is filled by filters, or must not be made", async () => {
  await expect(deliver("list", batch("add", [person("ann")]), { remote: { id: "9" } })).rejects.toMatchObject(
    stopped("E811"),
  );
  fake.state.lists.set("5", { name: "Active", processingType: "DYNAMIC", members: new Set() });
  await expect(ensure({ name: "Active" })).rejects.toMatchObject(stopped("E810"));
  await expect(ensure({ name: "None", create: false })).rejects.toMatchObject(stopped("E810"));
});

it("looks values up", async () => {
  await deliver("contact", batch("add", [person("ann")]));
  const found = object(hubspot, "contact", settings()).lookup!(
    "email",
    ["ann@example.com", "zoe@example.com"],
    context(hubspot, settings()),
  );
  expect([...(await drive(found, driver))]).toEqual([["ann@example.com", "101"]]);
  expect(sentTo("batch/read")).toBe(1);
});

const firm = (domain: string, more = {}) => change(domain, { identifiers: { domain }, ...more });

it("searches companies by domain, makes those that are not there, and moves one to its new domain", async () => {
  fake.state.companies.set("40", { domain: "Acme.example", name: "Older" });
  fake.state.companies.set("50", { domain: "acme.example", name: "Newer" });
  const sent = [firm("acme.example", { fields: { name: "Acme" } }), firm("new.example", { fields: { name: "New" } })];
  for (let times = 0; times < 2; times++)
    expect(await deliver("company", batch("add", sent))).toEqual([
      { status: "accepted", remoteId: "40" },
      { status: "accepted", remoteId: "101" },
    ]);
  expect(fake.state.companies.get("40")).toEqual({ domain: "acme.example", name: "Acme" });
  const before = { ids: [{ kind: "domain", value: "new.example", version: 1 }], remoteId: "101" };
  await deliver("company", batch("update", [firm("newer.example", { before })]));
  expect(fake.state.companies.get("101")).toEqual({ domain: "newer.example", name: "New" });
  expect(await deliver("company", batch("remove", [firm("newer.example"), firm("gone.example")]))).toEqual([
    { status: "accepted" },
    { status: "accepted" },
  ]);
  expect([...fake.state.companies.keys()]).toEqual(["40", "50"]);
});

it("does not repeat a request that makes companies", async () => {
  const spec = object(hubspot, "company", settings()).deliver(
    batch("add", [firm("new.example")]),
    context(hubspot, settings()),
  );
  const search = spec.next().value;
  expect(search).toMatchObject({ http: { method: "POST", url: expect.stringMatching(/search$/) } });
  const made = spec.next({ status: 200, headers: {}, body: { results: [] }, text: "" }).value;
  expect(made).toMatchObject({ http: { url: expect.stringMatching(/batch\/create$/), once: true } });
});

const machines = { remoteConfig: { custom_object: "p_machines", id_property: "serial" } };

it("upserts records of a custom object by its unique property", async () => {
  const machine = change("1", { identifiers: { id: "AB-1" }, fields: { state: "sold" } });
  for (let times = 0; times < 2; times++)
    expect(await deliver("custom", batch("add", [machine]), machines)).toEqual([
      { status: "accepted", remoteId: "101" },
    ]);
  expect([...(fake.state.custom.get("p_machines") ?? [])]).toEqual([["101", { serial: "AB-1", state: "sold" }]]);
  await deliver("custom", batch("remove", [machine]), machines);
  expect(fake.state.custom.get("p_machines")?.size).toBe(0);
});

const works = (name: string, domain: string, more = {}) =>
  change(`${name}@${domain}`, { identifiers: { from: `${name}@example.com`, to: domain }, ...more });
const atWork = { from: "contact", to: "company" };

it.each([
  ["without a label", atWork, ""],
  ["with one", { ...atWork, type: "USER_DEFINED:27" }, "USER_DEFINED:27"],
])("associates contacts with companies %s, twice as once, and takes them apart", async (_, remoteConfig, label) => {
  await deliver("contact", batch("add", [person("ann"), person("bob")]));
  await deliver("company", batch("add", [firm("acme.example")]));
  const sent = batch("add", [works("ann", "acme.example"), works("bob", "acme.example"), works("zoe", "acme.example")]);
  fake.state.refuse.add("102/103");
  for (let times = 0; times < 2; times++)
    expect(await deliver("association", sent, { remoteConfig })).toEqual([
      { status: "accepted", remoteId: "101/103" },
      { status: "rejected", code: "OBJECT_NOT_FOUND", message: "no such record", each: true },
      { status: "rejected", code: "lookup_missed", message: "a record of the pair is not there", each: true },
    ]);
  expect([...fake.state.associations].map(([pair, labels]) => [pair, [...labels]])).toEqual([["101/103", [label]]]);
  fake.state.associations.get("101/103")?.add("USER_DEFINED:99");
  // Ann's address is another by now: she is taken apart by the ids that the ledger kept.
  fake.state.contacts.set("101", { email: "anna@example.com" });
  const ids = [{ kind: "from+to", value: '["ann@example.com","acme.example"]', version: 1 }];
  const left = works("ann", "acme.example", { before: { ids, remoteId: "101/103" } });
  expect(await deliver("association", batch("remove", [left, works("zoe", "acme.example")]), { remoteConfig })).toEqual(
    [{ status: "accepted", remoteId: "101/103" }, { status: "accepted" }],
  );
  // Without a label HubSpot only takes all of a pair's associations apart.
  expect([...(fake.state.associations.get("101/103") ?? [])]).toEqual(label === "" ? [] : ["USER_DEFINED:99"]);
});

it("counts a list", async () => {
  const remote = await ensure({ name: "VIP" });
  await deliver("list", batch("add", [person("ann"), person("bob")]), { remote });
  const measured = object(hubspot, "list", settings()).measure!(context(hubspot, settings(), { remote }));
  expect(await drive(measured, driver)).toEqual({ sizeLow: 2, sizeHigh: 2 });
});

it("looks companies up however their address is written", async () => {
  await deliver("company", batch("add", [firm("acme.example")]));
  const { lookup } = object(hubspot, "company", settings());
  const found = lookup!("domain", ["https://www.Acme.example/", "none.example"], context(hubspot, settings()));
  expect([...(await drive(found, driver))]).toEqual([["https://www.Acme.example/", "101"]]);
});

it("names the scopes that are missing", async () => {
  const context_ = { requiredGranularScopes: ["crm.objects.contacts.read"] };
  const body = { category: "MISSING_SCOPES", message: "not granted all scopes:", errors: [{ context: context_ }] };
  fake.fail({ status: 403, body });
  await expect(check(token)).rejects.toMatchObject({
    diagnostics: [{ code: "E813", message: expect.stringMatching(/crm\.objects\.contacts\.read$/) }],
  });
});

it("takes paths of a dated version", async () => {
  const dated = { ...settings(), api_version: "2026-03" };
  const spec = object(hubspot, "contact", dated).deliver(batch("add", [person("ann")]), context(hubspot, dated));
  expect(spec.next().value).toMatchObject({ http: { url: `${fake.url}/crm/objects/2026-03/contacts/batch/upsert` } });
});

const check = (access_token: string) =>
  drive(hubspot.check!({ config: configOf(hubspot, settings()) }), {
    destination: hubspot,
    credentials: { access_token },
  });

it("checks its token", async () => {
  expect(await check(token)).toEqual([{ ok: true, message: "reads contacts" }]);
  expect(await check("wrong")).toMatchObject([{ ok: false }]);
});
