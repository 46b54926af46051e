import { afterEach, beforeEach, describe, expect, it } from "vitest";
import odoo from "../../destinations/odoo.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeOdoo } from "../fakes/odoo.ts";

const api_key = "key-of-the-lab";
let fake: Awaited<ReturnType<typeof startFakeOdoo>>;
beforeEach(async () => {
  fake = await startFakeOdoo();
});
afterEach(() => fake.close());

const person = (key: string, fields = {}) => change(key, { fields: { name: key, ...fields } });
const held = () => [...fake.state.externalIds].map(([name, id]) => [name, fake.state.records.get(id)]);

describe.each(["json2", "jsonrpc"] as const)("%s", (protocol) => {
  const settings = () => ({ url: fake.url, database: "shop", protocol, allow_private_network: true });
  const login = protocol === "jsonrpc" ? { login: "ada@example.com" } : {};
  const driver = (key = api_key) => ({ destination: odoo, credentials: { api_key: key, ...login } });
  const deliver = (sent: ReturnType<typeof batch>, more = {}, key = api_key) =>
    drive(
      object(odoo, "record", settings()).deliver(
        sent,
        context(odoo, settings(), { remoteConfig: { model: "res.partner" }, ...more }),
      ),
      driver(key),
    );

  it("loads records twice as once, leaves alone what is not said and clears NULLs", async () => {
    await deliver(batch("add", [person("ann", { title: "Dr", city: "Lyon" }), person("bob", { city: "Nice" })]));
    const changes = [person("ann", { title: null }), person("bob")];
    for (let times = 0; times < 2; times++)
      expect(await deliver(batch("update", changes))).toEqual([
        { status: "accepted", remoteId: "1" },
        { status: "accepted", remoteId: "2" },
      ]);
    expect(held()).toEqual([
      ["__import__.res_partner_ann", { name: "ann", city: "Lyon" }],
      ["__import__.res_partner_bob", { name: "bob", city: "Nice" }],
    ]);
  });

  it("names each bad row in Odoo's words, and loads the others", async () => {
    fake.state.refuse.add("bad-1").add("bad-2");
    const sent = ["a", "bad-1", "c", "bad-2", "e"].map((key) => person(key));
    expect(await deliver(batch("add", sent))).toEqual([
      { status: "accepted", remoteId: "1" },
      { status: "rejected", code: "load_error", message: "name: wrong value bad-1" },
      { status: "accepted", remoteId: "2" },
      { status: "rejected", code: "load_error", message: "name: wrong value bad-2" },
      { status: "accepted", remoteId: "3" },
    ]);
    expect(fake.state.records.size).toBe(3);
  });

  it("deletes once as twice", async () => {
    await deliver(batch("add", [person("ann"), person("bob")]));
    for (let times = 0; times < 2; times++) {
      const left = await deliver(batch("remove", [person("ann"), person("zoe")]));
      expect(left).toEqual([{ status: "accepted" }, { status: "accepted" }]);
      expect(held()).toEqual([["__import__.res_partner_bob", { name: "bob" }]]);
    }
  });

  it("does not call a record deleted that Odoo keeps", async () => {
    await deliver(batch("add", [person("ann")]));
    fake.state.refuse.add("1");
    expect(await deliver(batch("remove", [person("ann")]))).toEqual([
      { status: "rejected", code: "UserError", message: "It has invoices." },
    ]);
  });

  it("makes nobody in mode update", async () => {
    await deliver(batch("add", [person("ann")]));
    const sent = batch("update", [person("ann", { city: "Nice" }), person("zoe")]);
    expect(await deliver(sent, { mode: "update" })).toEqual([
      { status: "accepted", remoteId: "1" },
      { status: "skipped", reason: "not_found" },
    ]);
    expect(held()).toEqual([["__import__.res_partner_ann", { name: "ann", city: "Nice" }]]);
  });

  it("keeps keys apart that are spelt alike", async () => {
    const keys = ["a.b", "a_b", "a-b", "a b", "a_2e_b", "é", [1, "x"], [1, "y"]];
    await deliver(
      batch(
        "add",
        keys.map((key, index) => ({ ...person(String(index)), key })),
      ),
    );
    expect(fake.state.externalIds.size).toBe(keys.length);
    for (const name of fake.state.externalIds.keys()) expect(name).toMatch(/^__import__\.[\w-]+$/);
  });

  it.each([
    [{ status: 429 }, "deferred"],
    [{ status: 500 }, "unknown"],
    [{ applied: "broken" }, "unknown"],
  ] as const)("%j leaves rows %s", async (fault, expected) => {
    fake.fail({ ...fault, containing: ["load", "fields"] });
    expect(await deliver(batch("add", [person("ann")]))).toMatchObject([{ status: expected }]);
  });

  it("checks its key", async () => {
    const check = (key: string) => drive(odoo.check!({ config: configOf(odoo, settings()) }), driver(key));
    expect(await check(api_key)).toEqual([{ ok: true, message: "signs in and reads external ids" }]);
    if (protocol === "jsonrpc") await expect(check("old")).rejects.toMatchObject({ diagnostics: [{ code: "E812" }] });
    else expect(await check("old")).toMatchObject([{ ok: false }]);
  });
});

it("writes login and key into their places of a JSON-RPC call, and nowhere else", () => {
  const { auth } = odoo;
  if (auth.type !== "custom") throw new Error("no custom auth");
  const credentials = { api_key: "k", login: "ada" };
  const written = (params: object) =>
    JSON.parse(auth.body!(credentials, JSON.stringify({ jsonrpc: "2.0", method: "call", params, id: 1 }))).params.args;
  expect(written({ service: "common", args: ["shop", null, null, {}] })).toEqual(["shop", "ada", "k", {}]);
  expect(written({ service: "object", args: ["shop", 7, null, "m", "load", [], { data: [null] }] })).toEqual([
    "shop",
    7,
    "k",
    "m",
    "load",
    [],
    { data: [null] },
  ]);
  expect(auth.body!(credentials, '{"fields":[null,null,null]}')).toBe('{"fields":[null,null,null]}');
  expect([auth.headers(credentials), auth.headers({ api_key: "k" })]).toEqual([{}, { authorization: "bearer k" }]);
});

it("tells the engine that a trouble with a name has undone its call", () => {
  const answer = (status: number, body: unknown) => ({ status, headers: {}, body, text: "" });
  expect(odoo.classify!(answer(500, { name: "builtins.ValueError", message: "x" }))).toBe("reject");
  expect(odoo.classify!(answer(500, undefined))).toBeUndefined();
  expect(odoo.classify!(answer(401, { name: "werkzeug.exceptions.Unauthorized" }))).toBeUndefined();
});
