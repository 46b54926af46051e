/** A sync that begins `from_now` at a destination somebody else filled: what is there is assumed, and left alone unless it is adopted (R15). */
import { afterEach, expect, it } from "vitest";
import { ledgerStates } from "./support/ledger.ts";
import { openShop, range, type Shop } from "./support/shop.ts";

let shop: Shop;
afterEach(() => shop.close());

const models = (more: string): string => `sources: [{ name: shop, schema: shop, tables: [{ name: customers }] }]
seeds: [{ name: shop.customers, column_types: { id: bigint, email: varchar, city: varchar } }]
models: [{ name: customers, primary_key: id, identifiers: { email: email } }]
audiences: [{ name: everybody, model: customers, where: { field: id, gte: 1 } }]
syncs:
  - { name: everybody_to_door, audience: everybody, destination: door, object: member, mode: mirror, initial: from_now${more}, mappings: [{ to: city, from: city }] }
`;

/** `id,city` of everybody in the audience. */
const people = (...lines: readonly string[]): Promise<void> => {
  const rows = lines.map((line) => line.split(",")).map(([id, city]) => `${id},person${id}@example.com,${city}\n`);
  return shop.seed(`id,email,city\n${rows.join("")}`);
};

/** One run: its requests as `op keys`. */
async function sent(): Promise<readonly string[]> {
  shop.door.forget();
  const { exit, stdout, stderr } = await shop.sync();
  expect({ exit, said: exit === 0 ? "" : stdout + stderr }).toEqual({ exit: 0, said: "" });
  return shop.door.knocks.map(({ op, keys }) => `${op} ${keys.toSorted().join(" ")}`);
}

const states = () => ledgerStates(shop.root, "everybody_to_door");

const all = (state: string): Readonly<Record<string, string>> =>
  Object.fromEntries(range(1, 4).map((id) => [String(id), state]));

async function begin(more: string): Promise<void> {
  shop = await openShop();
  await shop.file("models/models.yml", models(more));
  await people("1,Lyon", "2,Lyon", "3,Lyon", "4,Lyon");
  expect(await sent()).toEqual([]);
  expect(await states()).toEqual(all("assumed"));
  expect(await sent()).toEqual([]);
}

it("sends nothing at first, then what changed and who is new, and removes only whom it wrote itself", async () => {
  await begin("");
  await people("1,Lyon", "2,Nantes", "3,Lyon", "5,Lyon");
  // Four left: it is not ours to remove. Two changed and is ours with the first accepted write.
  expect(await sent()).toEqual(["update 2", "add 5"]);
  expect(await states()).toEqual({ 1: "assumed", 2: "ok", 3: "assumed", 5: "ok" });
  await people("1,Lyon");
  expect(await sent()).toEqual(["remove 2 5"]);
  expect(await states()).toEqual({ 1: "assumed" });
  expect(await sent()).toEqual([]);
});

it("removes leavers it only assumed where they are adopted", async () => {
  await begin(", adopt: true");
  await people("1,Lyon", "2,Nantes", "3,Lyon");
  expect(await sent()).toEqual(["remove 4", "update 2"]);
  expect(await states()).toEqual({ 1: "assumed", 2: "ok", 3: "assumed" });
  await people("1,Lyon");
  expect(await sent()).toEqual(["remove 2 3"]);
  expect(await states()).toEqual({ 1: "assumed" });
  expect(await sent()).toEqual([]);
});

it("assumes nobody twice: who comes back after a removal is added", async () => {
  await begin(", adopt: true");
  await people("1,Lyon", "2,Lyon", "3,Lyon");
  expect(await sent()).toEqual(["remove 4"]);
  await people("1,Lyon", "2,Lyon", "3,Lyon", "4,Lyon");
  expect(await sent()).toEqual(["add 4"]);
  expect(await states()).toEqual({ 1: "assumed", 2: "assumed", 3: "assumed", 4: "ok" });
});
