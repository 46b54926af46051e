import { afterEach, beforeEach, expect, it } from "vitest";
import x from "../../destinations/x.ts";
import { digest } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeX } from "../fakes/x.ts";

const hash = (text: string): string => digest("sha256", text);
const keys = { consumer_key: "key", consumer_secret: "s 1", access_token: "token", access_token_secret: "s&2" };
let fake: Awaited<ReturnType<typeof startFakeX>>;
beforeEach(async () => {
  fake = await startFakeX(keys);
});
afterEach(() => fake.close());

const driver = { destination: x, credentials: keys };
const settings = (more = {}) => ({
  ad_account: "18ce54d4x5t",
  base_url: fake.url,
  allow_private_network: true,
  ...more,
});
const audience = () => object(x, "audience", settings());
const ensure = (remoteConfig = {}) => drive(audience().ensure!(context(x, settings(), { remoteConfig })), driver);
const of = (id: string, asOf = Date.parse("2026-01-02T03:04:05.678Z")) =>
  context(x, settings(), { remote: { id }, asOf });
const people = (names: readonly string[]) =>
  names.map((name) => change(name, { identifiers: { email: hash(`${name}@example.com`) } }));
const accepted = { status: "accepted" };

it("makes an audience once and finds it again by its marker, over pages", async () => {
  fake.state.page = 1;
  const other = { id: "7", name: "VIP & more", description: null, audience_type: "CRM" as const, members: new Map() };
  fake.state.audiences.push(other);
  const { id } = await ensure({ name: "VIP" });
  expect(await ensure({ name: "VIP" })).toEqual({ id });
  expect(fake.state.audiences.map(({ name, description }) => [name, description])).toEqual([
    ["VIP & more", null],
    ["VIP", "Kept by millrace [millrace:test/vip_to_there]"],
  ]);
  await expect(ensure({ name: "VIP & more" })).rejects.toThrow(/was not made by this sync/);
});

it("says that the name of a deleted audience cannot be used again", async () => {
  fake.state.deleted.add("VIP");
  await expect(ensure({ name: "VIP" })).rejects.toThrow(
    /the custom audience "VIP" was not made: Name is taken or was deleted/,
  );
});

it("adds twice as once, extends what would expire, removes what is there and what is not, and tells the size", async () => {
  const { id } = await ensure();
  const [segment] = fake.state.audiences;
  for (const asOf of ["2026-01-02", "2026-11-22"].map(Date.parse)) {
    expect(await drive(audience().deliver(batch("add", people(["ann", "bob"])), of(id, asOf)), driver)).toEqual([
      accepted,
      accepted,
    ]);
    expect(segment?.members.size).toBe(2);
  }
  expect(segment?.members.get(`email:${hash("ann@example.com")}`)).toBe("2027-12-17T00:00:00Z");
  expect(Date.parse("2027-12-17") - Date.parse("2026-11-22")).toBe(audience().expiresMs);
  expect(await drive(audience().measure!(of(id)), driver)).toEqual({ sizeLow: 2, sizeHigh: 2 });
  for (let times = 0; times < 2; times++) {
    expect(await drive(audience().deliver(batch("remove", people(["ann"])), of(id)), driver)).toEqual([accepted]);
    expect([...segment!.members.keys()]).toEqual([`email:${hash("bob@example.com")}`]);
  }
});

it("sends the others again without rows that X minds", async () => {
  const { id } = await ensure();
  for (const name of ["bob", "di"]) fake.state.refuse.add(hash(`${name}@example.com`));
  const rejected = { status: "rejected", code: "INVALID_PARAMETER", message: "A user was not understood" };
  const changes = people(["ann", "bob", "cy", "di"]);
  expect(await drive(audience().deliver(batch("add", changes), of(id)), driver)).toEqual([
    accepted,
    rejected,
    accepted,
    rejected,
  ]);
  expect(fake.state.audiences[0]?.members.size).toBe(2);
});

it("finds every row of a platform that minds another one each time", async () => {
  const { id } = await ensure();
  const body = { operation_errors: [{ index: 0, code: "INVALID", message: "No" }] };
  fake.fail({ status: 400, body, on: "/users", times: 99 });
  const outcomes = await drive(audience().deliver(batch("add", people([..."abc"])), of(id)), driver);
  expect(outcomes).toEqual([..."abc"].map(() => ({ status: "rejected", code: "INVALID", message: "No" })));
});

it("counts users, not operations or identifiers", async () => {
  const { id } = await ensure();
  fake.state.uncounted = 1;
  expect(await drive(audience().deliver(batch("add", people(["ann", "bob"])), of(id)), driver)).toEqual(
    ["ann", "bob"].map(() => ({ status: "unknown", message: "X counts 1 of 1 users, not 2" })),
  );
});

it("proves the keys with the audiences of the account", async () => {
  const check = (credentials: object, more = {}) =>
    drive(x.check!({ config: configOf(x, settings(more)) }), {
      destination: x,
      credentials: { ...keys, ...credentials },
    });
  expect(await check({})).toEqual([{ ok: true, message: "reads the custom audiences of account 18ce54d4x5t" }]);
  expect(await check({ access_token_secret: "wrong" })).toMatchObject([{ ok: false }]);
  await expect(check({}, { ad_account: "other" })).rejects.toMatchObject({ diagnostics: [{ code: "E813" }] });
});
