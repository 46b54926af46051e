import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startShop, type Shop } from "./small-shop.ts";

/** Names in the newest snapshot, and how many snapshots there are. */
async function snapshot(shop: Shop): Promise<{ readonly runs: number; readonly names: readonly string[] }> {
  const folder = join(shop.root, "out", "vip_to_hook");
  const runs = (await readdir(folder)).toSorted();
  const run = join(folder, runs.at(-1) ?? "");
  const names: string[] = [];
  for (const file of (await readdir(run)).filter((name) => name.endsWith(".jsonl"))) {
    const lines = (await readFile(join(run, file), "utf8")).trim().split("\n");
    names.push(...lines.map((line) => JSON.parse(line).fields.name));
  }
  return { runs: runs.length, names: names.toSorted() };
}

test(
  "a snapshot holds everybody wanted whenever something changed, and nobody who left",
  { timeout: 120_000 },
  async () => {
    const shop = await startShop();
    try {
      await shop.write(
        "destinations/hook.yml",
        "destination: hook\ntype: file\nconfig: { path: out, layout: snapshot }\n",
      );
      const first = await shop.sync();
      expect(await snapshot(shop)).toEqual({ runs: 1, names: ["Ada", "Bo", "Cy"] });
      shop.now += 60_000;
      await shop.people("1,Ada,ada@example.com,FR,120", "2,Bo,bo@example.com,DE,300", "3,Cy,cy@example.com,FR,500");
      const second = await shop.sync();
      expect(await snapshot(shop)).toEqual({ runs: 2, names: ["Ada", "Cy"] });
      shop.now += 60_000;
      const third = await shop.sync();
      const told = [first, second, third].map(({ document }) =>
        document.syncs.map(({ status, accepted }) => ({ status, accepted })),
      );
      expect(told).toEqual([
        [{ status: "ok", accepted: { add: 3, update: 0, remove: 0 } }],
        [{ status: "ok", accepted: { add: 0, update: 2, remove: 1 } }],
        [{ status: "unchanged", accepted: { add: 0, update: 0, remove: 0 } }],
      ]);
      expect((await snapshot(shop)).runs).toBe(2);
    } finally {
      await shop.close();
    }
  },
);

test("a snapshot also holds those who were taken for held already", { timeout: 120_000 }, async () => {
  const shop = await startShop();
  try {
    await shop.write(
      "destinations/hook.yml",
      "destination: hook\ntype: file\nconfig: { path: out, layout: snapshot }\n",
    );
    const models = join(shop.root, "models/models.yml");
    await shop.write(
      "models/models.yml",
      (await readFile(models, "utf8")).replace("mode: mirror", "mode: mirror\n    initial: from_now"),
    );
    await shop.sync();
    shop.now += 60_000;
    await shop.people("1,Ada,ada@example.com,FR,120", "2,Bo,bo@example.com,FR,300", "6,Flo,flo@example.com,FR,500");
    await shop.sync();
    expect((await snapshot(shop)).names).toEqual(["Ada", "Bo", "Flo"]);
  } finally {
    await shop.close();
  }
});
