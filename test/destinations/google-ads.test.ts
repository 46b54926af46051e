import { afterEach, beforeEach, expect, it } from "vitest";
import googleAds from "../../destinations/google-ads.ts";
import { digest } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeGoogleAds } from "../fakes/google-ads.ts";

const hash = (text: string): string => digest("sha256", text);
let fake: Awaited<ReturnType<typeof startFakeGoogleAds>>;
beforeEach(async () => {
  fake = await startFakeGoogleAds("dev-1");
  fake.state.oauth.token({ text: "grant_type=refresh_token&refresh_token=refresh-of-the-lab" } as never);
});
afterEach(() => fake.close());

const driver = { destination: googleAds, credentials: { access_token: "token-1", developer_token: "dev-1" } };
const settings = (more: object = {}) => ({
  customer: "1234567890",
  base_url: fake.url,
  allow_private_network: true,
  ...more,
});
const audience = (more = {}) => object(googleAds, "audience", settings(more));
const ensure = (remoteConfig = {}, more = {}) =>
  drive(audience(more).ensure!(context(googleAds, settings(more), { remoteConfig })), driver);
const of = (id: string, more = {}) => context(googleAds, settings(more), { remote: { id } });
const people = (...emails: string[]) =>
  emails.map((email, index) => change(String(index), { identifiers: { email: hash(email) } }));
const accepted = { status: "accepted" };
const jobs = () => [...fake.state.jobs.values()];

it("makes a list once, with its duration, and finds it again by name and marker", async () => {
  const name = 'Ann\'s \\ "VIP"';
  const { id } = await ensure({ name }, { membership_days: 30 });
  expect(await ensure({ name }, { membership_days: 30 })).toEqual({ id });
  const description = "Kept by millrace [millrace:test/vip_to_there]";
  expect(fake.state.lists).toEqual([{ id, name, description, membershipLifeSpan: "30", members: new Set() }]);
  expect(audience({ membership_days: 30 }).expiresMs).toBe(30 * 24 * 3_600_000);
});

it("stops at a list that is not ours, and at one that nobody is to make", async () => {
  await expect(ensure({ name: "VIP", create: false })).rejects.toThrow("there is no user list");
  const byHand = { id: "7", name: "VIP", description: "by hand", membershipLifeSpan: "30", members: new Set<string>() };
  fake.state.lists.push(byHand);
  await expect(ensure({ name: "VIP" })).rejects.toThrow("was not made by this sync");
});

it("adds twice as once, removes what is there and what is not, and tells size", async () => {
  const { id } = await ensure();
  const three = people("ann@example.com", "bob@example.com", "ann@example.com");
  const { members } = fake.state.lists[0]!;
  for (let times = 0; times < 2; times++) {
    expect(await drive(audience().deliver(batch("add", three), of(id)), driver)).toEqual(three.map(() => accepted));
    expect(members.size).toBe(2);
  }
  expect(await drive(audience().measure!(of(id)), driver)).toEqual({ sizeLow: 0, sizeHigh: 2 });
  for (let times = 0; times < 2; times++) {
    await drive(audience().deliver(batch("remove", three.slice(0, 1)), of(id)), driver);
    expect([...members]).toEqual([`hashedEmail:${hash("bob@example.com")}`]);
  }
});

it("fills a job in pieces and keeps a refused row's place among all", async () => {
  const { id } = await ensure();
  const many = people(...Array.from({ length: 30_002 }, (_, index) => `p${index}@example.com`));
  fake.state.refuse.add(hash("p30001@example.com"));
  const outcomes = await drive(audience().deliver(batch("add", many), of(id)), driver);
  expect(outcomes.flatMap(({ status }, index) => (status === "accepted" ? [] : [[index, status]]))).toEqual([
    [30_001, "rejected"],
  ]);
  expect(jobs().map(({ status, operations }) => [status, operations.length])).toEqual([["SUCCESS", 30_001]]);
});

it("goes on with a job that lasts in the next run, and begins none beside it", async () => {
  const { id } = await ensure();
  fake.state.looks = 3;
  const rows = batch("add", people("ann@example.com"));
  const checkpoints: unknown[] = [];
  const few = { status_polls: 2 };
  const status = async (sent: typeof rows, checkpoint?: unknown) =>
    (
      await drive(
        audience(few).deliver(sent, { ...of(id, few), ...(checkpoint ? { checkpoint: checkpoint as never } : {}) }),
        {
          ...driver,
          checkpoints,
        },
      )
    ).map((outcome) => outcome.status);
  expect(await status(rows)).toEqual(["unknown"]);
  expect(await status(batch("add", people("bob@example.com")))).toEqual(["deferred"]);
  expect(await status(rows, JSON.parse(JSON.stringify(checkpoints[0])))).toEqual(["accepted"]);
  expect(await status(batch("add", people("bob@example.com")))).toEqual(["unknown"]);
  expect([jobs().length, fake.state.overlaps]).toEqual([2, 0]);
});

it("says what to mend: a token that came too late goes to the type google", async () => {
  const { id } = await ensure();
  fake.state.allowed = false;
  await expect(
    drive(audience().deliver(batch("add", people("ann@example.com")), of(id)), driver),
  ).rejects.toMatchObject({
    diagnostics: [{ code: "E813", hint: expect.stringContaining("type google ") }],
  });
});

it("proves token and developer token with the account", async () => {
  const ctx = { config: configOf(googleAds, settings({ login_customer: "55" })) };
  expect(await drive(googleAds.check!(ctx), driver)).toEqual([{ ok: true, message: "reads account 1234567890" }]);
  expect(fake.requests.at(-1)?.headers["login-customer-id"]).toBe("55");
  await expect(drive(googleAds.check!(ctx), { ...driver, credentials: { access_token: "token-1" } })).rejects.toThrow();
});
