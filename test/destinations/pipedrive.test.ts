import { afterEach, beforeEach, expect, it } from "vitest";
import pipedrive from "../../destinations/pipedrive.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakePipedrive } from "../fakes/pipedrive.ts";

const customKey = "c".repeat(40);
const person = (name: string, fields = {}, more = {}) =>
  change(name, { identifiers: { email: `${name}@example.com` }, fields: { name, ...fields }, ...more });
const formerly = (name: string, remoteId: string) => ({
  before: { ids: [{ kind: "email", value: `${name}@example.com`, version: 1 }], remoteId },
});
let fake: Awaited<ReturnType<typeof startFakePipedrive>>;
beforeEach(async () => {
  fake = await startFakePipedrive({ token: "token" });
});
afterEach(() => fake.close());

const settings = () => ({ base_url: fake.url, allow_private_network: true });
const driver = { destination: pipedrive, credentials: { api_token: "token" } };
const deliver = (sent: ReturnType<typeof batch>, more = {}, name = "person") =>
  drive(object(pipedrive, name, settings()).deliver(sent, context(pipedrive, settings(), more)), driver);
const emails = () => [...fake.state.persons.values()].map((held) => held["emails"].map((each: any) => each.value));
const calls = () => fake.requests.map(({ method, path }) => `${method} ${path.split("?")[0]?.replace("/api/v2/", "")}`);

it("makes a person, and changes the one that is there", async () => {
  const fields = { phones: ["+33639980001", "+33639980002"], org_id: 7, [customKey]: "gold" };
  for (const points of [1, 2])
    expect(await deliver(batch("add", [person("ann", { ...fields, points })]))).toEqual([
      { status: "accepted", remoteId: "1" },
    ]);
  expect([...fake.state.persons]).toEqual([
    [
      1,
      {
        name: "ann",
        org_id: 7,
        phones: [
          { value: "+33639980001", primary: true, label: "work" },
          { value: "+33639980002", primary: false, label: "work" },
        ],
        emails: [{ value: "ann@example.com", primary: true, label: "work" }],
        custom_fields: { [customKey]: "gold", points: 2 },
      },
    ],
  ]);
  expect(calls()).toEqual(["GET persons/search", "POST persons", "GET persons/search", "PATCH persons/1"]);
});

it("needs no search for a person it knows, so that its lag makes no second one", async () => {
  fake.state.lags = true;
  await deliver(batch("add", [person("ann")]));
  const known = person("ann", { name: "Ann" }, formerly("ann", "1"));
  expect(await deliver(batch("update", [known]))).toEqual([{ status: "accepted", remoteId: "1" }]);
  expect(calls().slice(2)).toEqual(["PATCH persons/1"]);
  expect(fake.state.persons.size).toBe(1);
});

it("leaves e-mails of others alone, and frees the former one when its own changes", async () => {
  await deliver(batch("add", [person("ann")]));
  fake.state.persons.get(1)!["emails"].push({ value: "Work@example.net", primary: false, label: "other" });
  await deliver(batch("update", [person("ann", { name: "Ann" }, formerly("ann", "1"))]));
  expect(emails()).toEqual([["ann@example.com", "Work@example.net"]]);
  await deliver(batch("update", [person("anna", {}, formerly("ann", "1"))]));
  expect(emails()).toEqual([["anna@example.com", "Work@example.net"]]);
});

it("makes a person anew where somebody deleted it, but nobody in mode update", async () => {
  await deliver(batch("add", [person("ann")]));
  fake.state.persons.get(1)!["deleted"] = true;
  const sent = batch("update", [person("ann", {}, formerly("ann", "1")), person("anna", {}, formerly("ann", "1"))]);
  expect(await deliver(sent, { mode: "update" })).toEqual([
    { status: "skipped", reason: "not_found" },
    { status: "skipped", reason: "not_found" },
  ]);
  expect(await deliver(sent)).toEqual([
    { status: "accepted", remoteId: "2" },
    { status: "accepted", remoteId: "3" },
  ]);
});

it("deletes once as twice", async () => {
  await deliver(batch("add", [person("ann"), person("bob")]));
  const leaving = batch("remove", [person("ann", {}, formerly("ann", "1")), person("bob"), person("zoe")]);
  for (let times = 0; times < 2; times++)
    expect(await deliver(leaving)).toEqual(leaving.changes.map(() => ({ status: "accepted" })));
  expect([...fake.state.persons.values()].map(({ deleted }) => deleted)).toEqual([true, true]);
});

it("does not guess between several people of one e-mail", async () => {
  const emailsOf = [{ value: "ann@example.com", primary: true }];
  for (const id of [8, 9]) fake.state.persons.set(id, { name: "Ann", emails: emailsOf });
  for (const op of ["add", "remove"] as const)
    expect(await deliver(batch(op, [person("ann")]))).toEqual([
      { status: "rejected", code: "several_found", message: "several persons have this email" },
    ]);
});

it("finds organizations by name or by a custom field, also for others' look-ups", async () => {
  const named = change("1", { identifiers: { name: "Acme" }, fields: { address: { value: "1 Main St" } } });
  const coded = change("2", { identifiers: { [customKey]: "x-2" } });
  for (let times = 0; times < 2; times++)
    expect(await deliver(batch("add", [named]), {}, "organization")).toEqual([{ status: "accepted", remoteId: "1" }]);
  fake.state.organizations.set(77, { name: "Other", custom_fields: { [customKey]: "x-2" } });
  expect(await deliver(batch("add", [coded]), {}, "organization")).toEqual([{ status: "accepted", remoteId: "77" }]);
  const lookup = object(pipedrive, "organization", settings()).lookup!;
  const found = await drive(lookup("name", ["Acme", "Nobody"], context(pipedrive, settings())), driver);
  expect([...found]).toEqual([["Acme", "1"]]);
});

it("repeats no request that makes a record", async () => {
  const exchange = object(pipedrive, "person", settings()).deliver(
    batch("add", [person("ann")]),
    context(pipedrive, settings()),
  );
  const sent: unknown[] = [];
  let step = exchange.next();
  while (step.done !== true) {
    if ("http" in step.value) sent.push([step.value.http.method, step.value.http.once]);
    const body = { success: true, data: sent.length === 1 ? { items: [] } : { id: 5 } };
    step = exchange.next("session" in step.value ? {} : { status: 200, headers: {}, body, text: "" });
  }
  expect(sent).toEqual([
    ["GET", undefined],
    ["POST", true],
  ]);
});

it("speaks as a user with a token, or as an app", () => {
  const { auth } = pipedrive;
  if (auth.type !== "oauth2") throw new Error("no oauth2");
  const given = (credentials: Record<string, string>) => ({ credentials, config: {}, now: 0 });
  expect(auth.headers?.("", given({ api_token: "t" }))).toEqual({ "x-api-token": "t" });
  expect(auth.token(given({ api_token: "t" }))).toBeNull();
  const app = { client_id: "a", client_secret: "b", refresh_token: "r" };
  expect(auth.token(given(app))).toEqual({
    url: "https://oauth.pipedrive.com/oauth/token",
    form: { grant_type: "refresh_token", ...app },
    headers: { authorization: `Basic ${Buffer.from("a:b").toString("base64")}` },
  });
  expect(auth.headers?.("x", given(app))).toEqual({ authorization: "Bearer x" });
  expect(pipedrive.hosts(configOf(pipedrive, { company: "acme" }), {})[0]).toBe("acme.pipedrive.com");
  expect(pipedrive.hosts(configOf(pipedrive, {}), { api_domain: "https://b.pipedrive.com" })[0]).toBe(
    "b.pipedrive.com",
  );
});

it("asks for the company where the token's API is", () => {
  const asking = pipedrive.account!({ config: configOf(pipedrive, {}) });
  expect(asking.next().value).toEqual({ session: true });
  const [method, url] = ["GET", "https://b.pipedrive.com/api/v1/users/me"];
  expect(asking.next({ api_domain: "https://b.pipedrive.com" }).value).toEqual({ http: { method, url } });
});

const check = (api_token: string) =>
  drive(pipedrive.check!({ config: configOf(pipedrive, settings()) }), { ...driver, credentials: { api_token } });

it("checks its token", async () => {
  expect(await check("token")).toEqual([{ ok: true, message: "reads persons" }]);
  expect(await check("wrong")).toMatchObject([{ ok: false }]);
});
