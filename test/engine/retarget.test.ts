import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  abandonState,
  drainState,
  exportState,
  planSyncs,
  readHoldings,
  readRuns,
  recreateState,
} from "../../src/engine/index.ts";
import { openSession } from "../../src/models/session.ts";
import { minute, startShop, type Shop } from "./small-shop.ts";

let shop: Shop;
beforeEach(async () => (shop = await startShop()) && undefined);
afterEach(() => shop.close());

const sync = "vip_to_hook";
const edit = async (file: string, from: string | RegExp, to: string) =>
  shop.write(file, (await readFile(join(shop.root, file), "utf8")).replaceAll(from, to));
const elsewhere = () => edit("destinations/hook.yml", /\/in"/g, '/other"');
const why = async () => ({ ...(await shop.options()), sync, reason: "new account" });
const members = () => [...shop.receiver.state.members.keys()].toSorted();
const sentFrom = (from: number) => shop.receiver.requests.slice(from).map(({ path, body }) => `${path} ${body.op}`);
const code = (wanted: string, hint: RegExp = /./) =>
  expect.objectContaining({
    diagnostics: [expect.objectContaining({ code: wanted, hint: expect.stringMatching(hint) })],
  }) as unknown;

/** Rows of a table of the ledger, as objects of text. */
async function ledgerRows(name: string): Promise<readonly Record<string, string | null>[]> {
  const table = (await exportState(await shop.options())).tables.find((one) => one.name === name);
  return (table?.rows ?? []).map((row) =>
    Object.fromEntries((table?.columns ?? []).map((column, at) => [column, row[at] ?? null])),
  );
}

/** Runs statements in the ledger as nobody else may. */
async function inLedger(sql: string): Promise<void> {
  const session = await openSession((await shop.options()).project, { write: true, env: {} });
  await session.warehouse.execute(sql).finally(() => session.close());
}

it("stops at another target and names the commands", async () => {
  await shop.sync();
  await elsewhere();
  const [report] = (await shop.sync()).document.syncs;
  expect(report).toMatchObject({
    status: "failed",
    error: {
      code: "E520",
      hint: expect.stringMatching(/state retarget vip_to_hook --drain --reason TEXT.*`--abandon`/) as string,
    },
  });
});

it("takes everybody out of the old target, guards or not, and then fills the new one", async () => {
  await edit("millrace.yml", /guards:.*\n/g, "guards: { empty: stop, shrink: off, remove: 1 }\n");
  await shop.sync();
  expect(await readHoldings({ ...(await shop.options()), sync })).toMatchObject({ rows: 3 });
  await elsewhere();
  const before = shop.receiver.requests.length;
  const drained = await drainState(await why());
  expect(drained).toMatchObject({ exit: 0, removed: 3, remaining: 0 });
  expect(sentFrom(before)).toEqual(["/in remove"]);
  expect(members()).toEqual([]);

  const [run] = await readRuns({ ...(await shop.options()), limit: 1 });
  expect(run).toMatchObject({
    run_id: drained.runId,
    actor: "ada",
    overrides: [
      { guard: "G1", sync, actor: "ada", reason: "new account" },
      { guard: "G4", sync, actor: "ada", reason: "new account" },
    ],
  });
  const deeds = (await ledgerRows("operations")).toSorted((a, b) => Number(b["rows"]) - Number(a["rows"]));
  expect(deeds).toMatchObject([
    { sync, operation: "drain", actor: "ada", reason: "new account", rows: "3" },
    { run_id: drained.runId, sync, operation: "drain", rows: "0" },
  ]);

  expect((await shop.sync()).document.syncs[0]).toMatchObject({ status: "ok", accepted: { add: 3, remove: 0 } });
  expect(sentFrom(before + 1)).toEqual(["/other add"]);
  expect((await shop.sync()).document.syncs[0]).toMatchObject({ status: "unchanged" });
});

it("also takes out those it kept on leaving, and reads no model to do so", async () => {
  await edit("models/models.yml", "mode: mirror", "mode: upsert");
  await shop.sync();
  await shop.people("1,Ada,Ada@Example.com ,FR,250");
  await shop.sync();
  expect(members()).toHaveLength(3);
  await elsewhere();
  await shop.write("models/customers.sql", "select * from {{ ref('people') }} where no_such_column = 1\n");
  expect(await drainState(await why())).toMatchObject({ removed: 3, remaining: 0 });
  expect(members()).toEqual([]);
});

it("keeps what it could not take out, and tries it again at once", async () => {
  await shop.sync();
  await elsewhere();
  shop.receiver.state.refuse.set("2", { code: "busy", message: "later" });
  expect(await drainState(await why())).toMatchObject({ removed: 2, remaining: 1 });
  expect((await shop.sync()).document.syncs[0]).toMatchObject({ error: { code: "E520" } });
  shop.receiver.state.refuse.clear();
  expect(await drainState(await why())).toMatchObject({ removed: 1, remaining: 0 });
  expect((await shop.sync()).document.syncs[0]).toMatchObject({ status: "ok", accepted: { add: 3 } });
});

it("keeps whoever may still be there after a removal without an answer", async () => {
  await shop.sync();
  await elsewhere();
  shop.receiver.fail({ on: "/in", applied: "reset" });
  expect(await drainState(await why())).toMatchObject({ removed: 0, remaining: 3 });
  expect(await ledgerRows("sent__vip_to_hook")).toMatchObject([
    { state: "doubt" },
    { state: "doubt" },
    { state: "doubt" },
  ]);
  expect(await drainState(await why())).toMatchObject({ remaining: 0 });
  // Under the key of the first try: the receiver knew it.
  expect(shop.receiver.state.repeats).toBe(1);
  expect(members()).toEqual([]);
});

it("refuses to empty what was never the sync's to empty", async () => {
  await shop.sync();
  await elsewhere();
  const text = await readFile(join(shop.root, "models/models.yml"), "utf8");
  await edit("models/models.yml", "mode: mirror", "mode: remove");
  await expect(drainState(await why())).rejects.toEqual(code("E597", /--abandon/));
  await shop.write("models/models.yml", text);
  await shop.write("destinations/hook.yml", "destination: hook\ntype: file\nconfig: { path: out }\n");
  await expect(drainState(await why())).rejects.toEqual(code("E597", /destinations\/NAME\.yml.*\/in/));
  // A file with the old account is enough, whoever uses it.
  await shop.write(
    "destinations/old_hook.yml",
    `destination: old_hook\ntype: webhook\nlate: 0s\nconfig: { url: "${shop.receiver.url}/in", allow_private_network: true }\n`,
  );
  await inLedger(`UPDATE "ledger"."millrace"."sent__vip_to_hook" SET state = 'held' WHERE k = '1'`);
  await expect(drainState(await why())).rejects.toEqual(code("E597", /millrace resolve vip_to_hook/));
  await inLedger(`UPDATE "ledger"."millrace"."sent__vip_to_hook" SET state = 'ok'`);
  expect(await drainState(await why())).toMatchObject({ removed: 3, remaining: 0 });
  await expect(drainState(await why())).rejects.toEqual(code("E595"));
});

it("makes a lost target anew: everybody wanted is sent again, nobody else", async () => {
  shop.receiver.state.refuse.set("2", { code: "bad", message: "no" });
  await shop.sync();
  shop.receiver.state.refuse.clear();
  await shop.people("1,Ada,Ada@Example.com ,FR,250", "2,Bo,bo@example.com,FR,120");
  shop.receiver.fail({ on: "/in", status: 410, times: 9 });
  const [lost] = (await shop.sync({ retry: [sync] })).document.syncs;
  expect(lost).toMatchObject({
    status: "failed",
    error: {
      code: "E811",
      hint: expect.stringContaining("millrace state recreate vip_to_hook --reason TEXT") as string,
    },
  });
  shop.receiver.heal();
  shop.receiver.state.members.clear();

  expect(await recreateState(await why())).toEqual({ rows: 2 });
  expect(await ledgerRows("sent__vip_to_hook")).toMatchObject([
    { k: "1", state: "doubt", h: null, h_fast: null, ids: "[]", remote_id: null, doubt_at: null },
    { k: "3", state: "doubt" },
  ]);
  expect(await ledgerRows("state__vip_to_hook")).toMatchObject([{ remote_id: null, open_plan: null }]);
  expect(await ledgerRows("operations")).toMatchObject([
    { sync, operation: "recreate", actor: "ada", reason: "new account", rows: "2" },
  ]);
  expect((await shop.sync()).document.syncs[0]).toMatchObject({ status: "ok" });
  expect(members()).toEqual(["1", "2"]);
  expect((await shop.sync()).document.syncs[0]).toMatchObject({ status: "unchanged" });
});

it("does nothing to a ledger that another run took over", async () => {
  await shop.sync();
  await inLedger(`UPDATE "ledger"."millrace"."state__vip_to_hook" SET fence = 1000`);
  for (const work of [abandonState, recreateState, drainState]) {
    await expect(work(await why())).rejects.toEqual(code("E502"));
  }
  expect(await ledgerRows("operations")).toEqual([]);
  expect(await ledgerRows("sent__vip_to_hook")).toMatchObject([{ state: "ok" }, { state: "ok" }, { state: "ok" }]);
});

it("lists ledgers without a sync in every plan", async () => {
  const planned = async () => (await planSyncs({ ...(await shop.options()), save: false, sampleRows: 0 })).document;
  await shop.sync();
  expect(await planned()).not.toHaveProperty("ledgers_without_sync");
  const place = `webhook member (url: ${shop.receiver.url}/in)`;
  await edit("models/models.yml", sync, "best_to_hook");
  expect((await planned()).ledgers_without_sync).toEqual([
    { ledger: sync, target: place, people: 3, abandoned: false },
  ]);
  await abandonState(await why());
  expect((await planned()).ledgers_without_sync).toEqual([
    { ledger: "vip_to_hook__abandoned_1", target: place, people: 3, abandoned: true },
  ]);
  shop.now += minute;
  let told: unknown;
  await shop.sync({ onPlan: (plan) => void (told = plan.ledgers_without_sync?.length) });
  expect(told).toBe(1);
});
