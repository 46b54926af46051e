import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readRejected } from "../../src/engine/index.ts";
import { day, minute, startShop, type Shop } from "./small-shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await startShop();
});
afterEach(() => shop.close());

const members = (): readonly string[] => [...shop.receiver.state.members.keys()].toSorted();
/** A template may not build texts of this size: the row is refused before it is sent. */
const tooLong = "B".repeat(600_000);

it("a row refused between two that are sent is nobody's member, however far their batch reaches", async () => {
  await shop.write(
    "models/models.yml",
    (await modelsOf()).replace("{ to: name, from: name }", `{ to: name, template: "{{ name | append: name }}" }`),
  );
  const [ada, bo, cy] = [
    "1,Ada,ada@example.com,FR,250",
    `2,${tooLong},bo@example.com,FR,120`,
    "3,Cy,cy@example.com,FR,300",
  ];
  await shop.people(ada as string, bo as string, cy as string);
  const first = await shop.sync();
  expect(first.document.syncs.map(({ status, outcomes }) => [status, outcomes.accepted, outcomes.rejected])).toEqual([
    ["partial", 2, 1],
  ]);
  expect(members()).toEqual(["1", "3"]);
  const refused = await readRejected({ ...(await shop.options()), runId: first.document.run_id });
  expect(refused.map(({ sync, op, code }) => [sync, op, code])).toEqual([["vip_to_hook", "add", "template_failed"]]);

  shop.now += day;
  await shop.people(ada as string, "2,Bo,bo@example.com,FR,120", cy as string);
  await shop.sync();
  expect(members()).toEqual(["1", "2", "3"]);
});

it("gives a refused row up when rejected_rows.retry says so, until it is retried by name", async () => {
  const limits = "rejected_rows: { retry: { attempts: 2, age: 1h } }\n    mappings:";
  await shop.write("models/models.yml", (await modelsOf()).replace("mappings:", limits));
  shop.receiver.state.refuse.set("2", { code: "no", message: "not this one" });
  const tried: number[] = [];
  const told: unknown[] = [];
  for (const passed of [0, 30 * minute, 60 * minute, 7 * day]) {
    shop.now += passed;
    const before = shop.receiver.requests.length;
    const { document } = await shop.sync();
    tried.push(shop.receiver.requests.length - before);
    told.push((await readRejected({ ...(await shop.options()), runId: document.run_id })).map(({ dead }) => dead));
  }
  // Refused at once and after half an hour; the third time it is old enough.
  expect([tried, told]).toEqual([
    [1, 1, 1, 0],
    [[false], [false], [true], []],
  ]);
  shop.receiver.state.refuse.clear();
  await shop.sync({ retry: ["vip_to_hook"] });
  expect(members()).toEqual(["1", "2", "3"]);
});

async function modelsOf(): Promise<string> {
  return readFile(`${shop.root}/models/models.yml`, "utf8");
}
