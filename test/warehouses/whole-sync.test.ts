/** Whole syncs of a project whose models and ledger stand in BigQuery or Snowflake, on emulators: plan, send, settle, the next day. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { planSyncs, readStatus } from "../../src/engine/index.ts";
import { where } from "./emulators/process.ts";
import { bqemulator, fakesnow, type Place, type Started } from "./places.ts";
import { startShop, type Shop } from "./project.ts";

function syncs({ start }: Place): void {
  let started: Started;
  let shop: Shop;

  beforeAll(async () => {
    started = await start();
    shop = await startShop(started);
  });
  afterAll(async () => {
    await shop.close();
    await started.stop();
  });

  const sync = async () =>
    (await shop.sync()).document.syncs.map(({ sync: name, status, accepted, error }) => [
      name,
      status,
      accepted,
      error?.message ?? "",
    ]);
  const counts = (add: number, update: number, remove: number) => ({ add, update, remove });

  test("a first run, a quiet one, a day of changes", { timeout: 600_000 }, async () => {
    await shop.people(
      [1, "Ada", "ada@example.com", "FR", 250],
      [2, "Bo", "bo@example.com", "FR", 120],
      [3, "Cy", "cy@example.com", "DE", 900],
    );
    expect(await sync()).toEqual([
      ["all_to_hook", "ok", counts(3, 0, 0), ""],
      ["vip_to_hook", "ok", counts(2, 0, 0), ""],
    ]);
    const requests = shop.receiver.requests.length;
    expect((await sync()).map(([, status]) => status)).toEqual(["unchanged", "unchanged"]);
    expect(shop.receiver.requests.length).toBe(requests);
    await shop.people(
      [1, "Ada", "ada@example.com", "FR", 90],
      [3, "Cy", "cy@example.com", "FR", 900],
      [4, "Di", "di@example.com", "FR", 500],
    );
    const { document } = await planSyncs({ ...(await shop.options()), save: false, sampleRows: 2 });
    expect(document.syncs.map(({ sync: name, planned }) => [name, planned])).toEqual([
      ["all_to_hook", counts(1, 1, 1)],
      ["vip_to_hook", counts(2, 0, 2)],
    ]);
    expect(await sync()).toEqual([
      ["all_to_hook", "ok", counts(1, 1, 1), ""],
      ["vip_to_hook", "ok", counts(2, 0, 2), ""],
    ]);
    expect((await readStatus(await shop.options())).syncs.map(({ sync: name, people: held }) => [name, held])).toEqual([
      ["all_to_hook", 3],
      ["vip_to_hook", 2],
    ]);
  });
}

for (const place of [bqemulator, fakesnow]) where(place.name, place.needs, () => syncs(place));
