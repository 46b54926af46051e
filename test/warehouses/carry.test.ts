/** A ledger carried from one warehouse to the next, as a project moves to production: nothing is sent again, nothing is forgotten. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { StateExport } from "../../src/engine/api.ts";
import { exportState, importState, readRejected, readRuns } from "../../src/engine/index.ts";
import { where } from "./emulators/process.ts";
import { bqemulator, duckdb, fakesnow, type Place, type Started } from "./places.ts";
import { startShop, type Person, type Shop } from "./project.ts";

const people: readonly Person[] = [
  [1, 'Ada "the first"', "ada@example.com", "FR", 250],
  [2, "Bö\\Ünï 😀", "bo@example.com", "FR", 120],
  [3, "Cy\nof two\tlines", "cy@example.com", "FR", 900],
  [4, "Di", "di@example.com", "DE", 900],
];

const minute = 60_000;
/** Rows by table, without what only says where the ledger stands and what only one warehouse can compare. */
const carried = ({ tables }: StateExport) =>
  Object.fromEntries(
    tables
      .filter(({ name }) => name !== "meta")
      .map(({ name, columns, rows }) => [
        name,
        rows.map((row) => row.filter((_, at) => columns[at] !== "h_fast" && columns[at] !== "h_tag")),
      ]),
  );

function carrying(from: Place, to: Place): void {
  const running: Started[] = [];
  const shops: Shop[] = [];
  /** The project over the same people, its clock and receiver those of the first. */
  const openIn = async (place: Place): Promise<Shop> => {
    const started = await place.start();
    running.push(started);
    const shop = await startShop(started);
    shop.step = minute;
    await shop.people(...people);
    const [home] = shops;
    if (home !== undefined) {
      await shop.edit("destinations/hook.yml", shop.receiver.url, home.receiver.url);
      shop.now = home.now;
    }
    shops.push(shop);
    return shop;
  };
  let old: Shop;
  let fresh: Shop;
  beforeAll(async () => {
    [old, fresh] = [await openIn(from), await openIn(to)];
  });
  afterAll(async () => {
    for (const shop of shops) await shop.close();
    for (const started of running) await started.stop();
  });
  const sync = async (shop: Shop) =>
    (await shop.sync()).document.syncs.map(({ sync: name, accepted: { add, update, remove }, outcomes, error }) =>
      error === null
        ? `${name} +${add} ~${update} -${remove} refused ${outcomes.rejected}`
        : `${name} ${error.message}`,
    );

  it(`${from.name} to ${to.name}`, { timeout: 600_000 }, async () => {
    old.receiver.state.refuse.set("4", { code: "bad", message: "no such country" });
    expect(await sync(old)).toEqual(["all_to_hook +3 ~0 -0 refused 1", "vip_to_hook +3 ~0 -0 refused 0"]);
    const state = JSON.parse(JSON.stringify(await exportState(await old.options()))) as StateExport;
    await importState({ ...(await fresh.options()), state });
    expect(carried(await exportState(await fresh.options()))).toEqual(carried(state));
    await expect(importState({ ...(await fresh.options()), state })).rejects.toMatchObject({
      diagnostics: [{ code: "E593" }],
    });

    const requests = old.receiver.requests.length;
    fresh.now = old.now;
    expect(await sync(fresh)).toEqual(["all_to_hook +0 ~0 -0 refused 0", "vip_to_hook +0 ~0 -0 refused 0"]);
    expect(old.receiver.requests.length).toBe(requests);
    const [first] = (await readRuns({ ...(await fresh.options()), limit: 9 })).toReversed();
    expect(await readRejected({ ...(await fresh.options()), runId: first?.run_id ?? "" })).toMatchObject([
      { sync: "all_to_hook", op: "add", code: "bad", attempts: 1 },
    ]);
    const [ada, ...others] = people.slice(0, 2);
    await fresh.people([1, "Ada", ada?.[2] ?? "", "FR", 251], ...others);
    expect(await sync(fresh)).toEqual(["all_to_hook +0 ~1 -1 refused 0", "vip_to_hook +0 ~1 -1 refused 0"]);
  });
}

for (const [from, to] of [
  [duckdb, bqemulator],
  [bqemulator, fakesnow],
  [fakesnow, duckdb],
] as const)
  where(`${from.name} to ${to.name}`, [...from.needs, ...to.needs], () => carrying(from, to));
