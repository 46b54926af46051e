import { afterEach, beforeEach, expect, it } from "vitest";
import microsoft from "../../destinations/microsoft-ads.ts";
import { digest } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { microsoftFault, startFakeMicrosoftAds } from "../fakes/microsoft-ads.ts";

const hash = (text: string): string => digest("sha256", text);
let fake: Awaited<ReturnType<typeof startFakeMicrosoftAds>>;
beforeEach(async () => {
  fake = await startFakeMicrosoftAds({ developerToken: "developer" });
  fake.state.oauth.token({ text: "grant_type=refresh_token&refresh_token=refresh-of-the-lab" } as never);
});
afterEach(() => fake.close());

const driver = { destination: microsoft, credentials: { access_token: "token-1", developer_token: "developer" } };
const settings = (more = {}) => ({
  account_id: "88",
  customer_id: "77",
  base_url: fake.url,
  allow_private_network: true,
  ...more,
});
const audience = (more = {}) => object(microsoft, "audience", settings(more));
const ensure = (remoteConfig = {}) =>
  drive(audience().ensure!(context(microsoft, settings(), { remoteConfig })), driver);
const of = (id: string, more = {}) => context(microsoft, settings(more), { remote: { id } });
const people = (...names: readonly string[]) =>
  names.map((name, index) => change(String(index), { identifiers: { email: hash(`${name}@example.com`) } }));
const accepted = { status: "accepted" };

it("makes a list once and finds it again by its marker", async () => {
  fake.state.lists.push({ Id: "7", Name: "by hand", Description: null, members: new Set() });
  const { id } = await ensure({ name: "VIP" });
  expect(await ensure({ name: "VIP" })).toEqual({ id });
  expect(fake.state.lists.map(({ Name, Description }) => [Name, Description])).toEqual([
    ["by hand", null],
    ["VIP", "Kept by millrace [millrace:test/vip_to_there]"],
  ]);
  await expect(ensure({ name: "by hand" })).rejects.toThrow(/was not made by this sync/);
});

it("adds twice as once, refuses an item with all its rows, removes what is there and what is not", async () => {
  const { id } = await ensure();
  const rows = people("ann", "bob", "cy", "bob");
  fake.state.refuse.add(hash("bob@example.com"));
  const rejected = {
    status: "rejected",
    code: "CustomerListItemInvalid",
    message: "Microsoft refused the item: CustomerListItemInvalid (8001)",
  };
  const { members } = fake.state.lists[0]!;
  for (let times = 0; times < 2; times++) {
    expect(await drive(audience().deliver(batch("add", rows, { kind: "email" }), of(id)), driver)).toEqual([
      accepted,
      rejected,
      accepted,
      rejected,
    ]);
    expect(members.size).toBe(2);
  }
  // In the search network 2, in the audience network 4: who they are is not said.
  expect(await drive(audience().measure!(of(id)), driver)).toEqual({ sizeLow: 4, sizeHigh: 6 });
  const ann = batch("remove", rows.slice(0, 1), { kind: "email" });
  for (let times = 0; times < 2; times++) {
    expect(await drive(audience().deliver(ann, of(id)), driver)).toEqual([accepted]);
    expect([...members]).toEqual([`Email:${hash("cy@example.com")}`]);
  }
});

it("accepts the Customer Match terms only where the user says so", async () => {
  const { id } = await ensure();
  fake.state.terms = false;
  const deliver = (more = {}) =>
    drive(audience().deliver(batch("add", people("ann"), { kind: "email" }), of(id, more)), driver);
  const missing = { diagnostics: [{ code: "E813", hint: expect.stringContaining("accept_customer_match_terms") }] };
  await expect(deliver()).rejects.toMatchObject(missing);
  await expect(deliver({ accept_customer_match_terms: false })).rejects.toMatchObject(missing);
  expect(await deliver({ accept_customer_match_terms: true })).toEqual([accepted]);
  await expect(ensure({ name: "another" })).rejects.toMatchObject(missing);
});

it("stops at a list that is gone, and names the code where none could be made", async () => {
  await expect(
    drive(audience().deliver(batch("add", people("ann"), { kind: "email" }), of("9")), driver),
  ).rejects.toMatchObject({ diagnostics: [{ code: "E811" }] });
  const body = {
    AudienceIds: [null],
    PartialErrors: [{ Index: 0, Code: 4120, ErrorCode: "DuplicateName", Message: "x" }],
  };
  fake.fail({ on: "/Audiences", status: 200, body: { Audiences: [] } });
  fake.fail({ on: "POST /CampaignManagement/v13/Audiences", status: 200, body });
  await expect(ensure({ name: "VIP" })).rejects.toThrow('the customer list "VIP" was not made: DuplicateName (4120)');
});

const kindOf = (status: number, code: number) =>
  microsoft.classify!({ status, headers: {}, body: microsoftFault(status, code, "Whatever").body, text: "" });

it.each([
  [105, "auth"],
  [109, "auth"],
  [106, "reject"],
  [117, "throttled"],
])("reads fault %i under any status as %s", (code, kind) => {
  for (const status of [200, 400, 401, 500]) expect(kindOf(status, code)).toBe(kind);
});

it("reads any other fault as a refusal, but for those of a server in trouble", () => {
  expect([200, 400, 500].map((status) => kindOf(status, 4001))).toEqual(["reject", "reject", undefined]);
  expect(microsoft.classify!({ status: 200, headers: {}, body: { PartialErrors: [{ Code: 105 }] }, text: "" })).toBe(
    undefined,
  );
});

it("sends as many items a request as the user allows", () => {
  expect([audience().limits.rows, audience({ batch_rows: 50 }).limits.rows]).toEqual([1000, 50]);
});

it("proves the token with the customer lists, and names what is missing", async () => {
  const check = (credentials = {}) =>
    drive(microsoft.check!({ config: configOf(microsoft, settings()) }), {
      ...driver,
      credentials: { ...driver.credentials, ...credentials },
    });
  expect(await check()).toEqual([{ ok: true, message: "reads the customer lists of account 88" }]);
  await expect(check({ developer_token: "other" })).rejects.toMatchObject({ diagnostics: [{ code: "E813" }] });
  fake.state.oauth.expire();
  await expect(check()).rejects.toMatchObject({ diagnostics: [{ code: "E812" }] });
});
