import { afterEach, beforeEach, expect, it } from "vitest";
import pinterest from "../../destinations/pinterest.ts";
import { digest } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakePinterest } from "../fakes/pinterest.ts";

const hash = (text: string): string => digest("sha256", text);
let fake: Awaited<ReturnType<typeof startFakePinterest>>;
beforeEach(async () => {
  fake = await startFakePinterest();
  fake.state.oauth.token({ text: "grant_type=refresh_token&refresh_token=refresh-of-the-lab" } as never);
});
afterEach(() => fake.close());

const driver = { destination: pinterest, credentials: { access_token: "token-1" } };
const settings = (more = {}) => ({ ad_account: "549", base_url: fake.url, allow_private_network: true, ...more });
const audience = (more = {}) => object(pinterest, "audience", settings(more));
const ctx = (id: string, more = {}, config = {}) =>
  context(pinterest, settings(config), { remote: { id }, remoteConfig: { name: "VIP" }, ...more });
const ensure = (remoteConfig = {}) =>
  drive(audience().ensure!(context(pinterest, settings(), { remoteConfig })), driver);
const send = (op: "add" | "remove", names: readonly string[], at = ctx("new:run1:VIP")) =>
  drive(
    audience().deliver(
      batch(
        op,
        names.map((name) => change(name, { identifiers: { email: hash(`${name}@example.com`) } })),
      ),
      at,
    ),
    driver,
  );
const finish = (at: ReturnType<typeof ctx>, reports: { name: string; value: number }[] = [], add = 1) =>
  drive(audience().finish!(at, { accepted: { add, update: 0, remove: 0 }, rejected: 0 }), { ...driver, reports });
const accepted = { status: "accepted" };

it("makes a list with its first rows, changes it, adds twice as once and removes who is not there", async () => {
  fake.state.page = 1;
  fake.state.lists.push({ id: "7", name: "other", list_type: "EMAIL", members: new Set() });
  expect(await ensure({ name: "VIP" })).toEqual({ id: "new:run1:VIP" });
  // Whoever is to leave a list that was never made is not in it.
  expect(await send("remove", ["ann"])).toEqual([accepted]);
  expect(await send("add", ["ann", "bob", "ann"])).toEqual([accepted, accepted, accepted]);
  expect(await ensure({ name: "VIP" })).toEqual({ id: "644" });
  const { members } = fake.state.lists[1]!;
  for (let times = 0; times < 2; times++) {
    expect(await send("add", ["cy"], ctx("new:run1:VIP", { runId: "run2" }))).toEqual([accepted]);
    expect(members.size).toBe(3);
  }
  for (let times = 0; times < 2; times++) {
    expect(await send("remove", ["ann", "bob"], ctx("644"))).toEqual([accepted, accepted]);
    expect([...members]).toEqual([hash("cy@example.com")]);
  }
  expect(fake.state.lists).toHaveLength(2);
});

it("does not make a list anew that was deleted", async () => {
  await expect(send("add", ["ann"], ctx("new:run1:VIP", { runId: "run2" }))).rejects.toMatchObject({
    diagnostics: [{ code: "E811" }],
  });
});

it("makes the audience over a list once, again by a later run where it could not, and tells its size", async () => {
  await finish(ctx("new:run1:VIP"));
  expect(fake.state.audiences).toEqual([]);
  await send("add", ["ann", "bob"]);
  const reports: { name: string; value: number }[] = [];
  fake.fail({ on: "POST /v5/ad_accounts/549/audiences", status: 400, body: { code: 1, message: "Not ready." } });
  await finish(ctx("new:run1:VIP"), reports);
  expect(reports).toEqual([{ name: "audiences_not_made", value: 1 }]);
  expect(await drive(audience().measure!(ctx("643")), driver)).toEqual({});
  for (let runs = 0; runs < 2; runs++) await finish(ctx("new:run1:VIP", { runId: "run2" }), reports);
  expect(fake.state.audiences).toEqual([{ id: "90", name: "VIP", rule: { customer_list_id: "643" } }]);
  expect(reports).toHaveLength(1);
  expect(await drive(audience().measure!(ctx("643")), driver)).toEqual({ sizeLow: 2, sizeHigh: 2 });
});

it("makes no audience where the user does not want one, and asks nothing after a run that changed nothing", async () => {
  await send("add", ["ann"]);
  const before = fake.requests.length;
  await finish(ctx("643"), [], 0);
  expect(fake.requests).toHaveLength(before);
  await finish(ctx("643", {}, { make_audience: false }));
  expect(fake.state.audiences).toEqual([]);
});

it("asks for tokens as Pinterest wants: the app's id and secret in the header, the refresh token in the form", () => {
  const { auth } = pinterest;
  if (auth.type !== "oauth2") throw new Error("it is OAuth 2");
  const given = { config: {}, now: 0 };
  const credentials = { client_id: "id", client_secret: "secret", refresh_token: "refresh" };
  expect(auth.token({ ...given, credentials })).toEqual({
    url: "https://api.pinterest.com/v5/oauth/token",
    form: { grant_type: "refresh_token", refresh_token: "refresh" },
    headers: { authorization: `Basic ${Buffer.from("id:secret").toString("base64")}` },
  });
  expect(auth.token({ ...given, credentials: { access_token: "token" } })).toBeNull();
});

it("reads exceptions as a refusal, sends as many people a request as the user allows, and proves the token", async () => {
  const kind = (exceptions: object) =>
    pinterest.classify!({ status: 200, headers: {}, body: { id: "643", exceptions }, text: "" });
  expect([kind({}), kind({ code: 2 })]).toEqual([undefined, "reject"]);
  expect(audience({ batch_rows: 7 }).limits).toEqual({ rows: 7, concurrency: 1 });
  const check = (more = {}) => drive(pinterest.check!({ config: configOf(pinterest, settings(more)) }), driver);
  expect(await check()).toEqual([{ ok: true, message: "reads the customer lists of ad account 549" }]);
  await expect(check({ ad_account: "1" })).rejects.toMatchObject({
    diagnostics: [{ code: "E813", hint: expect.stringContaining("ads:write") }],
  });
});
