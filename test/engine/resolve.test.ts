import { afterEach, beforeEach, expect, it } from "vitest";
import { explainPerson, readStatus, resolveHeld } from "../../src/engine/index.ts";
import { day, minute, startShop, type Shop } from "./small-shop.ts";

const once = (
  kind: string,
  hash: string,
) => `import { defineDestination, defineObject, post, byStatus, all, anyValue, exact } from "millrace/destination";
import { z } from "zod";
export default defineDestination({
  name: "once", describe: "Once", docs: "https://example.com",
  config: z.strictObject({ url: z.string(), allow_private_network: z.boolean().default(false) }),
  credentials: z.strictObject({}), auth: { type: "none" }, effects: ["http"],
  hosts: ({ url }) => [new URL(url).hostname],
  objects: { thing: defineObject({ describe: "t", kind: "${kind}", ops: ["add", "update", "remove"], delivery: "once", identify: "any",
    identifiers: { email: { ...exact(), ${hash} } }, fields: {}, openFields: anyValue({ describe: "Any" }), limits: { rows: 1, concurrency: 1 },
    *deliver(batch, { config }) {
      const { id, op, changes } = batch;
      const answer = yield* post(config.url, JSON.stringify({ batch: id, op, changes }), { headers: { "content-type": "application/json" } });
      return all(batch, byStatus(answer));
    } }) },
});
`;

let shop: Shop;
beforeEach(async () => {
  shop = await startShop();
  await shop.write(
    "destinations/events.yml",
    `destination: events\ntype: once\nlate: 0s\nretry: { attempts: 1 }\nconfig: { url: "${shop.receiver.url}/in", allow_private_network: true }\n`,
  );
});
afterEach(() => shop.close());

async function use(kind: "event" | "membership", mode: "append" | "mirror", hash = ""): Promise<void> {
  await shop.write("destinations/once.mjs", once(kind, hash));
  await shop.write(
    "models/models.yml",
    `models:
  - { name: customers, primary_key: id, identifiers: { email: email } }
syncs:
  - name: people_to_events
    model: customers
    destination: events
    object: thing
    mode: ${mode}
    mappings: [{ to: name, from: name }]
`,
  );
  await shop.write(
    "models/customers.sql",
    "select *, timestamp '2026-02-28 00:00:00' as at from {{ ref('people') }}\n",
  );
  await shop.people("1,Ada,ada@example.com,FR,250", "2,Bo,bo@example.com,FR,120");
}

const stateOf = async (key: string) => (await explainPerson({ ...(await shop.options()), key })).destinations[0]!;
const resolve = async (as: "delivered" | "lost") =>
  resolveHeld({ ...(await shop.options()), sync: "people_to_events", as });

/** One of two adds has no answer; gives its key. */
async function holdOne(): Promise<string> {
  shop.receiver.fail({ applied: "reset" });
  await shop.sync();
  const [one, two] = [await stateOf("1"), await stateOf("2")];
  expect([one.state, two.state].toSorted()).toEqual(["held", "ok"]);
  return one.state === "held" ? "1" : "2";
}

it.each(["event", "membership"] as const)("counts a held %s as sent when it was delivered", async (kind) => {
  await use(kind, kind === "event" ? "append" : "mirror");
  const key = await holdOne();
  shop.now += minute;
  expect(await resolve("delivered")).toEqual({ rows: 1 });
  const { state, history } = await stateOf(key);
  expect({ state, ops: history.map(({ op, outcome }) => [op, outcome]) }).toEqual({
    state: "ok",
    ops: [
      ["add", "unknown"],
      ["resolve", "delivered"],
    ],
  });
  const sent = shop.receiver.requests.length;
  shop.now += day;
  expect((await shop.sync()).document.syncs[0]!.status).toBe("unchanged");
  expect(shop.receiver.requests.length).toBe(sent);
  expect(await resolve("delivered")).toEqual({ rows: 0 });
});

it("sends a lost event again, with today's data", async () => {
  await use("event", "append");
  const key = await holdOne();
  shop.now += day;
  expect((await shop.sync()).document.syncs[0]!.status).toBe("unchanged");
  expect(await resolve("lost")).toEqual({ rows: 1 });
  expect((await stateOf(key)).state).toBe("none");
  const name = key === "1" ? "Augusta" : "Bob";
  await shop.people(
    key === "1" ? `1,${name},ada@example.com,FR,250` : "1,Ada,ada@example.com,FR,250",
    key === "2" ? `2,${name},bo@example.com,FR,120` : "2,Bo,bo@example.com,FR,120",
  );
  await shop.sync();
  expect((await stateOf(key)).state).toBe("ok");
  expect(shop.receiver.requests.at(-1)?.body.changes).toMatchObject([{ fields: { name } }]);
});

it("asks a lost membership again", async () => {
  await use("membership", "mirror");
  const key = await holdOne();
  expect(await resolve("lost")).toEqual({ rows: 1 });
  expect((await stateOf(key)).state).toBe("owed");
  shop.now += day;
  await shop.sync();
  expect((await stateOf(key)).state).toBe("ok");
  expect((await readStatus(await shop.options())).syncs[0]!.state).toBe("ok");
});

it("has nothing to resolve where nothing was sent, and refuses unknown syncs", async () => {
  await use("event", "append");
  expect(await resolve("lost")).toEqual({ rows: 0 });
  await expect(resolveHeld({ ...(await shop.options()), sync: "nope", as: "lost" })).rejects.toMatchObject({
    exit: 64,
  });
});

it.each(["", 'hash: "sha256"'])(
  "finds people by the address as it was sent, when no model has them any more (%s)",
  async (hash) => {
    await use("membership", "mirror", hash);
    await shop.sync();
    await shop.people("2,Bo,bo@example.com,FR,120");
    const options = await shop.options();
    const byMail = await explainPerson({ ...options, email: " ADA@example.com" });
    expect(byMail).toEqual(await explainPerson({ ...options, key: "1" }));
    expect(byMail.destinations).toMatchObject([{ state: "ok" }]);
    expect(JSON.stringify(byMail)).not.toContain("ada@");
  },
);
