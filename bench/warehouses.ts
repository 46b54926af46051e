/**
 * A plan's rows read out of BigQuery and Snowflake through their clients, on emulators: rows a second, memory, and how much of the
 * time the client had nothing to do because the emulator had not answered. `MILLRACE_BENCH_ROWS` sets the size, 1 M by default.
 * An emulator says nothing of how fast the live service answers; the client's own share it does show.
 */
import { existsSync } from "node:fs";
import type { Warehouse } from "../src/warehouse/warehouse.ts";
import { clients, programs, startBigQuery } from "../test/warehouses/emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "../test/warehouses/emulators/fakesnow.ts";
import { amount, atLeast, atMost, bench, perSecond, say, seconds, timed, type Figure } from "./figure.ts";

/** Where a process started without `--expose-gc`, heaps are compared as they are. */
const collect = (): void => globalThis.gc?.();
const mb = (bytes: number): number => bytes / 1024 ** 2;

/** What of memory a read takes: the highest it came to, and what was live at a quarter of the rows and at their end. */
interface Memory {
  heap: number;
  rss: number;
  quarter: number;
  end: number;
}

async function readAll(warehouse: Warehouse, table: string, rows: number): Promise<Memory> {
  const memory: Memory = { heap: 0, rss: 0, quarter: 0, end: 0 };
  let read = 0;
  for await (const batch of warehouse.read(`SELECT * FROM ${table}`)) {
    read += batch.rows;
    const { heapUsed, rss } = process.memoryUsage();
    memory.heap = Math.max(memory.heap, heapUsed);
    memory.rss = Math.max(memory.rss, rss);
    if (memory.quarter === 0 && read >= rows / 4) memory.quarter = live();
  }
  memory.end = live();
  if (read !== rows) throw new Error(`${read} of ${rows} rows were read`);
  return memory;
}

function live(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

async function figuresOf(name: string, warehouse: Warehouse, table: string, rows: number): Promise<readonly Figure[]> {
  say(`${name}: ${amount(rows)} rows`);
  let memory: Memory | null = null;
  const took = await timed(async () => {
    memory = await readAll(warehouse, table, rows);
  });
  const { heap, rss, quarter, end } = memory as unknown as Memory;
  const waited = Math.max(0, 1 - took.cpu / took.wall);
  return [
    {
      name: `read ${amount(rows)} rows of a plan, ${name}`,
      measured: `${perSecond(rows, took)}, ${seconds(took)}`,
      against: "",
      ratio: rows / took.wall,
      floors: [atLeast(30_000)],
      note: `${(waited * 100).toFixed(0)} % of the time the emulator was waited for; the client alone: ${amount(rows / took.cpu)} rows per CPU second`,
    },
    {
      name: `its live heap at the end, against a quarter of the way, ${name}`,
      measured: `${mb(end).toFixed(0)} MB, at most ${mb(heap).toFixed(0)} MB, RSS ${mb(rss).toFixed(0)} MB`,
      against: `${mb(quarter).toFixed(0)} MB`,
      ratio: end / quarter,
      floors: [atMost(1.25)],
    },
  ];
}

/** Columns of a plan as the engine reads them, in words that both take. */
const columns = (n: string, text: (of: string) => string, hash: (of: string) => string): string => `
  ${n} + 1000000000000 AS seq, ${n} AS n, 1 AS op, ${text(n)} AS k, ${text(n)} AS key_json, ${hash(n)} AS h,
  CONCAT('{"name":"name ', ${text(n)}, '","city":"Lyon","spent":12.5}') AS fields, CONCAT('p', ${text(n)}, '@example.com') AS raw_0,
  'FR' AS country_0, FALSE AS known`;

async function onBigQuery(rows: number): Promise<readonly Figure[]> {
  const emulator = await startBigQuery("bqemulator");
  try {
    const pages = await emulator.open({ storageApi: false });
    const table = emulator.table("plan");
    const list = columns(
      "n",
      (of) => `CAST(${of} AS STRING)`,
      (of) => `FARM_FINGERPRINT(CAST(${of} AS STRING))`,
    );
    await pages.execute(`CREATE TABLE ${table} AS SELECT ${list} FROM UNNEST(GENERATE_ARRAY(1, ${rows})) AS n`);
    const storage = await emulator.open({ storageApi: true });
    return [
      ...(await figuresOf("BigQuery, Storage Read API", storage, table, rows)),
      ...(await figuresOf("BigQuery, pages of JSON", pages, table, rows)),
    ];
  } finally {
    await emulator.stop();
  }
}

async function onSnowflake(rows: number): Promise<readonly Figure[]> {
  const emulator = await startFakesnow();
  try {
    const warehouse = await open(emulator.endpoint);
    const table = warehouse.dialect.relation("analytics", "bench", "plan");
    await warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${warehouse.dialect.relation("analytics", "bench")}`);
    const list = columns(
      "n",
      (of) => `CAST(${of} AS VARCHAR)`,
      (of) => `${of} * 2654435761`,
    );
    await warehouse.execute(
      `CREATE TABLE ${table} AS SELECT ${list} FROM (SELECT ROW_NUMBER() OVER (ORDER BY 1) AS n FROM TABLE(GENERATOR(ROWCOUNT => ${rows})))`,
    );
    const figures = await figuresOf("Snowflake, stream", warehouse, table, rows);
    await warehouse.close();
    return figures;
  } finally {
    await emulator.stop();
  }
}

await bench(async ({ quick }) => {
  const rows = Number(process.env["MILLRACE_BENCH_ROWS"] ?? (quick ? 20_000 : 1_000_000));
  const works = [
    { needs: [clients, programs.bqemulator], work: onBigQuery },
    { needs: [driver, python], work: onSnowflake },
  ];
  const figures: Figure[] = [];
  for (const { needs, work } of works) {
    if (needs.every((one) => existsSync(one))) figures.push(...(await work(rows)));
    else say("an emulator is not here: scripts/install-emulators.sh installs it");
  }
  return figures;
});
