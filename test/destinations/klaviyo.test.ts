import { afterEach, beforeEach, expect, it } from "vitest";
import klaviyo from "../../destinations/klaviyo.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeKlaviyo } from "../fakes/klaviyo.ts";

const person = (name: string, fields = {}, more = {}) =>
  change(name, { identifiers: { email: `${name}@example.com` }, fields, ...more });
let fake: Awaited<ReturnType<typeof startFakeKlaviyo>>;
beforeEach(async () => {
  fake = await startFakeKlaviyo({ key: "pk_fake" });
});
afterEach(() => fake.close());

const checkpoints: unknown[] = [];
const driver = { destination: klaviyo, credentials: { api_key: "pk_fake" }, checkpoints };
const settings = (more = {}) => ({ base_url: fake.url, allow_private_network: true, ...more });
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}, config = {}) =>
  drive(object(klaviyo, name, settings(config)).deliver(sent, context(klaviyo, settings(config), more)), driver);
const ensure = (remoteConfig: Record<string, string | boolean>) =>
  drive(object(klaviyo, "list", settings()).ensure!(context(klaviyo, settings(), { remoteConfig })), driver);
const paths = () => fake.requests.map(({ method, path }) => `${method} ${path.split("?")[0]}`);

it("imports profiles with their own attributes, location and properties", async () => {
  const fields = { first_name: "Ann", tier: "gold", "location.city": "Lyon", last_name: null };
  expect(await deliver("profile", batch("add", [person("ann", fields)]))).toEqual([
    { status: "accepted", remoteId: "01P1" },
  ]);
  expect(fake.state.profiles.get("01P1")).toEqual({
    email: "ann@example.com",
    first_name: "Ann",
    last_name: null,
    location: { city: "Lyon" },
    properties: { tier: "gold" },
  });
  expect(fake.requests[0]?.headers).toMatchObject({
    revision: "2026-07-15",
    "content-type": "application/vnd.api+json",
  });
});

it("changes a known profile's e-mail in place", async () => {
  await deliver("profile", batch("add", [person("ann")]));
  const before = { ids: [{ kind: "email", value: "ann@example.com", version: 1 }], remoteId: "01P1" };
  expect(await deliver("profile", batch("update", [person("anna", {}, { before })]))).toEqual([
    { status: "accepted", remoteId: "01P1" },
  ]);
  expect([...fake.state.profiles.keys()]).toEqual(["01P1"]);
});

it("drops a phone Klaviyo refuses and keeps the row", async () => {
  const ann = change("1", { identifiers: { email: "ann@example.com", phone: "+999123456789" } });
  expect(await deliver("profile", batch("add", [ann]))).toEqual([{ status: "accepted", remoteId: "01P1" }]);
  expect(fake.state.profiles.get("01P1")).toEqual({ email: "ann@example.com" });
});

it.each([0, 2000])("gives each row its fate (profile by profile up to %i)", async (single_imports) => {
  fake.state.refuse.add("bob@example.com");
  const bad = change("4", { identifiers: { email: "dan@example.com", phone: "+999123456789" } });
  const outcomes = await deliver(
    "profile",
    batch("add", [person("ann"), person("bob"), person("cy"), bad]),
    {},
    { single_imports },
  );
  expect(outcomes).toMatchObject([
    { status: "accepted", remoteId: expect.any(String) },
    { status: "rejected", code: "invalid", message: "Invalid email address <email>" },
    { status: "accepted", remoteId: expect.any(String) },
    { status: "accepted", remoteId: expect.any(String) },
  ]);
  expect([...fake.state.profiles.values()].map(({ email }) => email)).toEqual([
    "ann@example.com",
    "cy@example.com",
    "dan@example.com",
  ]);
});

it("reads the errors of a job to their last page", async () => {
  const names = ["a", "b", "c", "d", "e"];
  for (const name of names) fake.state.refuse.add(`${name}@example.com`);
  const sent = batch("add", [person("ann"), ...names.map((name) => person(name))]);
  const outcomes = await deliver("profile", sent, {}, { single_imports: 0 });
  expect(outcomes.map(({ status }) => status)).toEqual(["accepted", ...names.map(() => "rejected")]);
});

const bought = (id: string, fields = {}) =>
  change(id, {
    identifiers: { email: `${id}@example.com`, phone: "+15005550006" },
    fields: { metric: "Placed Order", time: "2026-01-02T03:04:05.000Z", ...fields },
  });

it("sends events under an id of their own, twice as once, and names those that are refused", async () => {
  fake.state.refuse.add("Alien");
  const sent = batch("add", [
    bought("ann", { value: 12.5, value_currency: "EUR", unique_id: "o-1", title: "Heat" }),
    bought("bob", { title: "Alien" }),
    bought("cy"),
  ]);
  for (let times = 0; times < 2; times++)
    expect(await deliver("event", sent)).toEqual([
      { status: "accepted" },
      { status: "rejected", code: "invalid", message: "Invalid input." },
      { status: "accepted" },
    ]);
  expect([...fake.state.events]).toEqual([
    [
      "Placed Order/o-1",
      {
        name: "Placed Order",
        time: "2026-01-02T03:04:05.000Z",
        value: 12.5,
        value_currency: "EUR",
        properties: { title: "Heat" },
        profile: { email: "ann@example.com", phone_number: "+15005550006" },
      },
    ],
    ["Placed Order/row-cy", expect.objectContaining({ properties: {} })],
  ]);
});

it.each([
  [{ status: 500 }, "unknown"],
  [{ status: 200, body: {} }, "unknown"],
  [{ status: 429 }, "deferred"],
] as const)("takes %j for an event as %s", async (fault, status) => {
  fake.fail(fault);
  expect(await deliver("event", batch("add", [bought("ann")]))).toMatchObject([{ status }]);
});

it("resumes a job from its checkpoint instead of starting another", async () => {
  const config = { single_imports: 0 };
  const sent = batch("add", [person("ann")]);
  await deliver("profile", sent, {}, config);
  await deliver("profile", sent, { checkpoint: checkpoints.at(-1) }, config);
  expect(paths().filter((path) => path === "POST /api/profile-bulk-import-jobs")).toHaveLength(1);
});

it.each([
  ["cancelled", "import job ended as cancelled"],
  ["processing", "the platform is still working on the job: the next run asks again"],
])("leaves a job that stays %s in doubt", async (status, message) => {
  fake.fail({
    on: "GET /api/profile-bulk-import-jobs/",
    times: 60,
    status: 200,
    body: { data: { attributes: { status } } },
  });
  const outcomes = await deliver("profile", batch("add", [person("ann")]), {}, { single_imports: 0 });
  expect(outcomes).toEqual([{ status: "unknown", message }]);
});

it.each([0, 2000])("fills a list, twice as once, and leaving it only leaves it (%i)", async (single_imports) => {
  const remote = await ensure({ name: 'The "VIP" list' });
  expect(await ensure({ name: 'The "VIP" list' })).toEqual(remote);
  const { members } = fake.state.lists.get(remote.id)!;
  for (let times = 0; times < 2; times++) {
    const outcomes = await deliver(
      "list",
      batch("add", [person("ann"), person("bob")]),
      { remote },
      { single_imports },
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["accepted", "accepted"]);
    expect(members.size).toBe(2);
  }
  for (let times = 0; times < 2; times++) {
    const outcomes = await deliver("list", batch("remove", [person("ann"), person("zoe")]), { remote });
    expect(outcomes).toEqual([{ status: "accepted" }, { status: "accepted" }]);
    expect(members.size).toBe(1);
  }
  expect(fake.state.profiles.size).toBe(2);
  expect(paths().filter((path) => /subscription|suppression/.test(path))).toEqual([]);
});

it("makes nobody in mode update", async () => {
  await deliver("profile", batch("add", [person("ann")]));
  const outcomes = await deliver("profile", batch("update", [person("ann", { tier: "x" }), person("zoe")]), {
    mode: "update",
  });
  expect(outcomes).toEqual([
    { status: "accepted", remoteId: "01P1" },
    { status: "skipped", reason: "not_found" },
  ]);
});

it.each([
  [{ status: 429, headers: { "retry-after": "1" } }, "deferred"],
  [{ status: 500 }, "unknown"],
  [{ applied: "broken" }, "unknown"],
  [{ status: 202, body: { data: null } }, "unknown"],
] as const)("%j is %s", async (fault, expected) => {
  for (const single_imports of [0, 2000]) {
    fake.fail(fault);
    expect(await deliver("profile", batch("add", [person("ann")]), {}, { single_imports })).toMatchObject([
      { status: expected },
    ]);
  }
});

it("stops when the list is gone or several have its name", async () => {
  await expect(deliver("list", batch("add", [person("ann")]), { remote: { id: "nope" } })).rejects.toMatchObject({
    diagnostics: [{ code: "E811" }],
  });
  for (const id of ["A", "B"]) fake.state.lists.set(id, { name: "VIP", members: new Set() });
  await expect(ensure({ name: "VIP" })).rejects.toThrow(/2 lists/);
  await expect(ensure({ name: "None", create: false })).rejects.toThrow(/no list/);
});

const check = (api_key: string) =>
  drive(klaviyo.check!({ config: configOf(klaviyo, settings()) }), {
    destination: klaviyo,
    credentials: { api_key },
  });

it("checks its key", async () => {
  expect(await check("pk_fake")).toEqual([{ ok: true, message: "reads lists" }]);
  expect(await check("wrong")).toMatchObject([{ ok: false }]);
});
