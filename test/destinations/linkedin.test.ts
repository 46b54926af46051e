import { afterEach, beforeEach, expect, it } from "vitest";
import linkedin from "../../destinations/linkedin.ts";
import { digest, type Effect, type HttpResponse } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeLinkedin } from "../fakes/linkedin.ts";

const hash = (text: string): string => digest("sha256", text);
let fake: Awaited<ReturnType<typeof startFakeLinkedin>>;
beforeEach(async () => {
  fake = await startFakeLinkedin();
  fake.state.oauth.token({ text: "grant_type=refresh_token&refresh_token=refresh-of-the-lab" } as never);
});
afterEach(() => fake.close());

const driver = { destination: linkedin, credentials: { access_token: "token-1" } };
const settings = (more = {}) => ({
  ad_account: "123",
  source_platform: "MILLRACE",
  base_url: fake.url,
  allow_private_network: true,
  ...more,
});
const the = (name: string) => object(linkedin, name, settings());
const ensure = (name = "audience", remoteConfig = {}) =>
  drive(the(name).ensure!(context(linkedin, settings(), { remoteConfig })), driver);
const of = (id: string) => context(linkedin, settings(), { remote: { id } });
const accepted = { status: "accepted" };

it("makes a segment once, waits five seconds, and finds it again by its marker", async () => {
  const ctx = context(linkedin, settings(), { remoteConfig: { name: "VIP" } });
  const waits: number[] = [];
  const making = the("audience").ensure!(ctx);
  let step = making.next();
  while (step.done !== true) {
    const effect: Effect = step.value;
    if ("wait" in effect) waits.push(effect.wait);
    step = making.next(
      await drive(
        (function* () {
          return (yield effect) as unknown;
        })(),
        driver,
      ),
    );
  }
  expect(waits).toEqual([5000]);
  expect(await ensure("audience", { name: "VIP" })).toEqual(step.value);
  expect(fake.state.segments.map(({ name, type, description }) => [name, type, description])).toEqual([
    ["VIP", "USER", "Kept by millrace [millrace:test/vip_to_there]"],
  ]);
});

it.each([
  ["one that is not ours", ["by hand"], "USER", {}, /was not made by this sync/],
  ["two of ours", ["[millrace:test/vip_to_there]", "[millrace:test/vip_to_there]"], "USER", {}, /2 segments/],
  ["one of companies", ["[millrace:test/vip_to_there]"], "COMPANY", {}, /is of type COMPANY/],
  ["one that expired", ["[millrace:test/vip_to_there]"], "EXPIRED", {}, /is EXPIRED/],
  ["none, not to be made", [], "USER", { create: false }, /no segment/],
] as const)("stops at %s", async (_, descriptions, type, remote, message) => {
  for (const [id, description] of descriptions.entries()) {
    const state = type === "EXPIRED" ? { type: "USER", status: type } : { type };
    fake.state.segments.push({ id: String(id), name: "VIP", description, members: new Set(), ...state });
  }
  await expect(ensure("audience", { name: "VIP", ...remote })).rejects.toThrow(message);
});

it("adds twice as once, refuses a row alone, removes what is there and what is not, and tells size and match rate", async () => {
  const { id } = await ensure();
  const people = ["ann", "bob", "cy"].map((name) =>
    change(name, { identifiers: { email: hash(`${name}@example.com`) }, fields: { firstName: name, lastName: null } }),
  );
  fake.state.refuse.add(hash("bob@example.com"));
  const rejected = { status: "rejected", code: "http_400", message: "Invalid user" };
  const { members } = fake.state.segments[0]!;
  for (let times = 0; times < 2; times++) {
    expect(await drive(the("audience").deliver(batch("add", people), of(id)), driver)).toEqual([
      accepted,
      rejected,
      accepted,
    ]);
    expect(members.size).toBe(2);
  }
  // A NULL of `nulls: clear` is left out: LinkedIn keeps no row that could be cleared.
  expect(fake.requests.at(-1)?.body.elements[0]).toEqual({
    action: "ADD",
    userIds: [{ idType: "SHA256_EMAIL", idValue: hash("ann@example.com") }],
    firstName: "ann",
  });
  expect(await drive(the("audience").measure!(of(id)), driver)).toEqual({ sizeLow: 2, sizeHigh: 2, matchRate: 0.5 });
  for (let times = 0; times < 2; times++) {
    expect(await drive(the("audience").deliver(batch("remove", people.slice(0, 1)), of(id)), driver)).toEqual([
      accepted,
    ]);
    expect([...members]).toEqual([`SHA256_EMAIL:${hash("cy@example.com")}`]);
  }
});

it("streams companies to a segment of companies, by whatever is known of them", async () => {
  const { id } = await ensure("company_audience");
  const company = change("1", {
    identifiers: { companyWebsiteDomain: "example.org", organizationUrn: "urn:li:organization:7" },
  });
  expect(await drive(the("company_audience").deliver(batch("add", [company]), of(id)), driver)).toEqual([accepted]);
  const [segment] = fake.state.segments;
  expect([segment?.type, ...segment!.members]).toEqual([
    "COMPANY",
    "companyWebsiteDomain:example.org",
    "organizationUrn:urn:li:organization:7",
  ]);
});

it("defers rows of a new segment that cannot be filled for two minutes", async () => {
  const { id } = await ensure();
  fake.state.young = 99;
  const people = [change("1", { identifiers: { email: hash("ann@example.com") } })];
  expect(await drive(the("audience").deliver(batch("add", people), of(id)), driver)).toEqual([
    { status: "deferred", message: "the segment is new and cannot be filled yet" },
  ]);
  fake.state.young = 2;
  expect(await drive(the("audience").deliver(batch("add", people), of(id)), driver)).toEqual([accepted]);
});

it("reads a conflict as another write under way, and names are held to 35 characters", () => {
  const conflict: HttpResponse = { status: 409, headers: {}, body: undefined, text: "" };
  expect([linkedin.classify!(conflict), linkedin.classify!({ ...conflict, status: 404 })]).toEqual([
    "throttled",
    undefined,
  ]);
  const { firstName, country } = the("audience").fields;
  expect(firstName!.encode("x".repeat(36))).toEqual({ reject: "longer than 35 characters" });
  expect(["US", "Germany", "nowhere"].map((name) => country!.encode(name))).toEqual([
    { value: "us" },
    { value: "de" },
    { value: null },
  ]);
});

it("proves the token with the segments of the ad account, and names the missing scope", async () => {
  const config = (more = {}) => ({ config: configOf(linkedin, settings(more)) });
  expect(await drive(linkedin.check!(config()), driver)).toEqual([
    { ok: true, message: "reads the segments of ad account 123" },
  ]);
  await expect(drive(linkedin.check!(config({ ad_account: "9" })), driver)).rejects.toMatchObject({
    diagnostics: [{ code: "E813", hint: expect.stringContaining("rw_dmp_segments") }],
  });
});
