import { afterEach, expect, it } from "vitest";
import webhook from "../../destinations/webhook.ts";
import { standardWebhook } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startWebhookReceiver } from "../fakes/webhook.ts";

const ann = change("1", { identifiers: { email: "Ann@example.com" }, fields: { tier: "gold" } });
const bob = change("2", { identifiers: { email: "bob@example.com" }, fields: { tier: null } });
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function receiver(options = {}) {
  const fake = await startWebhookReceiver(options);
  closing.push(fake.close);
  return fake;
}

const settings = (url: string, more = {}) => ({ url: `${url}/in?team=growth`, allow_private_network: true, ...more });
const deliver = (url: string, sent: ReturnType<typeof batch>, more = {}, ctx = {}, credentials = {}) => {
  const config = settings(url, more);
  const spec = object(webhook, "member", config);
  return drive(spec.deliver(sent, context(webhook, config, ctx)), { destination: webhook, credentials });
};

it("posts the documented JSON body and takes any 2xx as accepted", async () => {
  const fake = await receiver();
  expect(await deliver(fake.url, batch("add", [ann, bob]))).toEqual([{ status: "accepted" }, { status: "accepted" }]);
  expect(fake.requests[0]).toMatchObject({ method: "POST", path: "/in?team=growth" });
  expect(JSON.parse(fake.requests[0]!.text)).toEqual({
    sync: "vip_to_there",
    run_id: "run1",
    batch: "batch-add-0",
    op: "add",
    changes: [
      { key: "1", identifiers: { email: "Ann@example.com" }, fields: { tier: "gold" } },
      { key: "2", identifiers: { email: "bob@example.com" }, fields: { tier: null } },
    ],
  });
});

it("leaves fields out of removals", async () => {
  const fake = await receiver();
  await deliver(fake.url, batch("add", [ann, bob]));
  await deliver(fake.url, batch("remove", [change("1", { identifiers: { email: "Ann@example.com" } })]));
  expect(fake.requests[1]?.body.changes).toEqual([{ key: "1", identifiers: { email: "Ann@example.com" } }]);
  expect([...fake.state.members.keys()]).toEqual(['"2"']);
});

it("writes NDJSON with the rest in headers, from lines built in SQL where there are any", async () => {
  const fake = await receiver();
  const lines = ['{"key":9007199254740993,"identifiers":{},"fields":{}}'];
  await deliver(fake.url, batch("add", [change("9")], { lines }), { format: "ndjson" });
  const [request] = fake.requests;
  expect(request?.text).toBe(`${lines[0]}\n`);
  expect(request?.headers).toMatchObject({
    "content-type": "application/x-ndjson",
    "millrace-sync": "vip_to_there",
    "millrace-batch": "batch-add-0",
    "millrace-op": "add",
  });
});

it("signs the exact bytes sent", async () => {
  const fake = await receiver({ secret });
  const sign = (parts: { id: string; body: string }) =>
    webhook.sign!({ secret }, { ...parts, timestamp: 1_767_322_800 });
  expect(await deliver(fake.url, batch("add", [ann]), {}, { sign })).toEqual([{ status: "accepted" }]);
  const { text, headers } = fake.requests[0]!;
  expect(headers).toMatchObject(standardWebhook(secret, { id: "batch-add-0", body: text, timestamp: 1_767_322_800 }));
  expect(await deliver(fake.url, batch("add", [ann]))).toMatchObject([{ status: "deferred" }]);
  expect(webhook.sign!({}, { id: "x", body: "", timestamp: 1 })).toEqual({});
});

it("gives each row of a 207 its own outcome", async () => {
  const fake = await receiver();
  fake.state.refuse.set('"2"', { code: "no_such_plan", message: "bob@example.com has no plan" });
  expect(await deliver(fake.url, batch("add", [ann, bob]))).toEqual([
    { status: "accepted" },
    { status: "rejected", code: "no_such_plan", message: "<email> has no plan" },
  ]);
});

it.each([
  [{ status: 207, body: { results: [{ status: "accepted" }] } }, ["unknown", "unknown"]],
  [{ status: 207, body: { results: [{ status: 200 }, { status: 422, code: "x" }] } }, ["accepted", "rejected"]],
  [{ status: 207, body: { results: [{ status: "deferred" }, { status: "?" }] } }, ["deferred", "unknown"]],
  [{ status: 207, body: {} }, ["unknown", "unknown"]],
  [{ status: 500, body: {} }, ["unknown", "unknown"]],
  [{ status: 429, headers: { "retry-after": "2" } }, ["deferred", "deferred"]],
  [{ status: 422, body: { message: "bad" } }, ["rejected", "rejected"]],
] as const)("answer %j", async (fault, expected) => {
  const fake = await receiver();
  fake.fail(fault);
  expect((await deliver(fake.url, batch("add", [ann, bob]))).map(({ status }) => status)).toEqual(expected);
});

it.each([
  [410, "E811"],
  [302, "E814"],
])("HTTP %i stops the sync", async (status, code) => {
  const fake = await receiver();
  fake.fail({ status, headers: { location: "http://127.0.0.1:1/" } });
  await expect(deliver(fake.url, batch("add", [ann]))).rejects.toMatchObject({ diagnostics: [{ code }] });
});

const read = (config: object) => webhook.hosts(configOf(webhook, config), {});

it("calls only the host of url, or of base_url", () => {
  expect(read({ url: "https://hooks.example.com/in" })).toEqual(["hooks.example.com"]);
  expect(read({ url: "https://hooks.example.com/in", base_url: "http://127.0.0.1:9" })).toEqual(["127.0.0.1"]);
  expect(object(webhook, "member", { url: "https://hooks.example.com", rows: 7 }).limits.rows).toBe(7);
});

it("authenticates by what is set", () => {
  const { auth } = webhook;
  const headers = (credentials: object) =>
    auth.type === "custom" ? auth.headers(credentials as Record<string, unknown>) : {};
  expect(headers({})).toEqual({});
  expect(headers({ bearer: "t0p" })).toEqual({ authorization: "Bearer t0p" });
  expect(headers({ basic: { username: "me", password: "pw" } })).toEqual({ authorization: "Basic bWU6cHc=" });
  expect(headers({ headers: { "x-key": "k" } })).toEqual({ "x-key": "k" });
});
