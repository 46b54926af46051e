import { afterEach, beforeEach, expect, it } from "vitest";
import brevo from "../../destinations/brevo.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeBrevo } from "../fakes/brevo.ts";

const person = (name: string, fields = {}, more = {}) =>
  change(name, { identifiers: { email: `${name}@example.com` }, fields, ...more });
let fake: Awaited<ReturnType<typeof startFakeBrevo>>;
beforeEach(async () => {
  fake = await startFakeBrevo({ key: "xkeysib-fake" });
});
afterEach(() => fake.close());

const checkpoints: unknown[] = [];
const driver = { destination: brevo, credentials: { api_key: "xkeysib-fake" }, checkpoints };
const settings = (more = {}) => ({
  base_url: fake.url,
  allow_private_network: true,
  download_hosts: [new URL(fake.state.files.url).host],
  ...more,
});
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}, config = {}) =>
  drive(object(brevo, name, settings(config)).deliver(sent, context(brevo, settings(config), more)), {
    ...driver,
    config: settings(config),
  });
const ensure = (remoteConfig: Record<string, string | boolean>) =>
  drive(object(brevo, "list", settings()).ensure!(context(brevo, settings(), { remoteConfig })), driver);
const begun = () => fake.requests.filter(({ path }) => path.endsWith("/import")).length;
const statuses = (outcomes: readonly { status: string }[]) => outcomes.map(({ status }) => status);
const before = (name: string) => ({ before: { ids: [{ kind: "email", value: `${name}@example.com`, version: 1 }] } });

it("changes a contact's e-mail in place, and makes it anew where it was deleted there", async () => {
  await deliver("contact", batch("add", [person("ann", { tier: "gold" })]));
  await deliver("contact", batch("update", [person("anna", { tier: "x" }, before("ann"))]));
  expect([...fake.state.contacts.values()]).toMatchObject([{ email: "anna@example.com", attributes: { TIER: "x" } }]);
  expect(statuses(await deliver("contact", batch("update", [person("zoe", {}, before("zo"))])))).toEqual(["accepted"]);
  expect(fake.state.contacts.size).toBe(2);
});

it("never renames a contact because a list member got another e-mail", async () => {
  const remote = await ensure({ name: "VIP" });
  await deliver("list", batch("add", [person("ann")]), { remote });
  await deliver("list", batch("add", [person("anna", {}, before("ann"))]), { remote });
  expect([...fake.state.contacts.values()].map(({ email }) => email)).toEqual(["ann@example.com", "anna@example.com"]);
});

it.each([0, 100])("fills a list, twice as once, and leaving it only leaves it (%i)", async (single_imports) => {
  const remote = await ensure({ name: "VIP" });
  expect(await ensure({ name: "VIP" })).toEqual(remote);
  const { members } = fake.state.lists.get(Number(remote.id))!;
  for (let times = 0; times < 2; times++) {
    const joined = await deliver("list", batch("add", [person("ann"), person("bob")]), { remote }, { single_imports });
    expect(statuses(joined)).toEqual(["accepted", "accepted"]);
    expect(members.size).toBe(2);
  }
  for (let times = 0; times < 2; times++) {
    const left = await deliver("list", batch("remove", [person("ann"), person("zoe")]), { remote });
    expect(statuses(left)).toEqual(["accepted", "accepted"]);
    expect(members.size).toBe(1);
  }
  expect(fake.state.contacts.size).toBe(2);
});

it("takes out more than a request holds, and says the same of a repeated row", async () => {
  const remote = await ensure({ name: "VIP" });
  const people = Array.from({ length: 301 }, (_, index) => person(`p${index % 300}`));
  await deliver("list", batch("add", people), { remote });
  expect(statuses(await deliver("list", batch("remove", people), { remote }))).toEqual(people.map(() => "accepted"));
  expect(fake.requests.filter(({ path }) => path.endsWith("/remove"))).toHaveLength(2);
  expect((await deliver("list", batch("remove", people), { remote }))[300]).toEqual({ status: "accepted" });
});

it("keeps the blocklist of somebody who is written and taken out again", async () => {
  const remote = await ensure({ name: "VIP" });
  fake.state.contacts.set(70, { email: "ann@example.com", attributes: {}, emailBlacklisted: true });
  for (const single_imports of [0, 100])
    await deliver("list", batch("add", [person("ann", { vip: true })]), { remote }, { single_imports });
  await deliver("list", batch("remove", [person("ann")]), { remote });
  await deliver("contact", batch("update", [person("ann", { vip: false })]));
  expect(fake.state.contacts.get(70)).toEqual({
    email: "ann@example.com",
    attributes: { VIP: false },
    emailBlacklisted: true,
  });
});

it("empties attributes by import only where a NULL is sent", async () => {
  const remote = await ensure({ name: "VIP" });
  const config = { single_imports: 0 };
  await deliver("list", batch("add", [person("ann", { tier: "gold" })]), { remote }, config);
  await deliver("list", batch("add", [person("ann", { tier: "" })]), { remote }, config);
  expect([...fake.state.contacts.values()]).toMatchObject([{ attributes: { TIER: "gold" } }]);
  await deliver("list", batch("update", [person("ann", { tier: null })]), { remote }, config);
  expect([...fake.state.contacts.values()]).toMatchObject([{ attributes: {} }]);
});

it("imports new contacts where a list for it is named, never changed ones", async () => {
  const remote = await ensure({ name: "Imported" });
  const config = { single_imports: 0, import_list: Number(remote.id) };
  await deliver("contact", batch("add", [person("ann"), person("bob")]), {}, config);
  expect(begun()).toBe(1);
  await deliver("contact", batch("update", [person("anna", {}, before("ann"))]), {}, config);
  expect(begun()).toBe(1);
  expect([...fake.state.contacts.values()].map(({ email }) => email)).toEqual(["anna@example.com", "bob@example.com"]);
});

const refused = (code: string, message = "Brevo refused contacts of this import") => ({
  status: "rejected",
  code,
  message,
  each: true,
});
const three = () => batch("add", [person("ann"), person("bob"), person("cy")]);
const imported = (config = {}) => deliver("list", three(), { remote: { id: "9" } }, { single_imports: 0, ...config });

it("tells whom an import refused by the files that name them, the others are accepted", async () => {
  fake.state.lists.set(9, { name: "VIP", members: new Set() });
  fake.state.refuse.add("bob@example.com");
  fake.state.taken.add("cy@example.com");
  expect(await imported()).toEqual([{ status: "accepted" }, refused("invalid_emails"), refused("duplicate_email_id")]);
  expect(begun()).toBe(1);
  expect(fake.state.files.requests).toHaveLength(2);
  for (const { headers } of fake.state.files.requests) expect(JSON.stringify(headers)).not.toMatch(/xkeysib|api-key/);
});

it("imports one contact an address, the last row's", async () => {
  fake.state.lists.set(9, { name: "VIP", members: new Set() });
  const twice = batch("add", [person("ann", { tier: "old" }), person("ann", { tier: "new" })]);
  const outcomes = await deliver("list", twice, { remote: { id: "9" } }, { single_imports: 0 });
  expect(statuses(outcomes)).toEqual(["accepted", "accepted"]);
  expect(fake.requests[0]?.body.jsonBody).toEqual([{ email: "ann@example.com", attributes: { TIER: "new" } }]);
});

const csv = (body: string) => ({ status: 200, headers: { "content-type": "text/csv" }, body });
it.each<[string, Parameters<typeof fake.fail>[0], string]>([
  ["gone", { status: 404 }, "E820: the file at "],
  ["broken", csv('EMAIL;X\r\n"bob@example.com'), "its file does not say which"],
  ["about somebody else too", csv("EMAIL\nbob@example.com\nzoe@example.com\n"), "its file does not say which"],
  ["empty", csv("EMAIL\n"), "its file does not say which"],
  ["too large", csv(`EMAIL\n${"bob@example.com\n".repeat(700_000)}`), "E820: the file at "],
])("accepts nobody of an import whose file is %s, so that the engine halves it", async (_, fault, why) => {
  fake.state.lists.set(9, { name: "VIP", members: new Set() });
  fake.state.refuse.add("bob@example.com");
  fake.state.files.fail(fault);
  const message = expect.stringContaining(`Brevo refused contacts of this import; ${why}`);
  expect(await imported()).toEqual(
    three().changes.map(() => ({ status: "rejected", code: "import_refused_rows", message, partly: true })),
  );
});

it("accepts nobody of an import whose file is at a host that is not declared, and does not go there", async () => {
  fake.state.lists.set(9, { name: "VIP", members: new Set() });
  fake.state.refuse.add("bob@example.com");
  const outcomes = await imported({ download_hosts: ["files.example.net"] });
  expect(outcomes).toEqual(
    three().changes.map(() => expect.objectContaining({ message: expect.stringContaining("; E816: a file at ") })),
  );
  expect(fake.state.files.requests).toEqual([]);
});

it("resumes an import from its checkpoint instead of beginning another", async () => {
  const remote = await ensure({ name: "VIP" });
  const sent = batch("add", [person("ann")]);
  await deliver("list", sent, { remote }, { single_imports: 0 });
  await deliver("list", sent, { remote, checkpoint: checkpoints.at(-1) }, { single_imports: 0 });
  expect(begun()).toBe(1);
});

it("begins an import anew where Brevo has forgotten the one of an earlier run", async () => {
  const remote = await ensure({ name: "VIP" });
  const more = { remote, checkpoint: { job: 4711 } };
  expect(await deliver("list", batch("add", [person("ann")]), more, { single_imports: 0 })).toEqual([
    { status: "accepted" },
  ]);
  expect(fake.state.lists.get(Number(remote.id))?.members.size).toBe(1);
});

it("leaves an import that goes on and on in doubt", async () => {
  const remote = await ensure({ name: "VIP" });
  fake.state.polls = 1000;
  const outcomes = await deliver("list", batch("add", [person("ann")]), { remote }, { single_imports: 0 });
  expect(statuses(outcomes)).toEqual(["unknown"]);
});

it.each([
  [{ status: 429, headers: { "retry-after": "1" } }, "deferred"],
  [{ status: 500 }, "unknown"],
  [{ applied: "broken" }, "unknown"],
  [{ status: 202, body: {} }, "unknown"],
] as const)("%j is %s", async (fault, expected) => {
  const remote = await ensure({ name: "VIP" });
  for (const single_imports of [0, 100]) {
    fake.fail(fault);
    const outcomes = await deliver("list", batch("add", [person("ann")]), { remote }, { single_imports });
    expect(statuses(outcomes)).toEqual([expected]);
  }
});

it("finds a list behind the first page, measures it, and stops where several have its name", async () => {
  for (let id = 200; id < 260; id++) fake.state.lists.set(id, { name: `List ${id}`, members: new Set([1, 2]) });
  expect(await ensure({ name: "List 255" })).toEqual({ id: "255" });
  const ctx = context(brevo, settings(), { remote: { id: "255" } });
  expect(await drive(object(brevo, "list", settings()).measure!(ctx), driver)).toEqual({ sizeLow: 2, sizeHigh: 2 });
  fake.state.lists.set(300, { name: "List 200", members: new Set() });
  await expect(ensure({ name: "List 200" })).rejects.toThrow(/2 lists/);
  await expect(ensure({ name: "None", create: false })).rejects.toThrow(/no list/);
});

const check = (api_key: string) =>
  drive(brevo.check!({ config: configOf(brevo, settings()) }), { destination: brevo, credentials: { api_key } });

it("checks its key", async () => {
  expect(await check("xkeysib-fake")).toEqual([{ ok: true, message: "reads lists" }]);
  expect(await check("wrong")).toMatchObject([{ ok: false }]);
});
