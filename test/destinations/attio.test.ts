import { afterEach, beforeEach, expect, it } from "vitest";
import attio from "../../destinations/attio.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeAttio } from "../fakes/attio.ts";

const person = (name: string, fields = {}, more = {}) =>
  change(name, { identifiers: { email_addresses: `${name}@example.com` }, fields, ...more });
const formerly = (name: string, remoteId: string) => ({
  before: { ids: [{ kind: "email_addresses", value: `${name}@example.com`, version: 1 }], remoteId },
});
let fake: Awaited<ReturnType<typeof startFakeAttio>>;
beforeEach(async () => {
  fake = await startFakeAttio({ key: "key" });
});
afterEach(() => fake.close());

const settings = () => ({ base_url: fake.url, allow_private_network: true });
const driver = { destination: attio, credentials: { api_key: "key" } };
const remoteConfig = { attio_object: "people" };
const deliver = (name: string, sent: ReturnType<typeof batch>, more = {}) =>
  drive(object(attio, name, settings()).deliver(sent, context(attio, settings(), { remoteConfig, ...more })), driver);
const ensure = (more: Record<string, string | boolean>) =>
  drive(
    object(attio, "list", settings()).ensure!(
      context(attio, settings(), { remoteConfig: { ...remoteConfig, ...more } }),
    ),
    driver,
  );
const addresses = () => [...fake.state.records.values()].map(({ values }) => values["email_addresses"]);

it("asserts a record twice as once, and clears what is NULL", async () => {
  const fields = { "name.first_name": "Ann", "name.last_name": null, tier: null };
  for (let times = 0; times < 2; times++)
    expect(await deliver("record", batch("add", [person("ann", fields)]))).toEqual([
      { status: "accepted", remoteId: "r1" },
    ]);
  expect([...fake.state.records.values()].map(({ values }) => values)).toEqual([
    { name: { first_name: "Ann", last_name: "", full_name: "Ann" }, email_addresses: ["ann@example.com"] },
  ]);
});

it("keeps addresses of others when its own changes, and frees the former one", async () => {
  await deliver("record", batch("add", [person("ann")]));
  fake.state.records.get("r1")!.values["email_addresses"].push("work@example.net");
  await deliver("record", batch("update", [person("anna", {}, formerly("ann", "r1"))]));
  expect(addresses()).toEqual([["anna@example.com", "work@example.net"]]);
  expect(await deliver("record", batch("add", [person("ann")]))).toEqual([{ status: "accepted", remoteId: "r2" }]);
});

it("makes a changed record anew where somebody deleted it, unless the mode is update", async () => {
  const sent = batch("update", [person("anna", {}, formerly("ann", "r9"))]);
  expect(await deliver("record", sent, { mode: "update" })).toEqual([{ status: "skipped", reason: "not_found" }]);
  expect(await deliver("record", sent)).toEqual([{ status: "accepted", remoteId: "r1" }]);
  expect(await deliver("record", sent, { mode: "update" })).toEqual([{ status: "accepted", remoteId: "r1" }]);
});

it("fills a list, twice as once; leaving it leaves other lists and the record", async () => {
  const remote = await ensure({ name: "V.I.P. people" });
  expect(await ensure({ name: "V.I.P. people" })).toEqual(remote);
  const other = await ensure({ name: "Other" });
  for (const to of [remote, remote, other]) await deliver("list", batch("add", [person("ann")]), { remote: to });
  const held = () => [...fake.state.entries.values()].map(({ list }) => list);
  expect(held()).toEqual([remote.id, other.id]);
  // Somebody put the person into the list a second time.
  fake.state.entries.set("by-hand", { list: remote.id, record: "r3", values: {} });
  expect(await deliver("list", batch("add", [person("ann")]), { remote })).toMatchObject([{ status: "accepted" }]);
  expect(await deliver("list", batch("add", [person("ann", { "entry.stage": "Won" })]), { remote })).toMatchObject([
    { status: "rejected", code: "multiple_match_results" },
  ]);
  for (let times = 0; times < 2; times++) {
    const left = await deliver("list", batch("remove", [person("ann"), person("zoe")]), { remote });
    expect(left).toEqual([{ status: "accepted" }, { status: "accepted" }]);
    expect(held()).toEqual([other.id]);
  }
  expect(addresses()).toEqual([["ann@example.com"]]);
});

it("writes values of the entry apart from those of the record", async () => {
  const remote = await ensure({ name: "VIP" });
  await deliver("list", batch("add", [person("ann", { points: 3, "entry.stage": "Won" })]), { remote });
  expect([...fake.state.entries.values()]).toEqual([{ list: remote.id, record: "r2", values: { stage: "Won" } }]);
  expect(fake.state.records.get("r2")?.values).toEqual({ points: 3, email_addresses: ["ann@example.com"] });
});

it("stops where several lists have the name, or there is none to take", async () => {
  for (const id of ["A", "B"]) fake.state.lists.set(id, { name: "VIP", slug: id, parent: "people" });
  await expect(ensure({ name: "VIP" })).rejects.toThrow(/2 lists/);
  await expect(ensure({ name: "None", create: false })).rejects.toThrow(/no list/);
  expect(await ensure({ id: "hiring" })).toEqual({ id: "hiring" });
});

const check = (scope: string | undefined) => {
  if (scope !== undefined) fake.fail({ on: "/v2/self", status: 200, body: { active: true, scope } });
  return drive(attio.check!({ config: configOf(attio, settings()) }), driver);
};

it("names the scopes a token lacks", async () => {
  expect(await check(undefined)).toEqual([{ ok: false, message: "the token lacks list_entry, list_configuration" }]);
  const all = "record_permission:read-write object_configuration:read list_entry:read-write list_configuration:read";
  expect(await check(all)).toEqual([{ ok: true, message: "reads and writes records and lists" }]);
});
