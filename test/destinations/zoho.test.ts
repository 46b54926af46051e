import { afterEach, beforeEach, expect, it } from "vitest";
import zoho from "../../destinations/zoho.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeZoho } from "../fakes/zoho.ts";

let fake: Awaited<ReturnType<typeof startFakeZoho>>;
let credentials: Record<string, string>;
beforeEach(async () => {
  fake = await startFakeZoho();
  const token = await fetch(`${fake.url}/oauth/v2/token`, { method: "POST", body: "grant_type=refresh_token" });
  credentials = (await token.json()) as Record<string, string>;
});
afterEach(() => fake.close());

const settings = (more = {}) => ({ base_url: fake.url, allow_private_network: true, ...more });
const driver = () => ({ destination: zoho, credentials });
const deliver = (sent: ReturnType<typeof batch>, more = {}, config = {}) =>
  drive(
    object(zoho, "record", settings(config)).deliver(
      sent,
      context(zoho, settings(config), { remoteConfig: { module: "Contacts" }, ...more }),
    ),
    driver(),
  );
const person = (name: string, fields = {}, more = {}) =>
  change(name, { identifiers: { Email: `${name}@example.com` }, fields, ...more });
const formerly = (name: string, remoteId: string) => ({
  before: { ids: [{ kind: "Email", value: `${name}@example.com`, version: 1 }], remoteId },
});
const people = (count: number) => Array.from({ length: count }, (_, index) => person(`p${index}`));
const held = () => [...fake.state.records.values()];
const calls = (part: string) => fake.requests.filter(({ method, path }) => `${method} ${path}`.includes(part));

it("upserts twice as once, finds records by any case, and clears NULLs", async () => {
  fake.state.records.set("9", { Email: "Ann@Example.com", Title: "Dr" });
  for (let times = 0; times < 2; times++)
    expect(await deliver(batch("add", [person("ann", { Title: null, City: "Lyon" })]))).toEqual([
      { status: "accepted", remoteId: "9" },
    ]);
  expect(held()).toEqual([{ Email: "ann@example.com", City: "Lyon" }]);
});

it("changes a known record's unique field in place, and makes it anew where somebody deleted it", async () => {
  await deliver(batch("add", [person("ann"), person("bob")]));
  fake.state.records.delete("552");
  const outcomes = await deliver(
    batch("update", [person("anna", {}, formerly("ann", "551")), person("rob", {}, formerly("bob", "552"))]),
  );
  expect(outcomes).toEqual([
    { status: "accepted", remoteId: "551" },
    { status: "accepted", remoteId: "553" },
  ]);
  expect(held()).toEqual([{ Email: "anna@example.com" }, { Email: "rob@example.com" }]);
});

it("does not take a unique field that another record has", async () => {
  await deliver(batch("add", [person("ann"), person("bob")]));
  expect(await deliver(batch("update", [person("bob", {}, formerly("ann", "551"))]))).toEqual([
    { status: "rejected", code: "DUPLICATE_DATA", message: "duplicate data: Email" },
  ]);
});

it("deletes once as twice, whoever is known to the ledger or not", async () => {
  await deliver(batch("add", people(25)));
  const leaving = batch("remove", [
    ...people(25).map((each, index) => (index < 3 ? { ...each, ...formerly(`p${index}`, `55${index + 1}`) } : each)),
    person("nobody"),
    change("odd", { identifiers: { Code: "a(b),c\\d" } }),
  ]);
  fake.state.records.set("odd", { Code: "a(b),c\\d" });
  for (let times = 0; times < 2; times++) {
    expect(await deliver(leaving)).toEqual(leaving.changes.map(() => ({ status: "accepted" })));
    expect(held()).toEqual([]);
  }
  // 24 unknown people are three searches of ten criteria, twice.
  expect([calls("/search").length, calls("DELETE").length]).toEqual([6, 2]);
});

it("makes nobody in mode update", async () => {
  fake.state.records.set("9", { Email: "ann@example.com" });
  expect(await deliver(batch("update", [person("ann", { City: "Nice" }), person("zoe")]), { mode: "update" })).toEqual([
    { status: "accepted", remoteId: "9" },
    { status: "skipped", reason: "not_found" },
  ]);
  expect(held()).toEqual([{ Email: "ann@example.com", City: "Nice" }]);
});

it("sets off workflows only where it is told to", async () => {
  await deliver(batch("add", [person("ann")]));
  expect(fake.state.triggered).toBe(0);
  await deliver(batch("add", [person("ann")]), {}, { trigger: ["workflow"] });
  expect(fake.state.triggered).toBe(1);
});

it.each([
  [{ status: 429 }, "deferred"],
  [{ status: 500 }, "unknown"],
  [{ applied: "broken" }, "unknown"],
  [{ status: 200, body: { data: [] } }, "unknown"],
  [{ status: 200, body: { data: [{ status: "success", details: null }] } }, "unknown"],
] as const)("%j is %s", async (fault, expected) => {
  fake.fail(fault);
  expect(await deliver(batch("add", [person("ann")]))).toMatchObject([{ status: expected }]);
});

it("asks the accounts server of its data centre, with Zoho's own scheme", () => {
  const { auth } = zoho;
  if (auth.type !== "oauth2") throw new Error("no oauth2");
  const config = configOf(zoho, { accounts_url: "https://accounts.zoho.eu" });
  const given = { credentials: { client_id: "a", client_secret: "b", refresh_token: "r" }, config, now: 0 };
  expect(auth.token(given)).toEqual({
    url: "https://accounts.zoho.eu/oauth/v2/token",
    form: { grant_type: "refresh_token", client_id: "a", client_secret: "b", refresh_token: "r" },
  });
  expect(auth.token({ ...given, credentials: { access_token: "t" } })).toBeNull();
  expect(auth.headers?.("t", given)).toEqual({ authorization: "Zoho-oauthtoken t" });
  expect(zoho.hosts(config, { api_domain: "https://www.zohoapis.eu" })).toEqual([
    "www.zohoapis.eu",
    "accounts.zoho.eu",
  ]);
});

it.each([
  ["OAUTH_SCOPE_MISMATCH", 401, "reject"],
  ["INVALID_TOKEN", 401, undefined],
  ["LIMIT_EXCEEDED", 400, "throttled"],
  ["INVALID_DATA", 400, undefined],
] as const)("tells the engine what %s under HTTP %i is", (code, status, expected) => {
  expect(zoho.classify!({ status, headers: {}, body: { status: "error", code }, text: "" })).toBe(expected);
});

const check = () => drive(zoho.check!({ config: configOf(zoho, settings()) }), driver());

it("checks its token, and names the scope that it lacks", async () => {
  expect(await check()).toEqual([{ ok: true, message: "reads contacts" }]);
  const body = { status: "error", code: "OAUTH_SCOPE_MISMATCH", message: "invalid oauth scope" };
  fake.fail({ status: 401, body });
  await expect(check()).rejects.toMatchObject({
    diagnostics: [{ code: "E813", hint: "the token needs ZohoCRM.modules.ALL" }],
  });
});
