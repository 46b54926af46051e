/** Limits that the files set, each at the place that sets it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runSchema } from "../../src/cli/schemas/run.ts";
import { startShop, type Shop } from "./small-shop.ts";

let shop: Shop;
beforeEach(async () => (shop = await startShop()) && undefined);
afterEach(() => shop.close());

const edit = async (file: string, from: string, to: string) =>
  shop.write(file, (await readFile(join(shop.root, file), "utf8")).replace(from, to));
const stoppedBy = async () =>
  (await shop.sync()).document.syncs.flatMap(({ guards }) => guards.filter(({ ok }) => !ok).map(({ code }) => code));

it("a destination's guards count below those of its audiences and above the project's", async () => {
  await edit("millrace.yml", "growth: off", "growth: off, min_rows: 1");
  expect(await stoppedBy()).toEqual([]);
  await edit("destinations/hook.yml", "late: 0s", "late: 0s\nguards: { min_rows: 10 }");
  expect(await stoppedBy()).toEqual(["G5"]);
  await edit("models/models.yml", "exclude: [staff]", "exclude: [staff]\n    guards: { min_rows: 2 }");
  expect(await stoppedBy()).toEqual([]);
});

it("rejected_rows: a warning above warn, a failure above fail, nothing below", async () => {
  shop.receiver.state.refuse.set("2", { code: "no", message: "not this one" });
  const limited = async (limits: string) => {
    await edit("models/models.yml", "mappings:", `rejected_rows: ${limits}\n    mappings:`);
    const events: string[] = [];
    const { document, exit } = await shop.sync({
      retry: ["vip_to_hook"],
      onEvent: ({ event, level }) => void events.push(`${event} ${level}`),
    });
    await edit("models/models.yml", `rejected_rows: ${limits}\n    mappings:`, "mappings:");
    const [report] = runSchema.strict().parse(document).syncs;
    return [exit, report!.error?.code, report!.warning?.code, events.includes("sync.refused warn")];
  };
  // One of three rows, then always the one that is left.
  expect(await limited("{ warn: 40%, fail: 50%, min: 1 }")).toEqual([0, undefined, undefined, false]);
  expect(await limited("{ warn: 40%, fail: 100%, min: 1 }")).toEqual([0, undefined, "W430", true]);
  expect(await limited("{ warn: 40%, fail: 50%, min: 1 }")).toEqual([4, "E430", undefined, false]);
  expect(await limited("{ warn: 40%, fail: 50%, min: 2 }")).toEqual([0, undefined, undefined, false]);
});
