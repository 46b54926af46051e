import { afterEach, beforeEach, expect, it } from "vitest";
import snapchat from "../../destinations/snapchat.ts";
import { digest } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeSnapchat } from "../fakes/snapchat.ts";

const hash = (text: string): string => digest("sha256", text);
let fake: Awaited<ReturnType<typeof startFakeSnapchat>>;
beforeEach(async () => {
  fake = await startFakeSnapchat();
  fake.state.oauth.token({ text: "grant_type=refresh_token&refresh_token=refresh-of-the-lab" } as never);
});
afterEach(() => fake.close());

const driver = { destination: snapchat, credentials: { access_token: "token-1" } };
const settings = () => ({ ad_account: "acc-1", base_url: fake.url, allow_private_network: true });
const audience = () => object(snapchat, "audience", settings());
const ensure = (remoteConfig = {}) =>
  drive(audience().ensure!(context(snapchat, settings(), { remoteConfig })), driver);
const of = (id: string) => context(snapchat, settings(), { remote: { id } });

it("makes a list once and finds it again by its marker, over pages", async () => {
  fake.state.page = 1;
  fake.state.segments.push({ id: "7", name: "other", description: "", members: new Set() });
  const { id } = await ensure({ name: "VIP" });
  expect(await ensure({ name: "VIP" })).toEqual({ id });
  expect(fake.state.segments.map(({ name, description }) => [name, description])).toEqual([
    ["other", ""],
    ["VIP", "Kept by millrace [millrace:test/vip_to_there]"],
  ]);
});

it.each([
  ["one that is not ours", ["by hand"], {}, /was not made by this sync/],
  ["two of ours", ["[millrace:test/vip_to_there]", "[millrace:test/vip_to_there]"], {}, /2 customer lists/],
  ["none, not to be made", [], { create: false }, /no customer list/],
] as const)("stops at %s", async (_, descriptions, remote, message) => {
  for (const [id, description] of descriptions.entries())
    fake.state.segments.push({ id: String(id), name: "VIP", description, members: new Set() });
  await expect(ensure({ name: "VIP", ...remote })).rejects.toThrow(message);
});

it("adds twice as once, removes what is there and what is not, and tells the size", async () => {
  const { id } = await ensure();
  const people = ["ann@example.com", "bob@example.com", "ann@example.com"].map((email, index) =>
    change(String(index), { identifiers: { email: hash(email) } }),
  );
  const members = fake.state.segments[0]!.members;
  for (let times = 0; times < 2; times++) {
    expect(await drive(audience().deliver(batch("add", people, { kind: "email" }), of(id)), driver)).toEqual(
      people.map(() => ({ status: "accepted" })),
    );
    expect(members.size).toBe(2);
  }
  expect(await drive(audience().measure!(of(id)), driver)).toEqual({ sizeLow: 2, sizeHigh: 2 });
  for (let times = 0; times < 2; times++) {
    await drive(audience().deliver(batch("remove", people.slice(0, 1), { kind: "email" }), of(id)), driver);
    expect([...members]).toEqual([`EMAIL_SHA256:${hash("bob@example.com")}`]);
  }
});

it("proves the token with the ad account", async () => {
  const ctx = { config: configOf(snapchat, settings()) };
  expect(await drive(snapchat.check!(ctx), driver)).toEqual([{ ok: true, message: "reads ad account acc-1" }]);
  fake.state.oauth.expire();
  expect(await drive(snapchat.check!(ctx), driver)).toMatchObject([{ ok: false }]);
});
