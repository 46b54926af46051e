import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import salesforce from "../../destinations/salesforce.ts";
import { encodeFields } from "../../src/destination/encode.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeSalesforce } from "../fakes/salesforce.ts";

let fake: Awaited<ReturnType<typeof startFakeSalesforce>>;
let credentials: Record<string, string>;
beforeEach(async () => {
  fake = await startFakeSalesforce();
  const token = await fetch(`${fake.url}/services/oauth2/token`, { method: "POST", body: "grant_type=x" });
  credentials = (await token.json()) as Record<string, string>;
});
afterEach(() => fake.close());

const checkpoints: unknown[] = [];
const settings = (more = {}) => ({ base_url: fake.url, allow_private_network: true, ...more });
const driver = () => ({ destination: salesforce, credentials, checkpoints });
const remoteConfig = { sobject: "Contact", external_id: "Ext_Id__c" };
const deliver = (sent: ReturnType<typeof batch>, config = {}, more = {}) =>
  drive(
    object(salesforce, "record", settings(config)).deliver(
      sent,
      context(salesforce, settings(config), { remoteConfig, ...more }),
    ),
    driver(),
  );
const person = (key: string, fields = {}) => change(key, { fields: { LastName: key, ...fields } });
const people = (count: number) => Array.from({ length: count }, (_, index) => person(`u${index}`));
const held = () => [...fake.state.records].map(([key, { fields }]) => [key, fields]);
const calls = (part: string) => fake.requests.filter(({ method, path }) => `${method} ${path}`.includes(part));

it.each([
  ["collections", 2000],
  ["a job", 1],
])("gives each row its fate, keeps what is not said and clears NULLs, by %s", async (_, bulk_from) => {
  fake.state.refuse.set("bad", "REQUIRED_FIELD_MISSING").set("locked", "UNABLE_TO_LOCK_ROW");
  await deliver(batch("add", [person("u1", { Title: "Dr", City: "Lyon" })]), { bulk_from });
  const again = [person("u1", { Title: null }), person("u2", { City: "bad" }), person("u3", { City: "locked" })];
  for (let times = 0; times < 2; times++)
    expect(await deliver(batch("update", again), { bulk_from })).toEqual([
      { status: "accepted", remoteId: fake.state.records.get("u1")?.id },
      {
        status: "rejected",
        code: "REQUIRED_FIELD_MISSING",
        message: expect.stringMatching("REQUIRED_FIELD_MISSING for "),
      },
      { status: "deferred", message: expect.stringMatching("UNABLE_TO_LOCK_ROW for ") },
    ]);
  expect(held()).toEqual([["u1", { LastName: "u1", City: "Lyon" }]]);
});

it("sends 200 a call below the limit of jobs, and one job from there on", async () => {
  expect((await deliver(batch("add", people(450)))).every(({ status }) => status === "accepted")).toBe(true);
  expect(calls("PATCH /services/data/v65.0/composite").map(({ body }) => body.records.length)).toEqual([200, 200, 50]);
  expect(
    (await deliver(batch("add", people(450)), { bulk_from: 450 })).every(({ status }) => status === "accepted"),
  ).toBe(true);
  expect(calls("POST /services/data/v65.0/jobs/ingest")).toHaveLength(1);
  expect(fake.state.records.size).toBe(450);
});

it("tells the rows of a call that is refused as a whole, while those of other calls are taken", async () => {
  const body = [{ errorCode: "JSON_PARSER_ERROR", message: "Cannot deserialize instance of date" }];
  fake.fail({ status: 400, body, containing: ['"u333"'], times: 99 });
  const outcomes = await deliver(batch("add", people(450)));
  expect(outcomes.flatMap(({ status }, index) => (status === "accepted" ? [] : [`${index} ${status}`]))).toEqual([
    "333 rejected",
  ]);
  expect(fake.state.records.size).toBe(449);
});

it("goes on with a job from its checkpoint", async () => {
  const sent = batch("add", people(3));
  await deliver(sent, { bulk_from: 1 });
  const checkpoint = checkpoints.at(-1);
  expect(await deliver(sent, { bulk_from: 1 }, { checkpoint })).toMatchObject(
    people(3).map(() => ({ status: "accepted" })),
  );
  expect(calls("POST /services/data/v65.0/jobs/ingest")).toHaveLength(1);
});

const failure = { status: "rejected", code: "job_failed", message: "InvalidBatch : Field name not found : Nmae" };
it.each([
  ["Failed", failure],
  ["Aborted", { status: "deferred", message: "Aborted" }],
] as const)("says of the rows of a job that is %s what it did not come to", async (ends, expected) => {
  fake.state.ends = ends;
  expect(await deliver(batch("add", people(2)), { bulk_from: 1 })).toEqual([expected, expected]);
});

it.each([
  ["GET /services/data/v65.0/jobs/ingest/7501/successfulResults", { status: 200, body: {} }, "unknown"],
  ["GET /services/data/v65.0/jobs/ingest/7501/failedResults", { applied: "broken" }, "unknown"],
  ["/jobs/ingest/7501/batches", { status: 400, body: [{ errorCode: "CLIENTINPUTERROR", message: "bad" }] }, "rejected"],
  ["PATCH /services/data/v65.0/jobs/ingest/7501", { status: 500 }, "unknown"],
] as const)("%s answering %j leaves rows %s", async (on, fault, expected) => {
  fake.fail({ on, ...fault });
  expect(await deliver(batch("add", people(2)), { bulk_from: 1 })).toMatchObject([
    { status: expected },
    { status: expected },
  ]);
});

it("leaves a job that does not end in doubt", async () => {
  fake.state.polls = 100;
  expect(await deliver(batch("add", people(1)), { bulk_from: 1 })).toMatchObject([{ status: "unknown" }]);
});

it("deletes by Salesforce's ids, in collections whatever the size, and who is not there is gone", async () => {
  const outcomes = await deliver(batch("add", people(260)));
  const known = people(260).map((each, index) => ({
    ...each,
    ...(index < 200 ? { before: { ids: [], remoteId: (outcomes[index] as { remoteId: string }).remoteId } } : {}),
  }));
  const leaving = batch("remove", [...known, change("nobody")]);
  for (let times = 0; times < 2; times++) {
    expect(await deliver(leaving, { bulk_from: 1 })).toEqual(leaving.changes.map(() => ({ status: "accepted" })));
    expect(fake.state.records.size).toBe(0);
  }
  // 61 look-ups of 25, then 260 ids in two calls; the second time only those that the ledger knows.
  expect([calls("composite/batch").length, calls("DELETE ").length]).toEqual([6, 3]);
});

it("makes nobody in mode update", async () => {
  await deliver(batch("add", [person("u1")]));
  for (const bulk_from of [1, 2000])
    expect(
      await deliver(batch("update", [person("u1", { City: "Nice" }), person("u2")]), { bulk_from }, { mode: "update" }),
    ).toEqual([
      { status: "accepted", remoteId: "0031" },
      { status: "skipped", reason: "not_found" },
    ]);
  expect(held()).toEqual([["u1", { LastName: "u1", City: "Nice" }]]);
});

it("refuses what is longer than Salesforce takes, before it is sent", () => {
  const spec = object(salesforce, "record", {});
  expect(encodeFields(spec, { Bio__c: "x".repeat(32_001) })).toEqual({
    reject: { code: "invalid_field", message: "Bio__c: longer than 32,000 characters" },
  });
  expect(encodeFields(spec, { Bio__c: "x".repeat(32_000), Vip__c: true })).toHaveProperty("fields.Vip__c", true);
});

it("asks its own login for tokens: a JWT of three minutes, to the user's name", () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const private_key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const config = configOf(salesforce, { login_url: "https://test.salesforce.com/" });
  const { auth } = salesforce;
  if (auth.type !== "oauth2") throw new Error("no oauth2");
  const request = auth.token({
    credentials: { client_id: "app", username: "ada@example.com", private_key },
    config,
    now: 1_000_500,
  });
  expect(request?.url).toBe("https://test.salesforce.com/services/oauth2/token");
  const [, claims = ""] = (request?.form["assertion"] ?? "").split(".");
  expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toEqual({
    iss: "app",
    sub: "ada@example.com",
    aud: "https://test.salesforce.com",
    exp: 1180,
  });
});

it("calls the instance of its session and the login, nothing else", () => {
  const config = configOf(salesforce, {});
  expect(salesforce.hosts(config, { instance_url: "https://acme.my.salesforce.com" })).toEqual([
    "acme.my.salesforce.com",
    "login.salesforce.com",
  ]);
});

it("tells the engine what HTTP 403 hides", () => {
  const answer = (body: unknown) => ({ status: 403, headers: {}, body, text: "" });
  expect(salesforce.classify!(answer([{ errorCode: "REQUEST_LIMIT_EXCEEDED" }]))).toBe("throttled");
  expect(salesforce.classify!(answer([{ errorCode: "API_DISABLED_FOR_ORG" }]))).toBeUndefined();
  expect(salesforce.classify!(answer(undefined))).toBeUndefined();
});

const check = () => drive(salesforce.check!({ config: configOf(salesforce, settings()) }), driver());

it("checks that it may use the API", async () => {
  expect(await check()).toEqual([{ ok: true, message: "may use the API (permission API Enabled)" }]);
  fake.fail({ status: 401, body: [{ errorCode: "INVALID_SESSION_ID", message: "Session expired" }] });
  expect(await check()).toMatchObject([{ ok: false }]);
});
