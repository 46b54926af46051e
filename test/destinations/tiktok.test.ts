import { afterEach, beforeEach, expect, it } from "vitest";
import tiktok from "../../destinations/tiktok.ts";
import { encodeValue } from "../../src/destination/encode.ts";
import { digest } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeTiktok, tiktokFault } from "../fakes/tiktok.ts";

const hash = (text: string): string => digest("sha256", text);
let fake: Awaited<ReturnType<typeof startFakeTiktok>>;
beforeEach(async () => {
  fake = await startFakeTiktok({ token: "token" });
});
afterEach(() => fake.close());

const driver = { destination: tiktok, credentials: { access_token: "token" } };
const settings = (more = {}) => ({ advertiser_id: "7178", base_url: fake.url, allow_private_network: true, ...more });
const the = (name: string, more = {}) => object(tiktok, name, settings(more));
const ensure = (name: string, remoteConfig = {}) =>
  drive(the(name).ensure!(context(tiktok, settings(), { remoteConfig })), driver);
const of = (id: string, more = {}) => context(tiktok, settings(), { remote: { id }, ...more });
const people = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) =>
    change(String(from + index), { identifiers: { email: hash(`p${from + index}@example.com`) } }),
  );
const statuses = (outcomes: readonly { readonly status: string }[]) => [
  ...new Set(outcomes.map(({ status }) => status)),
];

it("makes a segment once and finds it again, over pages, by its name as TikTok takes it", async () => {
  fake.state.page = 1;
  const name = "V".repeat(80);
  const { id } = await ensure("audience", { name: "other" });
  const { id: long } = await ensure("audience", { name });
  expect([await ensure("audience", { name }), id === long]).toEqual([{ id: long }, false]);
  expect(fake.state.audiences.map((each) => each.name)).toEqual(["other", "V".repeat(70)]);
  await expect(ensure("audience", { name: "none", create: false })).rejects.toThrow(/there is no audience/);
});

it("streams people twice as once, removes who is there and who is not, and tells the size", async () => {
  const { id } = await ensure("audience");
  const send = (op: "add" | "remove", count: number) =>
    drive(the("audience").deliver(batch(op, people(count)), of(id)), driver);
  const { members } = fake.state.audiences[0]!;
  for (let times = 0; times < 2; times++) {
    expect(statuses(await send("add", 3))).toEqual(["accepted"]);
    expect(members.size).toBe(3);
  }
  expect(await drive(the("audience").measure!(of(id)), driver)).toEqual({ sizeLow: 3, sizeHigh: 3 });
  for (let times = 0; times < 2; times++) {
    expect(statuses(await send("remove", 2))).toEqual(["accepted"]);
    expect([...members]).toEqual([`EMAIL_SHA256:${hash("p2@example.com")}`]);
  }
});

it("makes a file audience with its first rows, then appends and removes", async () => {
  const { id } = await ensure("file_audience", { name: "VIP" });
  expect([id, fake.state.audiences]).toEqual(["new:run1:VIP", []]);
  const send = (op: "add" | "remove", changes = people(0), more = {}) =>
    drive(the("file_audience").deliver(batch(op, changes, { kind: "email" }), of(id, more)), driver);
  expect(statuses(await send("add", [...people(1000), ...people(1)]))).toEqual(["accepted"]);
  const [{ name, members } = { name: "", members: new Set() }] = fake.state.audiences;
  expect([name, members.size]).toEqual(["VIP", 1000]);
  // A later run finds it by its name.
  expect(statuses(await send("add", people(5, 1000), { runId: "run2" }))).toEqual(["accepted"]);
  expect(members.size).toBe(1005);
  for (let times = 0; times < 2; times++) {
    expect(statuses(await send("remove", people(2), { runId: "run2" }))).toEqual(["accepted"]);
    expect(members.size).toBe(1003);
  }
  expect(await drive(the("file_audience").measure!(of(id)), driver)).toEqual({ sizeLow: 1003, sizeHigh: 1003 });
  expect(fake.requests.flatMap(({ body }) => (body?.action === undefined ? [] : [body.action]))).toEqual([
    "APPEND",
    "REMOVE",
    "REMOVE",
  ]);
});

it("minds the floor of 1,000 people: makes none below, and lets removals wait", async () => {
  const { id } = await ensure("file_audience");
  const send = (op: "add" | "remove", count: number) =>
    drive(the("file_audience").deliver(batch(op, people(count), { kind: "email" }), of(id)), driver);
  await expect(send("add", 999)).rejects.toMatchObject({ diagnostics: [{ code: "E810" }] });
  // Whoever is to leave an audience that was never made is not in it.
  expect(statuses(await send("remove", 2))).toEqual(["accepted"]);
  expect(fake.requests.map(({ method }) => method)).not.toContain("POST");
  await send("add", 1000);
  expect(statuses(await send("remove", 1))).toEqual(["deferred"]);
  expect(fake.state.audiences[0]?.members.size).toBe(1000);
});

it("does not make an audience anew that was deleted", async () => {
  const { id } = await ensure("file_audience", { name: "VIP" });
  const rows = batch("add", people(1000), { kind: "email" });
  await expect(drive(the("file_audience").deliver(rows, of(id, { runId: "run2" })), driver)).rejects.toMatchObject({
    diagnostics: [{ code: "E811" }],
  });
});

it("hashes one person's phone and e-mail in two ways", () => {
  const sent = (name: string, kind: string, raw: string) => encodeValue(the(name).identifiers[kind]!, raw);
  expect(["audience", "file_audience"].map((name) => sent(name, "phone", "+1 (657) 777-0000"))).toEqual([
    hash("+16577770000"),
    hash("16577770000"),
  ]);
  // Dots stay, whatever other connectors do.
  expect(["audience", "file_audience"].map((name) => sent(name, "email", "Ann.Lee+promo@Example.com"))).toEqual([
    hash("ann.lee+promo@example.com"),
    hash("ann.lee@example.com"),
  ]);
});

it.each([
  [40100, "throttled"],
  [40105, "auth"],
  [50000, "retry"],
  [40002, "reject"],
  [0, undefined],
])("reads code %i as %s", (code, kind) => {
  const { body } = tiktokFault(code, "words");
  expect(tiktok.classify!({ status: 200, headers: {}, body, text: "" })).toBe(kind);
});

it("sends as many people a request as the user allows, and proves the token", async () => {
  expect(["audience", "file_audience"].map((name) => the(name, { batch_rows: 7 }).limits.rows)).toEqual([7, 100_000]);
  expect(the("file_audience", { retention_days: 30 }).expiresMs).toBe(30 * 86_400_000);
  const check = (more = {}, credentials = driver.credentials) =>
    drive(tiktok.check!({ config: configOf(tiktok, settings(more)) }), { ...driver, credentials });
  expect(await check()).toEqual([{ ok: true, message: "reads the audiences of advertiser 7178" }]);
  await expect(check({ advertiser_id: "1" })).rejects.toMatchObject({ diagnostics: [{ code: "E813" }] });
  await expect(check({}, { access_token: "old" })).rejects.toMatchObject({ diagnostics: [{ code: "E812" }] });
});
