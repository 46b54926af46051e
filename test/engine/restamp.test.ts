import { afterEach, beforeEach, expect, test } from "vitest";
import { closeQuietly } from "../../src/engine/close.ts";
import { toldTable } from "../../src/engine/prepare.ts";
import { collectStale } from "../../src/engine/restamp.ts";
import { planSyncs } from "../../src/engine/index.ts";
import { stablePrint } from "../../src/engine/wanted.ts";
import { createLedger, rejectionsTable, sentTable } from "../../src/ledger/tables.ts";
import { createState } from "../../src/ledger/state.ts";
import { openSession } from "../../src/models/session.ts";
import { together } from "../../src/warehouse/ferry.ts";
import { openDuckDB } from "../../src/warehouse/duckdb.ts";
import { ledgerOf, shapeOfWorld, target } from "./pipeline-run.ts";
import { minute, startShop, type Shop } from "./small-shop.ts";

let shop: Shop;
beforeEach(async () => (shop = await startShop()) && undefined);
afterEach(() => shop.close());

interface Print {
  readonly k: string;
  readonly h: string;
  readonly fast: string;
  readonly tag: number;
  readonly serial: number;
}

/** Runs statements in the ledger, then reads its prints. */
async function ledger(...statements: readonly string[]): Promise<readonly Print[]> {
  const session = await openSession((await shop.options()).project, { write: true, env: {} });
  try {
    for (const sql of statements) await session.warehouse.execute(sql);
    const rows = await session.warehouse
      .rows(`SELECT k, CAST(h AS VARCHAR) AS h, CAST(h_fast AS VARCHAR) AS fast, h_tag AS tag, serial
FROM ${session.ledger("sent__vip_to_hook")}, ${session.ledger("state__vip_to_hook")} ORDER BY k`);
    return rows.map((row) => ({ ...(row as Print), tag: Number(row["tag"]), serial: Number(row["serial"]) }));
  } finally {
    await session.close();
  }
}

/** What another engine would have left: its own hash of the same content, under its own tag. */
const otherEngine = `UPDATE "ledger"."millrace"."sent__vip_to_hook" SET h_fast = h_fast + 1, h_tag = 1`;

const told = async () =>
  (await shop.sync()).document.syncs.map(({ status, accepted }) => [
    status,
    accepted.add,
    accepted.update,
    accepted.remove,
  ]);

test("after an upgrade a run that sends nothing gives all prints today's tag, and the next one compares them", async () => {
  await shop.sync();
  const before = await ledger();
  expect((await ledger(otherEngine)).map(({ tag }) => tag)).toEqual([1, 1, 1]);
  shop.now += minute;
  // A plan writes nothing.
  await planSyncs({ ...(await shop.options()), save: false, sampleRows: 1 });
  expect((await ledger()).map(({ tag }) => tag)).toEqual([1, 1, 1]);
  const requests = shop.receiver.requests.length;
  expect(await told()).toEqual([["unchanged", 0, 0, 0]]);
  expect(await ledger()).toEqual(before);
  expect(shop.receiver.requests.length).toBe(requests);
  // With another stable print only the fast one can say that nothing changed.
  await ledger(`UPDATE "ledger"."millrace"."sent__vip_to_hook" SET h = 1`);
  shop.now += minute;
  expect(await told()).toEqual([["unchanged", 0, 0, 0]]);
});

test("a run that sends rewrites the unchanged rows' fast prints when it closes its plan", async () => {
  await shop.sync();
  const before = await ledger();
  await ledger(otherEngine);
  await shop.people("1,Adele,ada@example.com,FR,250", "2,Bo,bo@example.com,FR,120", "4,Di,di@example.com,DE,900");
  shop.now += minute;
  expect(await told()).toEqual([["ok", 0, 1, 1]]);
  const after = await ledger();
  expect(after.map(({ k, tag, serial }) => [k, tag, serial])).toEqual([
    ["1", before[0]?.tag, 2],
    ["2", before[0]?.tag, 2],
  ]);
  expect(after[0]?.fast).not.toBe(before[0]?.fast);
  expect(after[1]).toEqual({ ...before[1], serial: 2 });
});

const tag = 7;

/** Wanted rows, and what the ledger says of them: most stand under another engine's tag; its fence is given. */
async function staleLedger(fence: number) {
  const warehouse = await openDuckDB({ threads: 1 });
  const of = ledgerOf(warehouse);
  const policy = {
    kind: "membership",
    mode: "mirror",
    delivery: "set",
    onLeave: "remove",
    lateMs: 0,
    adopt: false,
    giveUp: { attempts: 5, ageMs: 86_400_000 },
  } as const;
  const shape = shapeOfWorld({ policy, identify: "each" });
  for (const statement of createLedger(of)) await warehouse.execute(statement);
  const row = {
    id: "x",
    sync: "s",
    target: "t",
    remoteId: null,
    fence,
    serial: 1,
    openPlan: null,
    openRun: null,
    m: 1,
  };
  await createState(warehouse, of, { ...row, keySignature: null });
  const rows = `${target}."people"`;
  await warehouse.execute(`CREATE TABLE ${rows} AS SELECT k AS id, k || '@example.com' AS email, CAST(NULL AS VARCHAR) AS phone, 'A' AS content
FROM unnest(['same', 'assumed', 'changed', 'unknown', 'today']) t(k)`);
  const stable = stablePrint(warehouse.dialect, shape, (name) => warehouse.dialect.quote(name));
  await warehouse.execute(`INSERT INTO ${sentTable(of, "x")} (k, h, h_fast, h_tag, m, state)
SELECT id, CASE id WHEN 'changed' THEN 5 WHEN 'unknown' THEN NULL ELSE ${stable} END, 6, CASE id WHEN 'today' THEN ${tag} ELSE 1 END, 1,
  CASE id WHEN 'assumed' THEN 'assumed' WHEN 'unknown' THEN 'doubt' ELSE 'ok' END FROM ${rows}`);
  const ferry = together(warehouse, target);
  const base = {
    ledger: of,
    id: "x",
    shape,
    rows,
    scratch: (name: string) => `${target}."${name}"`,
    tag,
    refreshBefore: null,
    older: [],
  };
  await warehouse.execute(`CREATE TABLE ${toldTable(target, "x")} AS SELECT * FROM ${rejectionsTable(of, "x")}`);
  const restamped = await collectStale(ferry, { ...base, full: false });
  const source = { warehouse, target, id: "x", shape, m: 1, tag, full: false };
  return {
    restamped,
    /** Closes the plan under fence 7; then the keys whose fast print is another than before. */
    async close(): Promise<readonly string[]> {
      try {
        await closeQuietly({ ferry, ledger: of, fence: 7 }, { sync: shape.sync, source, restamped });
        const touched = await warehouse.rows(
          `SELECT k FROM ${sentTable(of, "x")} WHERE h_fast <> 6 AND h_tag = ${tag} ORDER BY k`,
        );
        return touched.map((one) => String(one["k"]));
      } finally {
        await warehouse.close();
      }
    },
    warehouse,
  };
}

test("rows of other or unknown content, and rows of today's tag, are left alone", async () => {
  const stale = await staleLedger(7);
  expect(stale.restamped).toBe(2);
  expect(await stale.close()).toEqual(["assumed", "same"]);
});

test("a row whose content was settled in between is not touched", async () => {
  const stale = await staleLedger(7);
  await stale.warehouse.execute(`UPDATE ${sentTable(ledgerOf(stale.warehouse), "x")} SET h = 9 WHERE k = 'same'`);
  expect(await stale.close()).toEqual(["assumed"]);
});

test("a ledger that another run took over is not written", async () => {
  const stale = await staleLedger(8);
  await expect(stale.close()).rejects.toThrow("E502");
});
