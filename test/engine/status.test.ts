import { afterEach, beforeEach, expect, it } from "vitest";
import { readStatus } from "../../src/engine/index.ts";
import { day, git, minute, startShop, type Shop } from "./small-shop.ts";

let shop: Shop;
beforeEach(async () => (shop = await startShop()) && undefined);
afterEach(() => shop.close());

const status = async () => readStatus(await shop.options());
const only = async () => (await status()).syncs[0]!;

it("has something to say before the first run", async () => {
  shop.now += 5 * minute;
  expect(await status()).toEqual({
    schema: "millrace/status/v1",
    environment: "dev",
    at: "2026-03-01T06:05:00.000Z",
    git,
    last_run: null,
    syncs: [
      {
        sync: "vip_to_hook",
        source: "vip",
        destination: "hook",
        state: "never",
        last_ok_at: null,
        next_at: "2026-03-01T06:00:00.000Z",
        people: null,
        people_7d: [null, null, null, null, null, null, null],
        remote: null,
        rejected: 0,
        error: null,
        paused_until: null,
      },
    ],
  });
});

it("counts people day by day and knows the next run", async () => {
  const { document } = await shop.sync();
  shop.now += 2 * day;
  await shop.people("1,Ada,ada@example.com,FR,250", "2,Bo,bo@example.com,FR,120");
  const second = await shop.sync();
  shop.now += 3 * 60 * minute;
  expect([document.status, second.document.status]).toEqual(["ok", "ok"]);
  expect(await status()).toMatchObject({
    last_run: { run_id: second.document.run_id, status: "ok", finished_at: "2026-03-03T06:00:00.000Z" },
    syncs: [
      {
        state: "ok",
        last_ok_at: "2026-03-03T06:00:00.000Z",
        next_at: "2026-03-04T06:00:00.000Z",
        people: 2,
        people_7d: [null, null, null, null, 3, 3, 2],
        remote: null,
        error: null,
      },
    ],
  });
});

it("is due in the past, and late when a slot was missed by a day", async () => {
  await shop.sync();
  const states: Record<string, unknown> = {};
  for (const hours of [23, 25, 47, 49]) {
    shop.now = Date.parse("2026-03-01T06:00:00Z") + hours * 60 * minute;
    const { state, next_at } = await only();
    states[hours] = [state, next_at];
  }
  expect(states).toEqual({
    23: ["ok", "2026-03-02T06:00:00.000Z"],
    25: ["ok", "2026-03-02T06:00:00.000Z"],
    47: ["ok", "2026-03-02T06:00:00.000Z"],
    49: ["late", "2026-03-03T06:00:00.000Z"],
  });
});

it("is late when the sync says so", async () => {
  await shop.sync();
  await shop.write("models/models.yml", await edited((text) => `${text}    alerts: { late_after: 3d }\n`));
  const states: string[] = [];
  for (const days of [2.9, 3.1]) {
    shop.now = Date.parse("2026-03-01T06:00:00Z") + days * day;
    states.push((await only()).state);
  }
  expect(states).toEqual(["ok", "late"]);
});

it("names what failed, and the guard that stopped a run", async () => {
  await shop.sync();
  shop.now += day;
  shop.receiver.fail({ status: 410, body: { message: "gone" } });
  await shop.people("1,Ada,ada@example.com,FR,250");
  await shop.sync();
  const failed = await only();
  shop.now += 1_000;
  await shop.write("models/models.yml", await edited((text) => `${text}    guards: { min_rows: 100 }\n`));
  await shop.sync();
  const stopped = await only();
  expect([failed, stopped].map(({ state, last_ok_at }) => ({ state, last_ok_at }))).toEqual([
    { state: "failed", last_ok_at: "2026-03-01T06:00:00.000Z" },
    { state: "failed", last_ok_at: "2026-03-01T06:00:00.000Z" },
  ]);
  expect(failed.error).toMatch(/^E811: /);
  expect(stopped.error).toMatch(/^G5 min_rows: /);
});

it("warns while rows are refused", async () => {
  shop.receiver.state.refuse.set("2", { code: "bad_email", message: "no" });
  await shop.sync();
  const warned = await only();
  shop.receiver.state.refuse.clear();
  shop.now += 10 * minute;
  await shop.sync();
  expect([warned, await only()].map(({ state, people, rejected }) => ({ state, people, rejected }))).toEqual([
    { state: "warning", people: 2, rejected: 1 },
    { state: "ok", people: 3, rejected: 0 },
  ]);
});

it("shows a pause and its end", async () => {
  await shop.write(
    "models/models.yml",
    await edited((text) => `${text}    status: paused\n    paused_until: 2026-04-01\n`),
  );
  await shop.sync();
  const paused = await only();
  shop.now = Date.parse("2026-04-01T00:00:01Z");
  expect([paused, await only()].map(({ state, next_at, paused_until }) => ({ state, next_at, paused_until }))).toEqual([
    { state: "paused", next_at: null, paused_until: "2026-04-01T00:00:00.000Z" },
    { state: "never", next_at: "2026-03-31T06:00:00.000Z", paused_until: null },
  ]);
});

async function edited(edit: (text: string) => string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return edit(await readFile(`${shop.root}/models/models.yml`, "utf8"));
}
