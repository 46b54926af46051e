/** YAML edited between a crash and its recovery: the dead plan is settled as it was frozen, whatever the project says by now. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDoor, type Knock } from "./support/door.ts";
import { ledgerStates } from "./support/ledger.ts";
import { openShop, range, type Shop } from "./support/shop.ts";

let shop: Shop;
/** The two requests of the run that was killed: one answered, one applied and unanswered. */
let [answered, unanswered]: readonly [Knock, Knock] = [none(), none()];

beforeEach(async () => {
  shop = await openShop();
  await shop.people(range(1, 4));
  shop.door.react((_, number) => (number === 2 ? { until: new Promise(() => undefined) } : {}));
  const knocked = shop.door.knocked(2);
  const { child, ended } = shop.start();
  await knocked;
  child.kill("SIGKILL");
  await ended;
  [answered, unanswered] = [shop.door.knocks[0] ?? none(), shop.door.knocks[1] ?? none()];
  shop.door.react(() => ({}));
  shop.door.forget();
  await shop.people(range(1, 6));
});
afterEach(() => shop.close());

function none(): Knock {
  return { batch: "", op: "", keys: [] };
}

/** Who came after the crash. */
const newcomers = "5 6";

interface Edit {
  readonly sync?: string;
  readonly identifiers?: string;
  readonly key?: string;
  readonly mappings?: string;
  readonly mode?: string;
  readonly where?: string;
  readonly destination?: string;
}

const models = ({
  sync = "everybody_to_door",
  identifiers = "email: email",
  key = "id",
  mappings = "{ to: city, from: city }",
  mode = "mirror",
  where = "{ field: id, gte: 1 }",
  destination = "door",
}: Edit): string => `sources: [{ name: shop, schema: shop, tables: [{ name: customers }] }]
seeds: [{ name: shop.customers, column_types: { id: bigint, email: varchar, city: varchar } }]
models: [{ name: customers, primary_key: ${key}, identifiers: { ${identifiers} } }]
audiences: [{ name: everybody, model: customers, where: ${where} }]
syncs: [{ name: ${sync}, audience: everybody, destination: ${destination}, object: member, mode: ${mode}, mappings: [${mappings}] }]
`;

const edit = (to: Edit): Promise<void> => shop.file("models/models.yml", models(to));

async function run(expected: number): Promise<string> {
  const { exit, stdout, stderr } = await shop.sync();
  expect({ exit, said: exit === expected ? "" : stdout + stderr }).toEqual({ exit: expected, said: "" });
  return stdout + stderr;
}

/** Requests since the last look, as `op keys`, and whether a batch is the unanswered one again. */
function sent(): readonly string[] {
  const said = shop.door.knocks.map(
    ({ batch, op, keys }) =>
      `${op} ${keys.toSorted((a, b) => a - b).join(" ")}${batch === unanswered.batch ? " again" : ""}`,
  );
  shop.door.forget();
  return said.toSorted();
}

const text = (keys: readonly number[]): string => keys.toSorted((a, b) => a - b).join(" ");

/** What stands in the ledger of a sync, `ok` and everything else apart. */
async function known(sync: string): Promise<Readonly<Record<string, string>>> {
  const states = await ledgerStates(shop.root, sync);
  return Object.fromEntries(Object.entries(states).toSorted(([a], [b]) => Number(a) - Number(b)));
}

const every = (keys: readonly number[], state: string) => keys.map((id) => [String(id), state] as const);

it("mapping changed: the unanswered batch is repeated as it was, then everybody gets the new mapping", async () => {
  await edit({ mappings: "{ to: town, from: city }, { to: hello, template: 'Dear {{ city }}' }" });
  await run(0);
  expect(sent()).toEqual(
    [
      `add ${text(unanswered.keys)} again`,
      `add ${newcomers}`,
      // The answered and the repeated hold the old mapping's fields until now.
      ...[text(answered.keys), text(unanswered.keys)].map((keys) => `update ${keys}`),
    ].toSorted(),
  );
  expect([...shop.door.rows.values()].map((row) => (row as { fields: object }).fields)).toEqual(
    range(1, 6).map(() => ({ town: "Lyon", hello: "Dear Lyon" })),
  );
  await run(0);
  expect(sent()).toEqual([]);
});

it("rows gone from the model: what was sent, or may have been, is removed", async () => {
  await edit({ where: "{ field: id, gte: 100 }" });
  await shop.file("millrace.yml", (await project()).replace("guards: {", "guards: { empty: allow,"));
  await run(0);
  expect(sent().filter((one) => !one.endsWith(" again"))).toEqual(
    [text(answered.keys), text(unanswered.keys)].map((keys) => `remove ${keys}`).toSorted(),
  );
  expect(shop.door.members).toEqual([]);
  expect(await known("everybody_to_door")).toEqual({});
});

it("sync renamed: the old one's rows are settled under its name, and kept", async () => {
  await edit({ sync: "all_to_door" });
  const said = await run(0);
  expect(await known("everybody_to_door")).toEqual(
    Object.fromEntries([...every(answered.keys, "ok"), ...every(unanswered.keys, "doubt")].toSorted()),
  );
  expect(said).toContain("everybody_to_door");
  expect(await known("all_to_door")).toEqual(Object.fromEntries(every(range(1, 6), "ok")));
  await edit({});
  shop.door.forget();
  await run(0);
  expect(sent()).toContain(`add ${text(unanswered.keys)} again`);
  expect(await known("everybody_to_door")).toEqual(Object.fromEntries(every(range(1, 6), "ok")));
});

it("sync removed, its destination too: its plan is settled all the same", async () => {
  const other = await openDoor();
  await edit({ sync: "all_to_gate", destination: "gate" });
  await rm(join(shop.root, "destinations/door.yml"));
  await shop.file(
    "destinations/gate.yml",
    `destination: gate\ntype: webhook\nlate: 0s\nconfig: { url: "http://127.0.0.1:${other.port}/", rows: 2, allow_private_network: true }\n`,
  );
  await run(0);
  expect(sent()).toEqual([]);
  expect(other.members).toEqual(range(1, 6));
  expect(await known("everybody_to_door")).toEqual(
    Object.fromEntries([...every(answered.keys, "ok"), ...every(unanswered.keys, "doubt")].toSorted()),
  );
  await other.close();
});

it("destination's account changed: nobody's rows go there, not even the unanswered ones again", async () => {
  const other = await openDoor();
  const door = (port: number): Promise<void> =>
    shop.file(
      "destinations/door.yml",
      `destination: door\ntype: webhook\nlate: 0s\nrate_limit: { requests: 1000, per: 1s, concurrency: 1 }\nconfig: { url: "http://127.0.0.1:${port}/", rows: 2, allow_private_network: true }\n`,
    );
  await door(other.port);
  expect(await run(1)).toContain("E520");
  expect({ old: sent(), new: other.knocks }).toEqual({ old: [], new: [] });
  expect(await known("everybody_to_door")).toEqual(
    Object.fromEntries([...every(answered.keys, "ok"), ...every(unanswered.keys, "doubt")].toSorted()),
  );
  await door(shop.door.port);
  await run(0);
  expect(sent()).toEqual([`add ${text(unanswered.keys)} again`, `add ${newcomers}`].toSorted());
  expect(shop.door.members).toEqual(range(1, 6));
  await other.close();
});

it("mode changed: the dead plan is settled under the mode it was made for", async () => {
  await edit({ mode: "upsert" });
  await run(0);
  expect(sent()).toEqual([`add ${text(unanswered.keys)} again`, `add ${newcomers}`].toSorted());
  expect(await known("everybody_to_door")).toEqual(Object.fromEntries(every(range(1, 6), "ok")));
});

it("identifiers changed: everybody gets the new ones, once what was unanswered is certain", async () => {
  await edit({ identifiers: "email: email, external_id: city" });
  await run(0);
  expect(sent()).toEqual(
    [
      `add ${text(unanswered.keys)} again`,
      `add ${newcomers}`,
      ...[text(answered.keys), text(unanswered.keys)].map((keys) => `update ${keys}`),
    ].toSorted(),
  );
  expect(await known("everybody_to_door")).toEqual(Object.fromEntries(every(range(1, 6), "ok")));
  await run(0);
  expect(sent()).toEqual([]);
});

const project = async (): Promise<string> =>
  `version: 1\nname: shop\ndefault_environment: dev\nguards: { remove: off, shrink: off, growth: off }\nenvironments:\n  dev:\n    warehouse: { type: duckdb, seeds: seeds }\n`;
