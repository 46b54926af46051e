import { afterEach, beforeEach, expect, it } from "vitest";
import activecampaign from "../../destinations/activecampaign.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeActivecampaign } from "../fakes/activecampaign.ts";

const person = (name: string, fields = {}, more = {}) =>
  change(name, { identifiers: { email: `${name}@example.com` }, fields, ...more });
let fake: Awaited<ReturnType<typeof startFakeActivecampaign>>;
beforeEach(async () => {
  fake = await startFakeActivecampaign({ token: "fake" });
});
afterEach(() => fake.close());

const checkpoints: unknown[] = [];
const driver = { destination: activecampaign, credentials: { api_token: "fake" }, checkpoints };
const settings = (more = {}) => ({ account: "lab", base_url: fake.url, allow_private_network: true, ...more });
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}, config = {}) =>
  drive(
    object(activecampaign, name, settings(config)).deliver(sent, context(activecampaign, settings(config), more)),
    driver,
  );
const ensure = (name: string, remoteConfig: Record<string, string | boolean>) =>
  drive(
    object(activecampaign, name, settings()).ensure!(context(activecampaign, settings(), { remoteConfig })),
    driver,
  );
const begun = () => fake.requests.filter(({ path }) => path.endsWith("/bulk_import")).length;
const statuses = (outcomes: readonly { status: string }[]) => outcomes.map(({ status }) => status);
const before = (name: string, remoteId?: string) => ({
  before: {
    ids: [{ kind: "email", value: `${name}@example.com`, version: 1 }],
    ...(remoteId === undefined ? {} : { remoteId }),
  },
});
const emails = () => [...fake.state.contacts.values()].map(({ email }) => email);

it.each([0, 9])("writes contacts twice as once, each with its fate (one by one up to %i)", async (single_imports) => {
  fake.state.refuse.add("bob@example.com");
  const sent = batch("add", [person("ann", { first_name: "Ann", "7": "gold" }), person("bob"), person("cy")]);
  for (let times = 0; times < 2; times++)
    expect(statuses(await deliver("contact", sent, {}, { single_imports }))).toEqual([
      "accepted",
      "rejected",
      "accepted",
    ]);
  expect([...fake.state.contacts.values()]).toEqual([
    { email: "ann@example.com", fields: { firstName: "Ann", 7: "gold" } },
    { email: "cy@example.com", fields: {} },
  ]);
  expect(begun()).toBe(single_imports === 0 ? 2 : 0);
});

it("changes a contact's e-mail in place, also one that was imported, and never by import", async () => {
  const config = { single_imports: 0 };
  await deliver("contact", batch("add", [person("ann", { "7": "gold" })]), {}, config);
  await deliver("contact", batch("update", [person("anna", {}, before("ann"))]), {}, config);
  expect([...fake.state.contacts.values()]).toEqual([{ email: "anna@example.com", fields: { 7: "gold" } }]);
  await deliver("contact", batch("add", [person("bob")]));
  const taken = await deliver("contact", batch("update", [person("bob", {}, before("anna"))]));
  expect(taken).toMatchObject([{ status: "rejected", code: "field_invalid" }]);
});

it("deletes contacts, twice as once, and makes nobody in mode update", async () => {
  await deliver("contact", batch("add", [person("ann"), person("bob")]));
  for (let times = 0; times < 2; times++)
    expect(statuses(await deliver("contact", batch("remove", [person("ann")])))).toEqual(["accepted"]);
  expect(emails()).toEqual(["bob@example.com"]);
  const sent = batch("update", [person("zoe"), person("bob", { phone: "1" })]);
  expect(statuses(await deliver("contact", sent, { mode: "update" }, { single_imports: 0 }))).toEqual([
    "skipped",
    "accepted",
  ]);
  expect([...fake.state.contacts.values()]).toEqual([{ email: "bob@example.com", fields: { phone: "1" } }]);
});

it("fills a list, twice as once, and leaves out whoever has unsubscribed", async () => {
  const remote = await ensure("list", { name: "Everybody" });
  expect(remote).toEqual({ id: "3" });
  await deliver("contact", batch("add", [person("ann")]));
  const list = fake.state.lists.get(3)!;
  const [ann] = [...fake.state.contacts.keys()] as [number];
  list.left.add(ann);
  for (let times = 0; times < 2; times++) {
    const joined = await deliver("list", batch("add", [person("ann", { first_name: "Ann" }), person("bob")]), {
      remote,
    });
    expect(statuses(joined)).toEqual(["accepted", "accepted"]);
  }
  expect([...list.active].map((id) => fake.state.contacts.get(id)?.email)).toEqual(["bob@example.com"]);
  expect([...list.left]).toEqual([ann]);
});

it("takes nobody out of a list, since that would unsubscribe, and says so", async () => {
  const remote = { id: "3" };
  await deliver("list", batch("add", [person("ann")]), { remote });
  const sent = fake.requests.length;
  expect(await deliver("list", batch("remove", [person("ann")]), { remote })).toMatchObject([
    { status: "rejected", code: "leaving_unsubscribes" },
  ]);
  expect(fake.requests.length).toBe(sent);
  expect(fake.state.lists.get(3)).toMatchObject({ active: { size: 1 }, left: { size: 0 } });
  expect(activecampaign.objects["list"]?.ops).toEqual(["add", "update"]);
});

it("makes no list, and stops where there is none", async () => {
  await expect(ensure("list", { name: "None" })).rejects.toThrow(/no list "None"/);
});

it("tags and untags by the id of the two, twice as once, and deletes nobody", async () => {
  const remote = await ensure("tag", { name: "VIP" });
  expect(await ensure("tag", { name: "VIP" })).toEqual(remote);
  const had = () => [...fake.state.contactTags.values()].map(({ contact }) => fake.state.contacts.get(contact)?.email);
  let kept: readonly unknown[] = [];
  for (let times = 0; times < 2; times++) {
    kept = await deliver("tag", batch("add", [person("ann", { first_name: "Ann" }), person("bob")]), { remote });
    expect(had()).toEqual(["ann@example.com", "bob@example.com"]);
  }
  const [first] = kept as [{ remoteId: string }];
  for (let times = 0; times < 2; times++) {
    const sent = batch("remove", [person("ann", {}, before("ann", first.remoteId)), person("zoe")]);
    expect(await deliver("tag", sent, { remote })).toEqual([{ status: "accepted" }, { status: "accepted" }]);
    expect(had()).toEqual(["bob@example.com"]);
  }
  expect(await deliver("tag", batch("remove", [person("bob")]), { remote })).toEqual([{ status: "accepted" }]);
  expect(had()).toEqual([]);
  expect(emails()).toEqual(["ann@example.com", "bob@example.com"]);
});

it("takes a tag off an old e-mail without touching the contact of the new one", async () => {
  const remote = await ensure("tag", { name: "VIP" });
  await deliver("tag", batch("add", [person("ann")]), { remote });
  const [now] = await deliver("tag", batch("add", [person("anna", {}, before("ann"))]), { remote });
  const ids = ["ann", "anna"].map((name) => ({ kind: "email", value: `${name}@example.com`, version: 1 }));
  const held = { before: { ids, remoteId: now?.status === "accepted" ? now.remoteId! : "" } };
  await deliver("tag", batch("remove", [person("ann", {}, held)]), { remote });
  expect([...fake.state.contactTags.values()].map(({ contact }) => fake.state.contacts.get(contact)?.email)).toEqual([
    "anna@example.com",
  ]);
});

it("takes no tag that somebody else made", async () => {
  fake.state.tags.set(9, { name: "VIP", description: "by hand" });
  await expect(ensure("tag", { name: "VIP" })).rejects.toThrow(/was not made by this sync/);
  expect(await ensure("tag", { id: "9" })).toEqual({ id: "9" });
});

it("resumes an import from its checkpoint, and begins anew where it is forgotten", async () => {
  const sent = batch("add", [person("ann")]);
  const remote = { id: "3" };
  await deliver("list", sent, { remote });
  await deliver("list", sent, { remote, checkpoint: checkpoints.at(-1) });
  expect(begun()).toBe(1);
  expect(statuses(await deliver("list", sent, { remote, checkpoint: { job: "gone" } }))).toEqual(["accepted"]);
  expect(begun()).toBe(2);
});

it("imports each address once, and tells every row of it", async () => {
  const sent = batch("add", [person("ann", { first_name: "A" }), person("ann", { first_name: "B" })]);
  expect(statuses(await deliver("list", sent, { remote: { id: "3" } }))).toEqual(["accepted", "accepted"]);
  expect(fake.requests[0]?.body.contacts).toHaveLength(1);
});

it("knows throttling that comes as HTTP 400", () => {
  const answer = (message: string) => ({ status: 400, headers: {}, body: { success: 0, message }, text: "" });
  expect(activecampaign.classify?.(answer("Rate limit exceeded."))).toBe("throttled");
  expect(activecampaign.classify?.(answer("JSON payload did not pass validation."))).toBeUndefined();
});

it.each([
  [{ status: 429, headers: { "retry-after": "1" } }, "deferred"],
  [{ status: 500 }, "unknown"],
  [{ applied: "broken" }, "unknown"],
  [{ status: 200, body: { Success: 1 } }, "unknown"],
] as const)("%j is %s", async (fault, expected) => {
  for (const single_imports of [0, 9]) {
    fake.fail(fault);
    expect(statuses(await deliver("contact", batch("add", [person("ann")]), {}, { single_imports }))).toEqual([
      expected,
    ]);
  }
});

const check = (api_token: string) =>
  drive(activecampaign.check!({ config: configOf(activecampaign, settings()) }), {
    destination: activecampaign,
    credentials: { api_token },
  });

it("checks its key", async () => {
  expect(await check("fake")).toEqual([{ ok: true, message: "reads lists" }]);
  await expect(check("wrong")).rejects.toMatchObject({ diagnostics: [{ code: "E813" }] });
});
