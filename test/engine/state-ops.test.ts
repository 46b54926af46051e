import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { StateExport } from "../../src/engine/api.ts";
import {
  abandonState,
  explainPerson,
  exportState,
  importState,
  lockInfo,
  moveState,
  planSyncs,
  pruneState,
  readRejected,
  readStatus,
  unlock,
} from "../../src/engine/index.ts";
import { openSession } from "../../src/models/session.ts";
import { day, minute, startShop, type Shop } from "./small-shop.ts";

let shop: Shop;
beforeEach(async () => (shop = await startShop()) && undefined);
afterEach(() => shop.close());

const edit = async (file: string, from: string | RegExp, to: string) =>
  shop.write(file, (await readFile(join(shop.root, file), "utf8")).replaceAll(from, to));

/** Runs statements in the ledger as nobody else may. */
async function inLedger<T extends object>(...statements: readonly string[]): Promise<readonly T[]> {
  const session = await openSession((await shop.options()).project, { write: true, env: {} });
  try {
    let rows: readonly object[] = [];
    for (const sql of statements) rows = await session.warehouse.rows(sql);
    return rows as readonly T[];
  } finally {
    await session.close();
  }
}

const code = (wanted: string) =>
  expect.objectContaining({ diagnostics: [expect.objectContaining({ code: wanted })] }) as unknown;
const tablesOf = ({ tables }: StateExport) => Object.fromEntries(tables.map(({ name, rows }) => [name, rows.length]));

/** The lock of a live process on another machine. */
async function holdLock(): Promise<string> {
  const runId = "2026-03-01T05-59-00Z-9d1f3c";
  const at = shop.now - minute;
  await mkdir(join(shop.root, ".millrace"), { recursive: true });
  const lock = {
    format: 1,
    holder: "ci@runner-12",
    host: "runner-12",
    pid: 1,
    command: "millrace sync",
    runId,
    fence: 7,
    since: at,
    aliveAt: at,
    leaseUntil: shop.now + 60 * minute,
    requestDeadlineMs: 1000,
    horizons: {},
  };
  await writeFile(join(shop.root, ".millrace/dev.lock"), JSON.stringify(lock));
  return runId;
}

it("names the holder of the lock, and frees it for that run only", async () => {
  const options = await shop.options();
  expect(await lockInfo(options)).toBeNull();
  const runId = await holdLock();
  expect(await lockInfo(options)).toEqual({
    run_id: runId,
    holder: "ci@runner-12",
    command: "millrace sync",
    since: "2026-03-01T05:59:00.000Z",
    alive_at: "2026-03-01T05:59:00.000Z",
  });
  await expect(pruneState({ ...options, days: 1 })).rejects.toEqual(code("E501"));
  expect(await unlock({ ...options, runId: "another" })).toBe(false);
  expect(await unlock({ ...options, runId })).toBe(true);
  expect([await lockInfo(options), await unlock({ ...options, runId })]).toEqual([null, false]);
  // Its fence was 7: the runs after it count on from there.
  for (let run = 0; run < 2; run += 1) {
    expect((await shop.sync()).document.status).toBe("ok");
    await shop.people(`${run},Ada,ada@example.com,FR,250`);
  }
  expect(await inLedger('SELECT fence FROM "ledger"."millrace"."state__vip_to_hook"')).toEqual([{ fence: 9 }]);
});

it("goes on where only the ledger's file was kept", async () => {
  await holdLock();
  await unlock({ ...(await shop.options()), runId: "2026-03-01T05-59-00Z-9d1f3c" });
  await shop.sync();
  const { rm } = await import("node:fs/promises");
  for (const name of await readdir(join(shop.root, ".millrace"))) {
    if (name.startsWith("dev.lock")) await rm(join(shop.root, ".millrace", name));
  }
  await shop.people("1,Ada,ada@example.com,FR,250");
  expect((await shop.sync()).document.syncs[0]).toMatchObject({ status: "ok", accepted: { remove: 2 } });
});

it("exports and imports without losing a bit, and the next run sends nothing", async () => {
  shop.receiver.state.refuse.set("2", { code: "bad", message: "no" });
  await shop.sync();
  await inLedger(
    `UPDATE "ledger"."millrace"."sent__vip_to_hook" SET h = 18446744073709551615, doubt_at = 9007199254740993, fields = 'a"b\\n''c',
     ids = [{kind: 'email', 'value': 'ünï"\\', version: 2}, {kind: 'key', 'value': '1', version: 0}] WHERE k = '1'`,
  );
  const exported = await exportState(await shop.options());
  expect(exported).toMatchObject({
    schema: "millrace/state/v1",
    environment: "dev",
    exported_at: "2026-03-01T06:00:00.000Z",
  });
  expect(tablesOf(exported)).toMatchObject({
    sent__vip_to_hook: 2,
    rejections__vip_to_hook: 1,
    state__vip_to_hook: 1,
    members__vip: 3,
    runs: 1,
    changes: 3,
    mappings: 1,
  });
  const sent = exported.tables.find(({ name }) => name === "sent__vip_to_hook")!;
  expect(sent.rows[0]![sent.columns.indexOf("h")]).toBe("18446744073709551615");
  const travelled = JSON.parse(JSON.stringify(exported)) as StateExport;

  await expect(importState({ ...(await shop.options()), state: travelled })).rejects.toEqual(code("E593"));
  const { rename } = await import("node:fs/promises");
  await rename(join(shop.root, ".millrace"), join(shop.root, "old"));
  // A plan alone leaves an empty ledger of the sync, which gives way.
  await planSyncs({ ...(await shop.options()), save: true, sampleRows: 0 });
  const rows = Object.values(tablesOf(exported)).reduce((sum, count) => sum + count, 0);
  expect(await importState({ ...(await shop.options()), state: travelled })).toEqual({ rows: rows - 1 });
  expect((await exportState(await shop.options())).tables).toEqual(exported.tables);
});

it("carries a ledger to a new machine, where nothing is sent again", async () => {
  await shop.sync();
  await inLedger('UPDATE "ledger"."millrace"."state__vip_to_hook" SET fence = 40');
  const state = await exportState(await shop.options());
  const { rename } = await import("node:fs/promises");
  await rename(join(shop.root, ".millrace"), join(shop.root, "old"));
  await importState({ ...(await shop.options()), state });
  const before = shop.receiver.requests.length;
  expect((await shop.sync()).document.syncs[0]!.status).toBe("unchanged");
  await shop.people("1,Ada,Ada@Example.com ,FR,250");
  expect((await shop.sync()).document.syncs[0]).toMatchObject({ status: "ok", accepted: { add: 0, remove: 2 } });
  expect(shop.receiver.requests.length).toBe(before + 1);
});

it("refuses what is no whole export", async () => {
  await shop.sync();
  const state = await exportState(await shop.options());
  const options = await shop.options();
  const { rename } = await import("node:fs/promises");
  await rename(join(shop.root, ".millrace"), join(shop.root, "old"));
  const changed = (edit_: (table: StateExport["tables"][number]) => object): StateExport => ({
    ...state,
    tables: state.tables.map((table) => ({ ...table, ...edit_(table) })),
  });
  const wrong: readonly (readonly [string, StateExport])[] = [
    ["E592", { ...state, tables: [{ name: "users", columns: ["a"], rows: [] }] }],
    ["E592", changed(({ columns }) => ({ columns: columns.slice(1) }))],
    ["E592", changed(({ rows }) => ({ rows: rows.map((row) => row.slice(1)) }))],
    [
      "E592",
      changed(({ name, rows }) => (name.startsWith("sent__") ? { rows: rows.map((row) => row.map(() => "x")) } : {})),
    ],
    [
      "E511",
      changed(({ name, rows }) => (name === "meta" ? { rows: rows.map((row) => ["99", ...row.slice(1)]) } : {})),
    ],
    [
      "E593",
      changed(({ name, columns, rows }) =>
        name.startsWith("state__")
          ? { rows: rows.map((row) => row.map((cell, at) => (columns[at] === "open_plan" ? "p" : cell))) }
          : {},
      ),
    ],
  ];
  for (const [wanted, one] of wrong)
    await expect(importState({ ...options, state: one })).rejects.toEqual(code(wanted));
  expect((await readStatus(options)).syncs[0]!.people).toBeNull();
  expect((await importState({ ...options, state })).rows).toBeGreaterThan(0);
});

it("knows what was refused before a sync was renamed by its new name", async () => {
  shop.receiver.state.refuse.set("2", { code: "bad", message: "no" });
  const { document } = await shop.sync();
  await edit("models/models.yml", "vip_to_hook", "best_to_hook");
  await moveState({ ...(await shop.options()), from: "vip_to_hook", to: "best_to_hook" });
  expect(await readRejected({ ...(await shop.options()), runId: document.run_id })).toMatchObject([
    { sync: "best_to_hook", code: "bad" },
  ]);
  const saved = await planSyncs({ ...(await shop.options()), save: true, sampleRows: 0 });
  await edit("models/models.yml", "best_to_hook", "top_to_hook");
  await moveState({ ...(await shop.options()), from: "best_to_hook", to: "top_to_hook" });
  await expect(shop.sync({ planId: saved.document.id })).rejects.toEqual(code("E606"));
});

it("renames a sync's ledger, and a new sync of the old name begins with its own", async () => {
  await shop.sync();
  await edit("models/models.yml", "vip_to_hook", "best_to_hook");
  await expect(moveState({ ...(await shop.options()), from: "nope", to: "best_to_hook" })).rejects.toEqual(
    code("E595"),
  );
  await expect(moveState({ ...(await shop.options()), from: "vip_to_hook", to: "nope" })).rejects.toEqual(code("E595"));
  await planSyncs({ ...(await shop.options()), save: true, sampleRows: 0 });
  expect(await moveState({ ...(await shop.options()), from: "vip_to_hook", to: "best_to_hook" })).toEqual({ rows: 3 });
  const before = shop.receiver.requests.length;
  shop.now += day;
  expect((await shop.sync()).document.syncs).toMatchObject([{ sync: "best_to_hook", status: "unchanged" }]);
  expect((await explainPerson({ ...(await shop.options()), key: "1" })).destinations).toMatchObject([
    { sync: "best_to_hook", state: "ok", history: [{ op: "add", outcome: "accepted" }] },
  ]);
  expect((await readStatus(await shop.options())).syncs[0]).toMatchObject({
    people: 3,
    people_7d: [null, null, null, null, null, 3, 3],
    remote: null,
  });

  const text = await readFile(join(shop.root, "models/models.yml"), "utf8");
  await shop.write(
    "models/models.yml",
    `${text}${text.slice(text.indexOf("  - name: best_to_hook")).replace("best_to_hook", "vip_to_hook")}`,
  );
  const { document } = await shop.sync();
  expect(document.syncs).toMatchObject([
    { sync: "best_to_hook", status: "unchanged" },
    { sync: "vip_to_hook", status: "ok", accepted: { add: 3 } },
  ]);
  expect(shop.receiver.requests.length).toBe(before + 1);
  await expect(moveState({ ...(await shop.options()), from: "vip_to_hook", to: "best_to_hook" })).rejects.toEqual(
    code("E596"),
  );
});

it("begins anew with a new target, and keeps the old ledger aside", async () => {
  await shop.sync();
  await edit("destinations/hook.yml", /\/in"/g, '/other"');
  expect((await shop.sync()).document.syncs[0]).toMatchObject({ status: "failed", error: { code: "E520" } });
  expect(await abandonState({ ...(await shop.options()), sync: "vip_to_hook", reason: "moved" })).toEqual({
    rows: 3,
    archived: "vip_to_hook__abandoned_1",
  });
  expect((await shop.sync()).document.syncs[0]).toMatchObject({
    status: "ok",
    accepted: { add: 3, update: 0, remove: 0 },
  });
  expect((await explainPerson({ ...(await shop.options()), key: "1" })).destinations).toMatchObject([
    { sync: "vip_to_hook", state: "ok" },
    { sync: "vip_to_hook__abandoned_1", destination: "webhook", object: "member", state: "ok" },
  ]);
  expect(await abandonState({ ...(await shop.options()), sync: "vip_to_hook", reason: "moved" })).toEqual({
    rows: 3,
    archived: "vip_to_hook__abandoned_1_2",
  });
  expect((await shop.sync()).document.syncs[0]).toMatchObject({ status: "ok", accepted: { add: 3 } });
  await expect(abandonState({ ...(await shop.options()), sync: "nope", reason: "moved" })).rejects.toEqual(
    code("E595"),
  );
  const mappings = (await exportState(await shop.options())).tables.find(({ name }) => name === "mappings");
  expect(mappings?.rows.map(([sync, m]) => `${sync} ${m}`)).toEqual([
    "vip_to_hook 1",
    "vip_to_hook__abandoned_1 1",
    "vip_to_hook__abandoned_1_2 1",
  ]);
});

it("prunes history, dead plans and run files, and never what destinations hold", async () => {
  await shop.sync();
  shop.now += 10 * day;
  await shop.people("1,Ada,ada@example.com,FR,250", "6,Flo,flo@example.com,FR,300");
  const saved = await planSyncs({ ...(await shop.options()), save: true, sampleRows: 0 });
  await shop.sync({ planId: saved.document.id });
  await shop.people("1,Ada,ada@example.com,FR,250");
  const old = await planSyncs({ ...(await shop.options()), save: true, sampleRows: 0 });
  shop.now += 2 * day;
  await shop.people("6,Flo,flo@example.com,FR,300");
  const fresh = await planSyncs({ ...(await shop.options()), save: true, sampleRows: 0 });
  for (const name of [
    "2026-01-01T00-00-00Z-aaaaaa.duckdb",
    "2026-01-01T00-00-00Z-aaaaaa.duckdb.wal",
    "2026-01-01T00-00-00Z-aaaaaa/vip_to_hook.journal",
  ]) {
    await shop.write(`.millrace/runs/dev/${name}`, "");
  }
  // Of another environment, where a run may be under way.
  await shop.write(".millrace/runs/prod/2026-01-01T00-00-00Z-bbbbbb.duckdb", "");
  const before = tablesOf(await exportState(await shop.options()));
  expect(await pruneState({ ...(await shop.options()), days: 5 })).toEqual({ rows: 3 });
  expect(tablesOf(await exportState(await shop.options()))).toEqual({ ...before, changes: before["changes"]! - 3 });
  expect(await readdir(join(shop.root, ".millrace/runs/dev")).catch(() => [])).toEqual([]);
  expect(await readdir(join(shop.root, ".millrace/runs/prod"))).toEqual(["2026-01-01T00-00-00Z-bbbbbb.duckdb"]);
  await expect(shop.sync({ planId: old.document.id })).rejects.toEqual(code("E606"));
  const { document } = await shop.sync({ planId: fresh.document.id });
  expect(document.syncs[0]).toMatchObject({ status: "ok", accepted: { add: 0, remove: 1 } });
  const tables = await inLedger<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE regexp_matches(table_name, '^(plan|prepared)__')",
  );
  expect(tables).toEqual([]);
});

it("leaves environments in memory alone", async () => {
  await edit("millrace.yml", "path: data/shop.duckdb", 'path: ":memory:"');
  const options = await shop.options();
  expect(tablesOf(await exportState(options))).toEqual({});
  await expect(pruneState({ ...options, days: 1 })).rejects.toEqual(code("E594"));
});
