/** What a plan costs, what its statements are held to and how they are marked, at the wire; the ledger's copy before a removal. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BigQuerySpec, SnowflakeSpec, WarehouseSpec } from "../../src/project/project.ts";
import { wordsOf } from "../../src/ledger/words.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";
import { type Asked, type Figures, tap, type Tap } from "./emulators/tap.ts";
import { openWorld, type World } from "./small-world.ts";

const gib = 1024 ** 3;
const mb = 1024 ** 2;
const schemas = { ledger_schema: "millrace", model_schema: "millrace_models" } as const;

/** The difference of a sync joins its ledger, which a plan before the first run does not name; the audience's query joins nothing. */
const isDelta = (sync: string, sql: string): boolean => {
  if (!sql.includes("FULL OUTER JOIN") || sql.includes("measured")) return false;
  if (sync === "all_to_hook") return sql.includes("`raw`.`people`");
  return sql.includes("audience__french") && sql.includes("`name`") === (sync === "french_to_hook");
};
const isAudience = (sql: string): boolean => sql.includes("`raw`.`people`") && sql.includes("'FR'");
const isMade = ({ sql }: Asked): boolean => sql.startsWith("CREATE OR REPLACE TABLE");

const figures: Figures = (sql) => {
  if (isDelta("all_to_hook", sql)) return { bytes: 5 * gib, tables: 2 };
  if (isDelta("french_to_hook", sql)) return { bytes: 2 * gib, tables: 2 };
  if (isDelta("french_too", sql)) return { bytes: 1 * gib, tables: 2 };
  return isAudience(sql) ? { bytes: 7 * gib, tables: 1 } : { bytes: 0, tables: 0 };
};

/** bqemulator copies tables, and knows no options of a copy: the one of ours says when it ends. */
const withoutEnd = (sql: string): string => sql.replace(/( CLONE \S+) OPTIONS \(expiration_timestamp = .*\)$/, "$1");

where("bqemulator", [clients, programs.bqemulator], () => {
  let wire: Tap;
  let world: World;
  let warehouse: Warehouse;
  let spec: BigQuerySpec;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const emulator = await startBigQuery("bqemulator");
    ({ stop } = emulator);
    wire = await tap(emulator.options.endpoint ?? "", { figures, spoken: withoutEnd });
    warehouse = await emulator.open();
    const connection = { project: "test-project", endpoint: wire.endpoint };
    spec = { type: "bigquery", connection, ...schemas };
    world = await openWorld(warehouse, "test-project", clients);
  });
  afterAll(async () => {
    await world.close();
    await wire.close();
    await stop();
  });

  test("a plan says what it reads and costs; each large statement is asked once, and held to that", async () => {
    await world.people([1, "Ada", "FR"], [2, "Bo", "DE"]);
    const { syncs } = await world.plan({ ...spec, price_per_tib: 8 });
    const cost = (all: number) => ({ bytes: all * gib, usd: (all / 1024) * 8 });
    expect(syncs.map(({ sync, cost: told }) => [sync, told])).toEqual([
      ["all_to_hook", cost(5)],
      // Its audience is read for both, and counts once.
      ["french_to_hook", cost(2 + 7)],
      ["french_too", cost(1)],
    ]);
    const asked = wire.take();
    const estimated = asked
      .filter(({ look, sql }) => look && figures(sql).bytes > 0)
      .map(({ sql }) => figures(sql).bytes);
    expect(estimated.toSorted()).toEqual([1 * gib, 2 * gib, 5 * gib, 7 * gib]);
    const held = asked.filter(({ maximum }) => maximum !== null);
    expect(held.map(({ maximum }) => maximum)).toEqual(
      [
        [5, 2],
        [7, 1],
        [2, 2],
        [1, 2],
      ].map(([read = 0, tables = 0]) => Math.ceil(read * gib * 1.2) + tables * 10 * mb),
    );
    expect(held.every(isMade)).toBe(true);
  });

  test("a statement above max_bytes_billed is not run, and everything else is held to it", async () => {
    const { syncs } = await world.plan({ ...spec, max_bytes_billed: 6 * gib });
    expect(syncs.map(({ sync, status, error, cost }) => [sync, status, error, cost?.bytes ?? null])).toEqual([
      ["all_to_hook", "changes", null, 5 * gib],
      ...["french_to_hook", "french_too"].map((sync) => [
        sync,
        "stopped",
        `E724: the statement would read ${7 * gib} bytes, and max_bytes_billed is ${6 * gib}`,
        null,
      ]),
    ]);
    const ran = wire.take().filter(({ look }) => !look);
    expect(ran.filter((each) => isMade(each) && isAudience(each.sql))).toEqual([]);
    expect(new Set(ran.map(({ maximum }) => maximum))).toEqual(new Set([6 * gib]));
  });

  const raw = { all: () => spec, take: () => wire.take(), world: () => world, warehouse: () => warehouse };
  marksAndCopies("test-project", raw, {
    table: /^CREATE TABLE IF NOT EXISTS `test-project`.*\) CLUSTER BY `k`$/,
    copy: / OPTIONS \(expiration_timestamp = TIMESTAMP_ADD\(CURRENT_TIMESTAMP\(\), INTERVAL 7 DAY\)\)$/,
  });
});

where("fakesnow", [driver, python], () => {
  let wire: Tap;
  let world: World;
  let warehouse: Warehouse;
  let spec: SnowflakeSpec;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const emulator = await startFakesnow();
    ({ stop } = emulator);
    wire = await tap(emulator.endpoint);
    warehouse = await open(emulator.endpoint);
    const connection = { account: "test", user: "millrace", password: "invented", endpoint: wire.endpoint };
    spec = { type: "snowflake", connection, database: "analytics", ...schemas };
    world = await openWorld(warehouse, "analytics", driver);
  });
  afterAll(async () => {
    await world.close();
    await warehouse.close();
    await wire.close();
    await stop();
  });

  test("a plan says no cost: Snowflake tells no bytes", async () => {
    expect((await world.plan(spec)).syncs.map(({ cost }) => cost)).toEqual([null, null, null]);
    wire.take();
  });

  const raw = { all: () => spec, take: () => wire.take(), world: () => world, warehouse: () => warehouse };
  marksAndCopies("analytics", raw, {
    table: /^CREATE TRANSIENT TABLE IF NOT EXISTS .*\) CLUSTER BY \("K"\) DATA_RETENTION_TIME_IN_DAYS = 1$/,
    copy: /^CREATE TRANSIENT TABLE .* CLONE [^ ]+$/,
  });
});

interface Open {
  all(): WarehouseSpec;
  take(): readonly Asked[];
  world(): World;
  warehouse(): Warehouse;
}

function marksAndCopies(
  top: string,
  { all, take, world, warehouse }: Open,
  written: { readonly table: RegExp; readonly copy: RegExp },
): void {
  const ledger = (table: string): string => warehouse().dialect.relation(top, "millrace", table);
  const snapshots = () =>
    world()
      .events()
      .filter(({ event }) => event === "ledger.snapshot")
      .map(({ level, fields }) => ({ level, ...fields }) as { level: string; table: string });

  test("every statement of a run is marked with it, and with the sync that it is for", async () => {
    await world().people([1, "Ada", "FR"], [2, "Bo", "DE"], [4, "Di", "DE"]);
    take();
    const ran = await world().sync(all());
    expect(ran.map(({ sync, status }) => [sync, status])).toEqual([
      ["all_to_hook", "ok"],
      ["french_to_hook", "ok"],
      ["french_too", "ok"],
    ]);
    const everything = take();
    const asked = everything.filter(({ marks }) => marks["run"] !== undefined);
    // Before a run begins it looks for one that died: what opens a session, and which tables there are.
    const before = /^(ALTER SESSION|CREATE SCHEMA|SELECT (LOWER\()?table_name\b)/;
    const unmarked = everything.filter(({ sql, marks }) => marks["run"] === undefined && !before.test(sql));
    expect(unmarked.map(({ sql }) => sql)).toEqual([]);
    const [run] = asked.map(({ marks }) => marks["run"]);
    expect(run).toMatch(/^2026-03-02t06-00-00-000z-[0-9a-f]{6}$/i);
    for (const { marks } of asked) expect(marks).toMatchObject({ tool: "millrace", project: "shop", run });
    const named = (sql: string): readonly string[] =>
      ran.flatMap(({ sync }) => (new RegExp(`(__|')${sync}(__|[^a-z0-9_])`, "i").test(sql) ? [sync] : []));
    // What the session clears away at its end is of no one sync.
    const own = asked.filter(({ sql }) => named(sql).length === 1 && !sql.startsWith("DROP TABLE IF EXISTS"));
    expect(own.length).toBeGreaterThan(25);
    expect(own.filter(({ sql, marks }) => marks["sync"] !== named(sql)[0]).map(({ sql }) => sql.slice(0, 300))).toEqual(
      [],
    );
    const made = asked.filter(({ sql }) => /^CREATE .*TABLE IF NOT EXISTS [^(]*sent__all_to_hook/i.test(sql));
    expect(made.map(({ sql }) => sql)).toEqual([expect.stringMatching(written.table)]);
    const audience = asked.filter(({ sql }) => sql.toLowerCase().includes("audience__french"));
    expect(new Set(audience.map(({ marks }) => marks["sync"]))).toContain("french_to_hook");
  });

  test("before the first removal the ledger is copied, once, and is no table of the ledger", async () => {
    world().events();
    await world().people([1, "Ada", "FR"], [3, "Cy", "DE"]);
    await world().sync(all());
    const [copy, ...more] = snapshots();
    expect([copy, more]).toEqual([
      {
        level: "info",
        sync: "all_to_hook",
        table: expect.stringMatching(/^snapshot__all_to_hook__20260303_[0-9a-f]{6}$/),
        days: 7,
      },
      [],
    ]);
    const cloned = take().filter(({ sql }) => sql.includes(" CLONE "));
    expect(cloned).toMatchObject([{ sql: expect.stringMatching(written.copy), marks: { sync: "all_to_hook" } }]);
    const kept = await warehouse().rows(`SELECT k, state FROM ${ledger(copy?.table ?? "")} ORDER BY k`);
    expect(kept).toEqual([
      { k: "1", state: "ok" },
      { k: "2", state: "ok" },
      { k: "4", state: "ok" },
    ]);
    await world().people([1, "Ada", "FR"]);
    const [all_to_hook] = await world().sync(all());
    expect([all_to_hook?.accepted, snapshots()]).toEqual([{ add: 0, update: 0, remove: 1 }, []]);

    // docs/ledger.md: what is missing, put back in doubt. Who is wanted is sent again, who is not is removed again.
    const sent = ledger("sent__all_to_hook");
    await warehouse().execute(`INSERT INTO ${sent}
SELECT k, NULL, NULL, NULL, m, ids, 'doubt', NULL, remote_id, NULL, NULL, run_id, sent_at
FROM ${ledger(copy?.table ?? "")}
WHERE state <> 'left' AND k NOT IN (SELECT k FROM ${sent})`);
    await world().people([1, "Ada", "FR"], [2, "Bo", "DE"]);
    const [back] = await world().sync(all(), "all_to_hook");
    expect(back?.accepted).toEqual({ add: 0, update: 1, remove: 1 });
    expect(await warehouse().rows(`SELECT k, state FROM ${sent} ORDER BY k`)).toEqual([
      { k: "1", state: "ok" },
      { k: "2", state: "ok" },
    ]);
  });

  test("a copy is dropped after a week, whoever does it", { timeout: 600_000 }, async () => {
    const copies = async (): Promise<readonly string[]> => {
      const tables = await warehouse().rows(wordsOf(warehouse().dialect).tables([top, "millrace"]));
      return tables.map(({ name }) => String(name)).filter((name) => name.startsWith("snapshot__"));
    };
    for (let day = 0; day < 4; day += 1) await world().sync(all(), "french_too");
    expect(await copies()).toEqual([expect.stringMatching(/^snapshot__all_to_hook__20260303_/)]);
    for (let day = 0; day < 3; day += 1) await world().sync(all(), "french_too");
    expect(await copies()).toEqual([]);
  });
}
