import { afterEach, beforeEach, expect, it } from "vitest";
import sendgrid from "../../destinations/sendgrid.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeSendgrid } from "../fakes/sendgrid.ts";

const person = (name: string, fields = {}) => change(name, { identifiers: { email: `${name}@example.com` }, fields });
let fake: Awaited<ReturnType<typeof startFakeSendgrid>>;
beforeEach(async () => {
  fake = await startFakeSendgrid({ key: "SG.fake" });
});
afterEach(() => fake.close());

const checkpoints: unknown[] = [];
const driver = { destination: sendgrid, credentials: { api_key: "SG.fake" }, checkpoints };
const settings = () => ({
  base_url: fake.url,
  allow_private_network: true,
  download_hosts: [new URL(fake.state.files.url).host],
});
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}, config = settings()) =>
  drive(object(sendgrid, name, config).deliver(sent, context(sendgrid, config, more)), { ...driver, config });
const ensure = (remoteConfig: Record<string, string | boolean>) =>
  drive(object(sendgrid, "list", settings()).ensure!(context(sendgrid, settings(), { remoteConfig })), driver);
const begun = () => fake.requests.filter(({ method }) => method === "PUT").length;
const statuses = (outcomes: readonly { status: string }[]) => outcomes.map(({ status }) => status);

it("writes contacts with own and custom fields, twice as once, and empties them", async () => {
  for (let times = 0; times < 2; times++)
    await deliver("contact", batch("add", [person("ann", { first_name: "Ann", tier: "gold", points: "7" })]));
  expect([...fake.state.contacts.values()]).toEqual([
    { email: "ann@example.com", first_name: "Ann", w1: "gold", w2: 7 },
  ]);
  await deliver("contact", batch("update", [person("ann", { first_name: null, tier: null })]));
  expect([...fake.state.contacts.values()]).toEqual([{ email: "ann@example.com", w2: 7 }]);
});

it("sends one contact an address, the last row's, and tells both rows", async () => {
  const sent = batch("add", [person("ann", { first_name: "A" }), person("ann", { first_name: "B" })]);
  expect(statuses(await deliver("contact", sent))).toEqual(["accepted", "accepted"]);
  expect(fake.requests[0]?.body.contacts).toEqual([{ email: "ann@example.com", first_name: "B" }]);
});

const refused = (code: string) => ({ status: "rejected", code, message: "<email> cannot be mailed", each: true });
const three = () => batch("add", [person("ann"), person("bob"), person("cy")]);

it("tells the contacts that a job refused in SendGrid's words, the others are accepted", async () => {
  fake.state.refuse.add("bob@example.com");
  expect(await deliver("contact", three())).toEqual([
    { status: "accepted" },
    refused("job_errored"),
    { status: "accepted" },
  ]);
  expect(begun()).toBe(1);
  expect(await deliver("contact", batch("add", [person("bob")]))).toEqual([refused("job_failed")]);
  for (const { headers } of fake.state.files.requests)
    expect(JSON.stringify(headers)).not.toMatch(/SG\.fake|authorization/);
});

it("refuses both rows of one refused contact, and all of a job that failed", async () => {
  fake.state.refuse.add("ann@example.com").add("bob@example.com");
  const twice = batch("add", [person("ann"), person("bob"), person("ann", { city: "Rome" })]);
  expect(await deliver("contact", twice)).toEqual(twice.changes.map(() => refused("job_failed")));
});

const halved = (why: string) =>
  three().changes.map(() => ({
    status: "rejected",
    code: "job_errored",
    partly: true,
    message: expect.stringContaining(`SendGrid refused contacts of this job; ${why}`),
  }));

it.each<[string, Parameters<typeof fake.fail>[0], string]>([
  ["gone", { status: 404 }, "E820: the file at "],
  [
    "broken",
    { status: 200, headers: { "content-type": "text/csv" }, body: 'email,error\n"bob' },
    "its file does not say which",
  ],
  [
    "about fewer than were refused",
    { status: 200, headers: { "content-type": "text/csv" }, body: "email\nbob@example.com\n" },
    "its file names 1 of 2 that were refused",
  ],
  [
    "too large",
    { status: 200, headers: { "content-type": "text/csv" }, body: `email\n${"bob@example.com\n".repeat(700_000)}` },
    "E820: the file at ",
  ],
])("accepts nobody of a job whose file is %s, so that the engine halves it", async (_, fault, why) => {
  fake.state.refuse.add("bob@example.com").add("cy@example.com");
  fake.state.files.fail(fault);
  expect(await deliver("contact", three())).toEqual(halved(why));
});

it("accepts nobody of a job whose file is at a host that is not declared, and does not go there", async () => {
  fake.state.refuse.add("bob@example.com");
  expect(await deliver("contact", three(), {}, { ...settings(), download_hosts: ["files.example.net"] })).toEqual(
    halved("E816: a file at "),
  );
  expect(fake.state.files.requests).toEqual([]);
});

it("fills a list, twice as once, and leaving it only leaves it", async () => {
  for (const name of ["A", "B", "C"]) await ensure({ name });
  const remote = await ensure({ name: "VIP" });
  expect(await ensure({ name: "VIP" })).toEqual(remote);
  const { members } = fake.state.lists.get(remote.id)!;
  for (let times = 0; times < 2; times++) {
    await deliver("list", batch("add", [person("ann"), person("bob")]), { remote });
    expect(members.size).toBe(2);
  }
  const ctx = context(sendgrid, settings(), { remote });
  expect(await drive(object(sendgrid, "list", settings()).measure!(ctx), driver)).toEqual({ sizeLow: 2, sizeHigh: 2 });
  for (let times = 0; times < 2; times++) {
    const left = await deliver("list", batch("remove", [person("ann"), person("zoe")]), { remote });
    expect(statuses(left)).toEqual(["accepted", "accepted"]);
    expect(members.size).toBe(1);
  }
  expect(fake.state.contacts.size).toBe(2);
  expect(fake.requests.filter(({ path }) => /asm|suppression/.test(path))).toEqual([]);
});

it("asks for a hundred addresses and takes out as many at once", async () => {
  const remote = await ensure({ name: "VIP" });
  const people = Array.from({ length: 250 }, (_, index) => person(`p${index}`));
  await deliver("list", batch("add", people), { remote });
  await deliver("list", batch("remove", people), { remote });
  expect(fake.state.lists.get(remote.id)?.members.size).toBe(0);
  expect(fake.requests.filter(({ path }) => path.endsWith("/search/emails"))).toHaveLength(3);
  expect(fake.requests.filter(({ method }) => method === "DELETE")).toHaveLength(3);
});

it("deletes contacts by a job that it waits for; nobody there is no error", async () => {
  await deliver("contact", batch("add", [person("ann"), person("bob")]));
  for (let times = 0; times < 2; times++)
    expect(statuses(await deliver("contact", batch("remove", [person("ann")])))).toEqual(["accepted"]);
  expect([...fake.state.contacts.values()]).toEqual([{ email: "bob@example.com" }]);
  fake.state.polls = 1000;
  expect(statuses(await deliver("contact", batch("remove", [person("bob")])))).toEqual(["unknown"]);
});

it("resumes a job from its checkpoint, and begins anew where SendGrid has forgotten it", async () => {
  const sent = batch("add", [person("ann")]);
  await deliver("contact", sent);
  await deliver("contact", sent, { checkpoint: checkpoints.at(-1) });
  expect(begun()).toBe(1);
  expect(statuses(await deliver("contact", sent, { checkpoint: { job: "long-gone" } }))).toEqual(["accepted"]);
  expect(begun()).toBe(2);
});

it("rejects what is too long before it is sent", () => {
  const { fields } = sendgrid.objects["contact"]!;
  expect(fields["first_name"]?.encode("x".repeat(51))).toEqual({ reject: "longer than 50 characters" });
  expect(fields["address_line_1"]?.encode("x".repeat(100))).toEqual({ value: "x".repeat(100) });
});

it.each([
  [{ status: 429, headers: { "retry-after": "1" } }, "deferred"],
  [{ status: 500 }, "unknown"],
  [{ applied: "broken" }, "unknown"],
  [{ status: 202, body: {} }, "unknown"],
] as const)("%j is %s for all", async (fault, expected) => {
  fake.fail({ ...fault, on: "PUT" });
  expect(statuses(await deliver("contact", batch("add", [person("ann"), person("bob")])))).toEqual([
    expected,
    expected,
  ]);
});

it("stops where several lists have the name, or none may be made", async () => {
  for (const id of ["a", "b"]) fake.state.lists.set(id, { name: "VIP", members: new Set() });
  await expect(ensure({ name: "VIP" })).rejects.toThrow(/2 lists/);
  await expect(ensure({ name: "None", create: false })).rejects.toThrow(/no list/);
});

const check = (api_key: string) =>
  drive(sendgrid.check!({ config: configOf(sendgrid, settings()) }), {
    destination: sendgrid,
    credentials: { api_key },
  });

it("checks its key", async () => {
  expect(await check("SG.fake")).toEqual([{ ok: true, message: "reads lists" }]);
  expect(await check("wrong")).toMatchObject([{ ok: false }]);
});
