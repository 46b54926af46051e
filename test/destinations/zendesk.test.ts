import { afterEach, beforeEach, expect, it } from "vitest";
import zendesk from "../../destinations/zendesk.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeZendesk } from "../fakes/zendesk.ts";

const person = (name: string, fields = {}, more = {}) =>
  change(name, { identifiers: { email: `${name}@example.com` }, fields, ...more });
const authorization = `Basic ${Buffer.from("agent@example.com/token:secret").toString("base64")}`;
let fake: Awaited<ReturnType<typeof startFakeZendesk>>;
beforeEach(async () => {
  fake = await startFakeZendesk({ authorization });
});
afterEach(() => fake.close());

const credentials = { email: "agent@example.com", api_token: "secret" };
const checkpoints: unknown[] = [];
const driver = { destination: zendesk, credentials, checkpoints };
const settings = (more = {}) => ({ subdomain: "lab", base_url: fake.url, allow_private_network: true, ...more });
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}, config = {}) =>
  drive(object(zendesk, name, settings(config)).deliver(sent, context(zendesk, settings(config), more)), driver);
const paths = () => fake.requests.map(({ method, path }) => `${method} ${path.split("?")[0]}`);
const before = (name: string, remoteId: string) => ({
  before: { ids: [{ kind: "email", value: `${name}@example.com`, version: 1 }], remoteId },
});
const statuses = (outcomes: readonly { status: string }[]) => outcomes.map(({ status }) => status);

it.each([true, false])("writes users twice as once, with each one's verdict (jobs: %s)", async (bulk_users) => {
  fake.state.refuse.add("bob@example.com");
  const sent = batch("add", [person("ann", { name: "Ann", tier: "gold" }), person("bob"), person("cy")]);
  for (let times = 0; times < 2; times++)
    expect(await deliver("user", sent, {}, { bulk_users })).toMatchObject([
      { status: "accepted", remoteId: "1000" },
      { status: "rejected", message: "Email: <email> is not properly formatted" },
      { status: "accepted", remoteId: "1001" },
    ]);
  expect([...fake.state.users.values()]).toEqual([
    { emails: ["ann@example.com"], fields: { name: "Ann", user_fields: { tier: "gold" } } },
    { emails: ["cy@example.com"], fields: {} },
  ]);
});

it("goes one by one where jobs are not enabled", async () => {
  fake.state.bulk = false;
  expect(statuses(await deliver("user", batch("add", [person("ann"), person("bob")])))).toEqual([
    "accepted",
    "accepted",
  ]);
  expect(paths()).toEqual([
    "POST /api/v2/users/create_or_update_many",
    "POST /api/v2/users/create_or_update",
    "POST /api/v2/users/create_or_update",
  ]);
});

it("gives a user the new e-mail first, in place, also a second time, and makes the deleted one anew", async () => {
  await deliver("user", batch("add", [person("ann"), person("bob")]));
  const sent = batch("update", [person("anna", { name: "Anna" }, before("ann", "1000")), person("bob")]);
  for (let times = 0; times < 2; times++)
    expect(statuses(await deliver("user", sent))).toEqual(["accepted", "accepted"]);
  expect(fake.state.users.get(1000)?.emails).toEqual(["anna@example.com", "ann@example.com"]);
  fake.state.users.delete(1000);
  expect(await deliver("user", sent)).toMatchObject([{ remoteId: expect.stringMatching(/^10/) }, { remoteId: "1001" }]);
  expect(fake.state.users.size).toBe(2);
});

it("refuses a new e-mail that another user has", async () => {
  await deliver("user", batch("add", [person("ann"), person("bob")]));
  expect(await deliver("user", batch("update", [person("bob", {}, before("ann", "1000"))]))).toEqual([
    { status: "rejected", code: "RecordInvalid", message: "Email: <email> is already being used by another user" },
  ]);
});

it.each(["user", "organization"])("makes no %s in mode update, deletes by id or by external id", async (name) => {
  const row = (key: string, fields = {}) => change(key, { identifiers: { external_id: key }, fields });
  await deliver(name, batch("add", [row("A1", { notes: "old" }), row("a2")]));
  const updated = await deliver(name, batch("update", [row("a1", { notes: "new" }), row("a9")]), { mode: "update" });
  expect(updated).toEqual([
    { status: "accepted", remoteId: "1000" },
    { status: "skipped", reason: "not_found" },
  ]);
  const held = fake.state[name === "user" ? "users" : "organizations"];
  expect([...held.values()][0]?.fields).toEqual({ notes: "new" });
  for (let times = 0; times < 2; times++)
    expect(statuses(await deliver(name, batch("remove", [row("A2"), row("a9")])))).toEqual(["accepted", "accepted"]);
  expect([...held.keys()]).toEqual([1000]);
});

it("resumes a job from its checkpoint instead of beginning another", async () => {
  const sent = batch("add", [person("ann")]);
  await deliver("user", sent);
  expect(await deliver("user", sent, { checkpoint: checkpoints.at(-1) })).toEqual([
    { status: "accepted", remoteId: "1000" },
  ]);
  expect(paths().filter((path) => path.startsWith("POST"))).toHaveLength(1);
});

it("begins a job anew where Zendesk has forgotten the one of an earlier run", async () => {
  const sent = await deliver("user", batch("add", [person("ann")]), { checkpoint: { job: "job1" } });
  expect(sent).toEqual([{ status: "accepted", remoteId: "1000" }]);
});

it("leaves a job that goes on and on in doubt", async () => {
  fake.state.polls = 1000;
  expect(statuses(await deliver("user", batch("add", [person("ann")])))).toEqual(["unknown"]);
});

it.each([
  [{ status: 429, headers: { "retry-after": "1" } }, "deferred"],
  [{ status: 500 }, "unknown"],
  [{ applied: "broken" }, "unknown"],
  [{ status: 422, body: { error: "RecordInvalid", description: "no" } }, "rejected"],
] as const)("%j is %s", async (fault, expected) => {
  for (const bulk_users of [true, false]) {
    fake.fail(fault);
    expect(statuses(await deliver("user", batch("add", [person("ann")]), {}, { bulk_users }))).toEqual([expected]);
  }
});

it("rejects an organization id that is no number, before sending", () => {
  expect(zendesk.objects["user"]?.fields["organization_id"]?.encode("acme")).toEqual({ reject: "not a number" });
});

const check = (given: Record<string, string>) =>
  drive(zendesk.check!({ config: configOf(zendesk, settings()) }), { destination: zendesk, credentials: given });

it("checks its token, or an OAuth one", async () => {
  expect(await check(credentials)).toEqual([{ ok: true, message: "reads users" }]);
  expect(await check({ access_token: "wrong" })).toMatchObject([{ ok: false }]);
  expect(fake.requests.at(-1)?.headers["authorization"]).toBe("Bearer wrong");
});
