import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { explainPerson } from "../../src/engine/index.ts";
import { day, startShop, type Shop } from "./small-shop.ts";

let shop: Shop;
beforeEach(async () => (shop = await startShop()) && undefined);
afterEach(() => shop.close());

const explain = async (who: { key?: string; email?: string; audience?: string; at?: number }) =>
  explainPerson({ ...(await shop.options()), ...who });

async function pseudonym(k: string): Promise<string> {
  const key = Buffer.from(await readFile(join(shop.root, ".millrace/project.key"), "utf8"), "hex");
  return createHmac("sha256", key).update(k).digest("hex").slice(0, 12);
}

it("ticks the rules before anything was sent", async () => {
  const found = await explain({ key: "4" });
  expect(found).toEqual({
    schema: "millrace/explain/v1",
    environment: "dev",
    as_of: "2026-03-01T06:00:00.000Z",
    person: await pseudonym("4"),
    model: "customers",
    identifiers: { email: "d•••@example.com" },
    audiences: [
      {
        audience: "staff",
        member: false,
        rules: null,
        trace: expect.any(Array) as unknown,
        excluded_by: null,
        history: [],
      },
      {
        audience: "vip",
        member: false,
        rules: {
          rule: "all of",
          holds: false,
          found: null,
          children: [
            { rule: "country is FR", holds: false, found: "country = DE", children: [] },
            { rule: "spent is at least 100", holds: true, found: "spent = 900", children: [] },
          ],
        },
        trace: [],
        excluded_by: null,
        history: [],
      },
    ],
    destinations: [
      {
        sync: "vip_to_hook",
        destination: "hook",
        object: "member",
        state: "none",
        remote_id: null,
        identifiers: {},
        sent_at: null,
        run_id: null,
        rejection: null,
        history: [],
      },
    ],
  });
});

it("tells stays with commits, and what the destination holds from the first add to the last remove", async () => {
  const first = (await shop.sync()).document.run_id;
  const held = await explain({ email: " ADA@example.COM" });
  shop.now += day;
  await shop.people("1,Ada,ada@example.com,FR,80", "2,Bo,bo@example.com,FR,120");
  const second = (await shop.sync()).document.run_id;
  const gone = await explain({ key: "1" });
  const vip = held.audiences.find(({ audience }) => audience === "vip");
  const [enter, leave] = ["2026-03-01T06:00:00.000Z", "2026-03-02T06:00:00.000Z"];
  expect(held.person).toBe(await pseudonym("1"));
  expect(vip).toMatchObject({
    member: true,
    history: [{ at: enter, event: "enter", run_id: first, commit: "4be1d20aa" }],
  });
  expect(held.destinations).toEqual([
    {
      sync: "vip_to_hook",
      destination: "hook",
      object: "member",
      state: "ok",
      remote_id: null,
      identifiers: { key: "•••" },
      sent_at: enter,
      run_id: first,
      rejection: null,
      history: [{ at: enter, op: "add", outcome: "accepted", run_id: first }],
    },
  ]);
  expect(gone.audiences.find(({ audience }) => audience === "vip")).toMatchObject({
    member: false,
    history: [
      { at: enter, event: "enter", run_id: first },
      { at: leave, event: "leave", run_id: second },
    ],
  });
  expect(gone.destinations).toMatchObject([
    {
      state: "none",
      identifiers: {},
      history: [
        { at: enter, op: "add", outcome: "accepted", run_id: first },
        { at: leave, op: "remove", outcome: "accepted", run_id: second },
      ],
    },
  ]);
});

it("says who is excluded and what SQL audiences do", async () => {
  const { audiences } = await explain({ key: "5" });
  expect(audiences.map(({ audience, member, excluded_by }) => ({ audience, member, excluded_by }))).toEqual([
    { audience: "staff", member: true, excluded_by: null },
    { audience: "vip", member: false, excluded_by: "staff" },
  ]);
  expect(audiences[0]!.trace[0]).toEqual({ step: "known", present: true });
});

it("shows a refusal in the platform's words", async () => {
  shop.receiver.state.refuse.set("2", { code: "bad_email", message: "bo@example.com is no address" });
  const { run_id } = (await shop.sync()).document;
  const { destinations } = await explain({ key: "2" });
  expect(destinations).toMatchObject([
    {
      state: "none",
      rejection: { code: "bad_email", message: "<email> is no address", attempts: 1 },
      history: [{ op: "add", outcome: "rejected", run_id }],
    },
  ]);
});

it("knows people whom only the ledger still knows, by their key", async () => {
  await shop.sync();
  await shop.people("2,Bo,bo@example.com,FR,120");
  const found = await explain({ key: "3" });
  expect(found).toMatchObject({ person: await pseudonym("3"), model: "customers", identifiers: {} });
  expect(found.destinations).toMatchObject([{ state: "ok", identifiers: { key: "•••" } }]);
});

it("keeps to one audience, and looks back with --at", async () => {
  await shop.write(
    "models/models.yml",
    (await readFile(join(shop.root, "models/models.yml"), "utf8")).replace(
      "{ field: country, is: FR }",
      "{ field: since, before: { ago: 1d } }",
    ),
  );
  await shop.write("models/customers.sql", "select *, date '2026-03-01' as since from {{ ref('people') }}\n");
  shop.now += 3 * day;
  await shop.sync();
  const now = await explain({ key: "1", audience: "vip" });
  const then = await explain({ key: "1", audience: "vip", at: Date.parse("2026-03-01T12:00:00Z") });
  expect(
    [now, then].map(({ as_of, audiences }) => [
      as_of,
      audiences.map(({ audience, member, history }) => [audience, member, history.length]),
    ]),
  ).toEqual([
    ["2026-03-04T06:00:00.000Z", [["vip", true, 1]]],
    ["2026-03-01T12:00:00.000Z", [["vip", false, 0]]],
  ]);
});

it.each([{ key: "99" }, { email: "nobody@example.com" }])("finds nobody for %j", async (who) => {
  await shop.sync();
  expect(await explain(who)).toEqual({
    schema: "millrace/explain/v1",
    environment: "dev",
    as_of: "2026-03-01T06:00:00.000Z",
    person: null,
    model: null,
    identifiers: {},
    audiences: [],
    destinations: [],
  });
});
