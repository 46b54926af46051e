/**
 * Delivering to an HTTP endpoint in batches of a thousand: lines built in SQL and rows rendered in Node, each against
 * reading the same rows of the plan by DuckDB's fastest chunk API; and the heap of Node meanwhile.
 *
 * Reading means what a delivery needs of a row: its place, key, fields and identifier. The source's own table, which has
 * numbers where a plan has JSON, is read sooner; the notes say how the figures stand against that.
 */
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { Accounts } from "../src/engine/account.ts";
import { Delivery } from "../src/engine/delivery.ts";
import { freezePlan } from "../src/engine/frozen.ts";
import { mappingDefinition } from "../src/engine/mapping-versions.ts";
import { planSync } from "../src/engine/plan-sync.ts";
import { planTable } from "../src/engine/diff.ts";
import { isPlain } from "../src/engine/plain.ts";
import type { PlanSource } from "../src/engine/rows.ts";
import { openRunStore } from "../src/engine/run-store.ts";
import type { RunContext } from "../src/engine/run-syncs.ts";
import { atLeast, atMost, bench, medianOf, perSecond, timed, type Figure, type Took } from "./figure.ts";
import { freshProject, startReceiver, type Bench, type Path } from "./project.ts";

/** Reads a query as columns of chunks, none of which is converted, and looks at every value once. */
async function readPlan({ warehouse, target, id }: PlanSource): Promise<Took> {
  let seen = 0;
  const took = await timed(async () => {
    const query = `SELECT CAST(n AS DOUBLE), "key", fields, raw_0 FROM ${planTable(target, id)}`;
    for await (const { columns } of warehouse.read(query)) {
      for (const values of columns) for (const value of values) seen += value === null ? 0 : 1;
    }
  });
  if (seen === 0) throw new Error("nothing was read");
  return took;
}

/** The same of the source's table. */
async function readSource(made: Bench): Promise<Took> {
  const instance = await DuckDBInstance.create(path.join(made.root, "data", "shop.duckdb"), {
    access_mode: "READ_ONLY",
    threads: "2",
    memory_limit: "2GB",
  });
  const connection = await instance.connect();
  let seen = 0;
  const took = await timed(async () => {
    const result = await connection.stream("SELECT * FROM shop.shop.people");
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      for (const values of chunk.getColumns()) for (const value of values) seen += value === null ? 0 : 1;
    }
  });
  connection.disconnectSync();
  instance.closeSync();
  if (seen === 0) throw new Error("nothing was read");
  return took;
}

interface Sent extends Took {
  /** Reading the rows of its plan. */
  readonly read: Took;
  /** Bytes of heap above what there was before, at most. */
  readonly heap: number;
}

/** Plans everybody as new and sends them; planning is not timed. */
async function sendAll(made: Bench, way: Path, rows: number): Promise<Sent> {
  const workspace = await made.open("deliver");
  const plan = await planSync(workspace, made.sync, {
    write: true,
    fence: 1,
    full: false,
    relation: null,
    now: Date.now(),
    retry: false,
  });
  if ((await isPlain(plan.source)) !== (way === "lines")) throw new Error(`the plan does not go out as ${way}`);
  const accounts = new Accounts(made.options);
  const run: RunContext = {
    options: made.options,
    accounts,
    runId: "bench",
    fence: 1,
    lock: null,
    store: await openRunStore(made.options, "bench"),
    signal: new AbortController().signal,
    durable: true,
    force: new AbortController().signal,
    startedAt: Date.now(),
  };
  const frozen = freezePlan(plan, "0".repeat(16), {
    project: workspace.project,
    retry: false,
    asOf: workspace.asOf.text,
    deliveredAt: Date.now(),
    definition: mappingDefinition(plan.shape),
  });
  const delivery = await Delivery.open(run, workspace, plan, { sends: true });
  const read = await readPlan(plan.source);
  const heap = watchHeap();
  const took = await timed(() => delivery.send(plan.source, plan.source.warehouse, plan.source.target, frozen));
  const above = heap.stop();
  await accounts.close();
  await workspace.close();
  if (delivery.tally.accepted !== rows) throw new Error(`${delivery.tally.accepted} of ${rows} rows were accepted`);
  return { ...took, read, heap: above };
}

/** Looks at the heap four times a second; what waits to be swept counts too, so this is an upper bound. */
function watchHeap(): { stop(): number } {
  const collect = globalThis.gc ?? (() => undefined);
  collect();
  const idle = process.memoryUsage().heapUsed;
  let most = idle;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().heapUsed)), 250);
  return {
    stop() {
      clearInterval(timer);
      collect();
      return Math.max(most, process.memoryUsage().heapUsed) - idle;
    },
  };
}

await bench(async (size) => {
  const rows = size.quick ? 20_000 : size.full ? 10_000_000 : 1_000_000;
  const receiver = await startReceiver();
  const took = { source: [] as Took[], lines: [] as Sent[], object: [] as Sent[] };
  const count = size.full ? 1 : size.rounds;
  const projects = {
    lines: await freshProject(rows, receiver.url, "lines"),
    object: await freshProject(rows, receiver.url, "object"),
  };
  for (let round = 0; round < count; round += 1) {
    took.source.push(await readSource(projects.lines));
    for (const way of ["lines", "object"] as const) took[way].push(await sendAll(projects[way], way, rows));
  }
  await Promise.all(Object.values(projects).map((project) => project.close()));
  await receiver.close();
  const [source, lines, object] = [medianOf(took.source), medianOf(took.lines), medianOf(took.object)];
  const read = medianOf([...took.lines, ...took.object].map((one) => one.read));
  const against = `reading the plan's rows ${perSecond(rows, read)}`;
  const note = (one: Took): string =>
    `${(source.wall / one.wall).toFixed(2)} x reading the source's table, ${perSecond(rows, source)}`;
  const said = (one: Took): string =>
    `${perSecond(rows, one)} (${((one.cpu / rows) * 1e6).toFixed(1)} µs of CPU a row)`;
  const heap = Math.max(...[...took.lines, ...took.object].map((one) => one.heap)) / 2 ** 20;
  return [
    {
      name: "deliver over HTTP, batches of 1,000, JSON built in SQL",
      measured: said(lines),
      against,
      ratio: read.wall / lines.wall,
      floors: [atLeast(0.6)],
      note: note(lines),
    },
    {
      name: "deliver over HTTP, batches of 1,000, rows mapped in Node",
      measured: said(object),
      against,
      ratio: read.wall / object.wall,
      floors: [atLeast(0.3)],
      note: note(object),
    },
    {
      name: "NDJSON pass-through",
      measured: said(lines),
      against: `rows mapped in Node ${said(object)}`,
      ratio: object.wall / lines.wall,
      floors: [atLeast(2)],
    },
    {
      name: `heap while delivering ${rows.toLocaleString("en-US")} rows`,
      measured: `${heap.toFixed(0)} MB above idle`,
      against: "",
      ratio: heap,
      floors: [atMost(300)],
    },
  ] satisfies readonly Figure[];
});
