/** Accounts that only the platform can name: other credentials must not lead elsewhere unseen (R31). */
import { afterEach, beforeEach, expect, it } from "vitest";
import { abandonState, drainState } from "../../src/engine/index.ts";
import { startFake, type Fake } from "../fakes/server.ts";
import { startShop, type Shop } from "./small-shop.ts";

const definition = `import { defineDestination, defineObject, accepted, all, anyValue, byStatus, exact, get, post } from "millrace/destination";
import { z } from "zod";
export default defineDestination({
  name: "tokens", describe: "An account a token", docs: "https://example.com",
  config: z.strictObject({ url: z.string(), allow_private_network: z.boolean().default(false) }),
  credentials: z.strictObject({ token: z.string() }),
  auth: { type: "header", header: "authorization", value: "Bearer {token}" }, effects: ["http"],
  hosts: ({ url }) => [new URL(url).hostname],
  *account({ config }) {
    const { status, body } = yield* get(config.url + "/me");
    return status === 200 ? body.id : undefined;
  },
  objects: { contact: defineObject({ describe: "c", kind: "membership", ops: ["add", "update", "remove"], delivery: "set", identify: "key",
    identifiers: { email: exact() }, fields: {}, openFields: anyValue({ describe: "Any" }), limits: { rows: 100 },
    *deliver(batch, { config }) {
      const ids = batch.changes.map(({ key }) => key);
      return all(batch, byStatus(yield* post(config.url + "/" + batch.op, { ids })));
    } }) },
});
`;

interface Accounts {
  /** Token -> account; a token without one may not ask. */
  readonly tokens: Map<string, string | null>;
  /** Account -> keys of who is in it. */
  readonly people: Map<string, Set<string>>;
}

function startPlatform(): Promise<Fake<Accounts>> {
  const tokens = new Map<string, string | null>([
    ["first", "acme"],
    ["renewed", "acme"],
    ["strange", "other"],
  ]);
  const people = new Map<string, Set<string>>();
  return startFake<Accounts>({ tokens, people }, ({ method, path, headers, body }) => {
    const account = tokens.get(String(headers["authorization"]).replace("Bearer ", "")) ?? "acme";
    const named = tokens.get(String(headers["authorization"]).replace("Bearer ", "")) !== null;
    if (method === "GET") return named ? { status: 200, body: { id: account } } : { status: 403 };
    const members = people.get(account) ?? new Set<string>();
    people.set(account, members);
    for (const id of body.ids as readonly string[]) {
      if (path === "/remove") members.delete(String(id));
      else members.add(String(id));
    }
    return { status: 200 };
  });
}

let shop: Shop;
let platform: Fake<Accounts>;
let token: string;
beforeEach(async () => {
  [shop, platform, token] = [await startShop(), await startPlatform(), "first"];
  await shop.write("destinations/tokens.mjs", definition);
  await shop.write(
    "destinations/hook.yml",
    `destination: hook\ntype: tokens\nconfig: { url: "${platform.url}", allow_private_network: true }\ncredentials: { token: "\${env:TOKEN}" }\n`,
  );
  const models = `models:
  - { name: customers, primary_key: id, identifiers: { email: email } }
syncs:
  - { name: to_contacts, model: customers, destination: hook, object: contact, mode: mirror, mappings: [{ to: name, from: name }] }
`;
  await shop.write("models/models.yml", models);
  await shop.write("models/staff.sql", "select 1 as id");
});
afterEach(async () => {
  await shop.close();
  await platform.close();
});

const sync = async () => (await shop.sync({ env: { TOKEN: token } })).document.syncs[0];
const held = () => Object.fromEntries([...platform.state.people].map(([name, keys]) => [name, keys.size]));
const asked = () => platform.requests.filter(({ method }) => method === "GET").length;
const why = async () => ({
  ...(await shop.options()),
  env: { TOKEN: token },
  sync: "to_contacts",
  reason: "new account",
});
const arrives = () => shop.people("1,Ada,ada@example.com,FR,250", "6,Fay,fay@example.com,FR,90");

it("asks once a run that sends, and goes on under renewed credentials", async () => {
  expect(await sync()).toMatchObject({ status: "ok" });
  expect([asked(), held()]).toEqual([1, { acme: 5 }]);
  expect(await sync()).toMatchObject({ status: "unchanged" });
  expect(asked()).toBe(1);
  token = "renewed";
  await arrives();
  expect(await sync()).toMatchObject({ status: "ok" });
  expect([asked(), held()]).toEqual([2, { acme: 2 }]);
});

it("sends nothing to another account, and says how to go on", async () => {
  await sync();
  token = "strange";
  await arrives();
  expect(await sync()).toMatchObject({
    status: "failed",
    error: {
      code: "E524",
      message: 'the ledger of sync "to_contacts" speaks of account acme, the credentials open other',
      hint: expect.stringMatching(/state retarget to_contacts --drain --reason TEXT.*`--abandon`/) as string,
    },
  });
  expect(held()).toEqual({ acme: 5 });
  await abandonState(await why());
  expect(await sync()).toMatchObject({ status: "ok" });
  expect(held()).toEqual({ acme: 5, other: 2 });
});

it("empties only the account that the ledger speaks of, and then speaks of the new one", async () => {
  await sync();
  token = "strange";
  await expect(drainState(await why())).rejects.toMatchObject({ diagnostics: [{ code: "E524" }] });
  token = "renewed";
  expect(await drainState(await why())).toMatchObject({ removed: 5, remaining: 0 });
  token = "strange";
  expect(await sync()).toMatchObject({ status: "ok" });
  expect(held()).toEqual({ acme: 0, other: 5 });
});

it("stops where the platform no longer says whose account it is, and begins where it never did", async () => {
  platform.state.tokens.set("silent", null);
  token = "silent";
  expect(await sync()).toMatchObject({ status: "ok" });
  token = "first";
  await arrives();
  expect(await sync()).toMatchObject({ status: "ok" });
  token = "silent";
  await shop.people("1,Ada,ada@example.com,FR,250");
  expect(await sync()).toMatchObject({
    status: "failed",
    error: { code: "E524", message: expect.stringMatching(/does not say whose account it is now/) as string },
  });
});

it("fails the sync where the question is not answered", async () => {
  platform.fail({ on: "GET /me", status: 500, times: 9 });
  expect(await sync()).toMatchObject({ status: "failed", error: { code: "E816" } });
  expect(held()).toEqual({});
});
