/** What operators do with a ledger, where it stands in DuckDB, BigQuery or Snowflake: the same outcomes everywhere. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  abandonState,
  drainState,
  exportState,
  moveState,
  planSyncs,
  pruneState,
  readStatus,
  recreateState,
} from "../../src/engine/index.ts";
import type { SyncOptions } from "../../src/engine/api.ts";
import { where } from "./emulators/process.ts";
import { bqemulator, duckdb, fakesnow, type Place, type Started } from "./places.ts";
import { day, startShop, type Person, type Shop } from "./project.ts";

const ada: Person = [1, "Ada", "ada@example.com", "FR", 250];
const bo: Person = [2, "Bo", "bo@example.com", "FR", 120];
const cy: Person = [3, "Cy", "cy@example.com", "DE", 900];
const di: Person = [4, "Di", "di@example.com", "FR", 500];

/** Saved plans hold for a day. */
const hour = 3_600_000;

const code = (wanted: string) =>
  expect.objectContaining({ diagnostics: [expect.objectContaining({ code: wanted })] }) as unknown;

function operations({ name: place, start }: Place): void {
  let started: Started;
  let shop: Shop;
  let shops = 0;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(() => started.stop());
  beforeEach(async () => {
    shop = await startShop(started, `s${(shops += 1)}`);
    shop.step = hour;
    await shop.people(ada, bo, cy);
  });
  afterEach(() => shop.close());

  /** Sync -> status and what was accepted: `ok +2 ~0 -1`. */
  const sync = async (more: Partial<SyncOptions> = {}) => {
    const { document } = await shop.sync(more);
    return document.syncs.map(({ sync: name, status, accepted: { add, update, remove }, error }) =>
      [name, status, ...(error === null ? [`+${add} ~${update} -${remove}`] : [error.code, error.message])].join(" "),
    );
  };
  const save = async () => (await planSyncs({ ...(await shop.options()), save: true, sampleRows: 0 })).document.id;
  const tables = async (): Promise<Readonly<Record<string, number>>> =>
    Object.fromEntries((await exportState(await shop.options())).tables.map(({ name, rows }) => [name, rows.length]));

  describe(place, { timeout: 600_000 }, () => {
    it("sends a saved plan exactly as it was reviewed, once", async () => {
      await sync();
      await shop.people(ada, cy, di);
      const plan = await save();
      // What comes after the review is the next plan's.
      await shop.people(ada, di);
      expect(await sync({ planId: plan.slice(0, 8) })).toEqual(["all_to_hook ok +1 ~0 -1", "vip_to_hook ok +1 ~0 -1"]);
      await expect(sync({ planId: plan })).rejects.toEqual(code("E605"));
      await expect(sync({ planId: "ffff" })).rejects.toEqual(code("E603"));
      expect(await sync()).toEqual(["all_to_hook ok +0 ~0 -1", "vip_to_hook unchanged +0 ~0 -0"]);
    });

    it("refuses a saved plan that is stale or too old, and prunes its rows", async () => {
      const stale = await save();
      await sync();
      await expect(sync({ planId: stale })).rejects.toEqual(code("E601"));
      await shop.people(ada, bo, cy, di);
      const old = await save();
      shop.now += 30 * day;
      await expect(sync({ planId: old })).rejects.toEqual(code("E606"));
      const before = await tables();
      expect(await pruneState({ ...(await shop.options()), days: 5 })).toEqual({ rows: 7 });
      expect(await tables()).toEqual({ ...before, changes: 0 });
      await expect(sync({ planId: old })).rejects.toEqual(code("E603"));
      expect(await sync()).toEqual(["all_to_hook ok +1 ~0 -0", "vip_to_hook ok +1 ~0 -0"]);
    });

    it("renames a sync's ledger: nothing is sent again", async () => {
      await sync();
      const saved = await save();
      await shop.edit("models/models.yml", "vip_to_hook", "best_to_hook");
      // A plan alone leaves an empty ledger of the new name, which gives way.
      await save();
      expect(await moveState({ ...(await shop.options()), from: "vip_to_hook", to: "best_to_hook" })).toEqual({
        rows: 2,
      });
      expect(await sync()).toEqual(["all_to_hook unchanged +0 ~0 -0", "best_to_hook unchanged +0 ~0 -0"]);
      await expect(sync({ planId: saved })).rejects.toEqual(code("E606"));
      expect((await readStatus(await shop.options())).syncs.map(({ sync: name, people }) => [name, people])).toEqual([
        ["all_to_hook", 3],
        ["best_to_hook", 2],
      ]);
      await expect(moveState({ ...(await shop.options()), from: "all_to_hook", to: "best_to_hook" })).rejects.toEqual(
        code("E596"),
      );
    });

    it("puts a ledger aside and begins anew elsewhere, twice", async () => {
      await sync();
      await shop.edit("destinations/hook.yml", "/in", "/other");
      const [first] = await sync();
      expect(first).toContain("all_to_hook failed E520");
      const abandon = async () => abandonState({ ...(await shop.options()), sync: "vip_to_hook", reason: "moved" });
      expect(await abandon()).toEqual({ rows: 2, archived: "vip_to_hook__abandoned_1" });
      expect(await sync({ selected: ["vip_to_hook"] })).toEqual(["vip_to_hook ok +2 ~0 -0"]);
      expect(await abandon()).toEqual({ rows: 2, archived: "vip_to_hook__abandoned_1_2" });
      expect(await sync({ selected: ["vip_to_hook"] })).toEqual(["vip_to_hook ok +2 ~0 -0"]);
      expect(await tables()).toMatchObject({
        sent__vip_to_hook: 2,
        sent__vip_to_hook__abandoned_1: 2,
        state__vip_to_hook__abandoned_1: 1,
        sent__vip_to_hook__abandoned_1_2: 2,
        operations: 2,
      });
    });

    it("empties the old target, and the next run fills the new one", async () => {
      await sync();
      await shop.edit("destinations/hook.yml", "/in", "/other");
      const drained = await drainState({ ...(await shop.options()), sync: "vip_to_hook", reason: "moved" });
      expect(drained).toMatchObject({ exit: 0, removed: 2, remaining: 0 });
      expect(await tables()).not.toHaveProperty("sent__vip_to_hook");
      expect(await sync({ selected: ["vip_to_hook"] })).toEqual(["vip_to_hook ok +2 ~0 -0"]);
    });

    it("makes a lost target anew: whoever is wanted is sent again, nobody else", async () => {
      await sync();
      await shop.people(ada, cy);
      expect(await recreateState({ ...(await shop.options()), sync: "vip_to_hook", reason: "lost" })).toEqual({
        rows: 2,
      });
      expect(await sync({ selected: ["vip_to_hook"] })).toEqual(["vip_to_hook ok +0 ~1 -1"]);
      expect(await tables()).toMatchObject({ sent__vip_to_hook: 1 });
      expect(await sync({ selected: ["vip_to_hook"] })).toEqual(["vip_to_hook unchanged +0 ~0 -0"]);
    });
  });
}

for (const place of [duckdb, bqemulator, fakesnow]) where(place.name, place.needs, () => operations(place));
