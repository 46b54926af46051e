import { afterEach, beforeEach, expect, it } from "vitest";
import google from "../../destinations/google.ts";
import { type Change, digest } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeGoogle } from "../fakes/google.ts";

const hash = (text: string): string => digest("sha256", text);
let fake: Awaited<ReturnType<typeof startFakeGoogle>>;
beforeEach(async () => {
  fake = await startFakeGoogle();
  fake.state.oauth.token({ text: "grant_type=refresh_token&refresh_token=refresh-of-the-lab" } as never);
});
afterEach(() => fake.close());

const driver = { destination: google, credentials: { access_token: "token-1" } };
const settings = (more: object = {}) => ({
  account: "1234567890",
  accept_terms: true,
  base_url: fake.url,
  allow_private_network: true,
  ...more,
});
const audience = (more = {}) => object(google, "audience", settings(more));
const ensure = (remoteConfig = {}, more = {}) =>
  drive(audience(more).ensure!(context(google, settings(more), { remoteConfig })), driver);
const of = (id: string, more = {}) => context(google, settings(more), { remote: { id } });
const people = (...emails: string[]) =>
  emails.map((email, index) => change(String(index), { identifiers: { email: hash(email) } }));
const accepted = { status: "accepted" };

it("makes a list once, with its duration, and finds it again by its marker, over pages", async () => {
  fake.state.page = 1;
  const other = { id: "7", displayName: "other", description: "", membershipDuration: "", members: new Set<string>() };
  fake.state.lists.push(other);
  const { id } = await ensure({ name: "VIP" }, { membership_days: 30 });
  expect(await ensure({ name: "VIP" }, { membership_days: 30 })).toEqual({ id });
  expect(
    fake.state.lists.map(({ displayName, description, membershipDuration }) => [
      displayName,
      description,
      membershipDuration,
    ]),
  ).toEqual([
    ["other", "", ""],
    ["VIP", "Kept by millrace [millrace:test/vip_to_there]", "2592000s"],
  ]);
  expect(audience({ membership_days: 30 }).expiresMs).toBe(30 * 24 * 3_600_000);
  expect(audience().expiresMs).toBe(540 * 24 * 3_600_000);
});

it("makes none where the lists cannot be read", async () => {
  for (const body of [[], { error: { status: "INTERNAL" } }]) {
    fake.fail({ status: 200, body, on: "userLists" });
    await expect(ensure()).rejects.toThrow("cannot read the user lists");
  }
  expect(fake.state.lists).toEqual([]);
});

it("adds twice as once, removes what is there and what is not, and tells the size", async () => {
  const { id } = await ensure();
  const three = people("ann@example.com", "bob@example.com", "ann@example.com");
  const { members } = fake.state.lists[0]!;
  for (let times = 0; times < 2; times++) {
    expect(await drive(audience().deliver(batch("add", three), of(id)), driver)).toEqual(three.map(() => accepted));
    expect(members.size).toBe(2);
  }
  expect(await drive(audience().measure!(of(id)), driver)).toEqual({ sizeLow: 2, sizeHigh: 2 });
  for (let times = 0; times < 2; times++) {
    await drive(audience().deliver(batch("remove", three.slice(0, 1)), of(id)), driver);
    expect([...members]).toEqual([`emailAddress:${hash("bob@example.com")}`]);
  }
});

it("refuses named rows only, over several refusals, and asks nothing where none is left", async () => {
  const { id } = await ensure();
  fake.state.refuse.add(hash("bad@example.com"));
  const outcomes = await drive(
    audience().deliver(batch("add", people("bad@example.com", "ann@example.com", "bad@example.com")), of(id)),
    driver,
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "accepted", "rejected"]);
  expect([...fake.state.lists[0]!.members]).toEqual([`emailAddress:${hash("ann@example.com")}`]);
  const before = fake.state.taken.size;
  const alone = await drive(audience().deliver(batch("add", people("bad@example.com")), of(id)), driver);
  expect(alone.map(({ status }) => status)).toEqual(["rejected"]);
  expect(fake.state.taken.size).toBe(before);
  expect(fake.requests.at(-1)?.path).toBe("/v1/audienceMembers:ingest");
});

it("remembers a request that lasts, and goes on with it and its refusals in the next run", async () => {
  const { id } = await ensure();
  fake.state.looks = 3;
  fake.state.refuse.add(hash("bad@example.com"));
  const rows = batch("add", people("bad@example.com", "ann@example.com"));
  const checkpoints: unknown[] = [];
  const few = { status_polls: 2 };
  const first = await drive(audience(few).deliver(rows, of(id, few)), { ...driver, checkpoints });
  expect(first.map(({ status }) => status)).toEqual(["unknown", "unknown"]);
  const ctx = { ...of(id, few), checkpoint: JSON.parse(JSON.stringify(checkpoints[0])) };
  const second = await drive(audience(few).deliver(rows, ctx), driver);
  expect(second.map(({ status }) => status)).toEqual(["rejected", "accepted"]);
  expect(fake.state.taken.size).toBe(1);
});

it("says what to mend: terms, scope", async () => {
  const { id } = await ensure();
  const rows = batch("add", people("ann@example.com"));
  const without = { accept_terms: false };
  await expect(drive(audience(without).deliver(rows, of(id, without)), driver)).rejects.toMatchObject({
    diagnostics: [{ code: "E813", hint: expect.stringContaining("accept_terms: true") }],
  });
  const details = [{ reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" }];
  fake.fail({ status: 403, body: { error: { code: 403, status: "PERMISSION_DENIED", message: "scopes", details } } });
  const ctx = { config: configOf(google, settings()) };
  await expect(drive(google.check!(ctx), driver)).rejects.toMatchObject({
    diagnostics: [{ code: "E813", hint: expect.stringContaining("auth/datamanager") }],
  });
  expect(await drive(google.check!(ctx), driver)).toEqual([
    { ok: true, message: "reads the user lists of account 1234567890" },
  ]);
});

it("counts a conversion once however often it is sent", async () => {
  const event = object(google, "event", settings());
  const sale = (key: string, more: Partial<Change> = {}) =>
    change(key, {
      identifiers: { gclid: `click-${key}` },
      fields: { transaction_id: `ord-${key}`, event_timestamp: "2026-01-01T00:00:00.000Z", conversion_value: 5 },
      ...more,
    });
  const target = await drive(event.ensure!(context(google, settings(), { remoteConfig: { id: 77 } })), driver);
  expect(target).toEqual({ id: "77" });
  expect(await drive(event.deliver(batch("add", [sale("1")]), of("77")), driver)).toEqual([accepted]);
  const again = batch("add", [
    sale("1", { fields: { transaction_id: "ord-1", event_timestamp: "2026-01-02T00:00:00.000Z" } }),
    sale("2"),
  ]);
  expect(await drive(event.deliver(again, of("77")), driver)).toEqual([accepted, accepted]);
  expect(
    [...fake.state.events.values()].map(({ transactionId, conversionValue }) => [transactionId, conversionValue]),
  ).toEqual([
    ["ord-1", 5],
    ["ord-2", 5],
  ]);
  await expect(drive(event.ensure!(context(google, settings())), driver)).rejects.toThrow("no conversion action");
});

it("skips conversions that are too old", async () => {
  const event = object(google, "event", settings({ max_age_days: 10 }));
  const at = (event_timestamp: string) => change("1", { fields: { transaction_id: "t", event_timestamp } });
  const ctx = of("77", { max_age_days: 10 });
  // As of 2026-01-02T03:04:05Z.
  expect(await drive(event.deliver(batch("add", [at("2025-12-23T03:04:04.000Z")]), ctx), driver)).toEqual([
    { status: "skipped", reason: "too_old" },
  ]);
  expect(await drive(event.deliver(batch("add", [at("2025-12-23T03:04:05.000Z")]), ctx), driver)).toEqual([accepted]);
});
