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
const settings = () => ({ base_url: fake.url, allow_private_network: true });
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}) =>
  drive(object(sendgrid, name, settings()).deliver(sent, context(sendgrid, settings(), more)), driver);
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

it.each([
  [["ann", "bob"], "job_errored"],
  [["bob"], "job_failed"],
])("refuses the whole of %j, so that the engine halves it (%s)", async (names, code) => {
  fake.state.refuse.add("bob@example.com");
  const outcomes = await deliver(
    "contact",
    batch(
      "add",
      names.map((name) => person(name)),
    ),
  );
  expect(outcomes).toEqual(
    names.map(() => ({ status: "rejected", code, message: "SendGrid refused contacts of this job" })),
  );
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
