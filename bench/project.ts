/** A shop of any size in a temporary folder: source data, a project with one sync to a loopback endpoint, its ledger. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { nodePorts } from "../src/engine/node-ports.ts";
import { identitiesOf, idsFromJson } from "../src/engine/prepare.ts";
import { runSyncs } from "../src/engine/run.ts";
import type { SyncOptions } from "../src/engine/api.ts";
import { shapeOf } from "../src/engine/shape.ts";
import { fastPrint, keyExpression, stablePrint } from "../src/engine/wanted.ts";
import { openWorkspace, sourceOf, type Workspace } from "../src/engine/workspace.ts";
import type { SyncState } from "../src/ledger/state.ts";
import { sentTable } from "../src/ledger/tables.ts";
import { loadProject } from "../src/project/load.ts";
import type { Project, Resource, SyncSpec } from "../src/project/project.ts";
import { openDuckDB } from "../src/warehouse/duckdb.ts";

export interface Bench {
  readonly root: string;
  readonly project: Project;
  readonly sync: Resource<SyncSpec>;
  /** Options of an in-process run of the sync. */
  readonly options: SyncOptions;
  /** The environment opened for writing, tables of the run in a file `name`. */
  open(name: string): Promise<Workspace>;
  close(): Promise<void>;
}

/** `adds` builds lines in SQL, `object` renders every row in Node (mode `add` keeps it off the plain path). */
export type Path = "lines" | "object";

/** Rows `id` in [from, to); what a `changed` share of them says has moved. */
function people(from: number, to: number, changed: number): string {
  return `SELECT i AS id, 'person' || i || '@example.com' AS email,
  ['Anna','Bob','Chloé','Dmitri','Eve','José','Li','Marie'][1 + i % 8] AS first_name,
  ['FR','BE','DE','NL','ES'][1 + i % 5] AS country, CAST(i % 40 AS INTEGER) AS orders,
  CAST((i * 37 % 100000) / 100.0 AS DECIMAL(12,2)) + CASE WHEN (i * 7919) % 1000 < ${changed * 1000} THEN 1 ELSE 0 END AS spent,
  TIMESTAMP '2026-01-01' + INTERVAL 1 SECOND * (i % 20000000) AS last_order
FROM range(${from}, ${to}) t(i)`;
}

const files = (url: string, way: Path): Readonly<Record<string, string>> => ({
  "millrace.yml": `version: 1
name: bench
default_environment: bench
environments:
  bench:
    warehouse: { type: duckdb, path: data/shop.duckdb, memory_limit: 2GB, threads: 2 }
guards: { shrink: off, growth: off, remove: off }
`,
  "destinations/hook.yml": `destination: hook
type: webhook
config: { url: "${url}", format: ndjson, rows: 1000, allow_private_network: true }
`,
  "models/shop.yml": `sources:
  - { name: shop, schema: shop, tables: [{ name: people }] }
models:
  - { name: people, primary_key: id, identifiers: { email: email } }
syncs:
  - name: people_to_hook
    model: people
    destination: hook
    object: ${way === "object" ? "record" : "member"}
    mode: ${way === "object" ? "add" : "mirror"}
    mappings:
${["first_name", "country", "orders", "spent", "last_order"].map((name) => `      - { to: ${name}, from: ${name} }`).join("\n")}
`,
  "models/people.sql": "select * from {{ source('shop', 'people') }}\n",
});

/** Replaces the source by the rows in [from, to), a share of them changed. */
async function writeSource(root: string, from: number, to: number, changed: number): Promise<void> {
  const file = path.join(root, "data", "shop.duckdb");
  await rm(file, { force: true });
  const warehouse = await openDuckDB({
    path: file,
    threads: 2,
    memoryLimit: "2GB",
    tempDirectory: path.join(root, "spill"),
  });
  await warehouse.execute("CREATE SCHEMA shop.shop");
  await warehouse.execute(`CREATE TABLE shop.shop.people AS ${people(from, to, changed)}`);
  await warehouse.close();
}

/** A project whose first run is still to come: `rows` people, nothing sent. */
export async function freshProject(rows: number, url: string, way: Path): Promise<Bench> {
  const root = await mkdtemp(path.join(os.tmpdir(), "millrace-bench-"));
  for (const [name, text] of Object.entries(files(url, way))) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
  await mkdir(path.join(root, "data"), { recursive: true });
  await writeSource(root, 0, rows, 0);
  return openBench(root);
}

async function openBench(root: string): Promise<Bench> {
  const { project, diagnostics } = await loadProject({ projectDir: root, now: Date.now() });
  const sync = project?.syncs.get("people_to_hook");
  if (!project || !sync) throw new Error(JSON.stringify(diagnostics));
  const ports = nodePorts();
  const base = { project, ports, env: process.env, version: "bench" };
  return {
    root,
    project,
    sync,
    options: {
      ...base,
      selected: [sync.name],
      onEvent: () => undefined,
      git: null,
      actor: "bench",
      command: "bench",
      yes: true,
      interactive: false,
      overrides: [],
      waitMs: 0,
      skipTests: false,
      failFast: false,
    },
    async open(name) {
      const runFile = path.join(root, ".millrace", `${name}.duckdb`);
      for (const old of [runFile, `${runFile}.wal`]) await rm(old, { force: true });
      return openWorkspace({ ...base, onEvent: () => undefined, write: true, runFile });
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/**
 * A project whose ledger holds `rows` people and whose source differs from it by `share`: half changed, a quarter new, a
 * quarter gone.
 * A real first run of a hundred rows makes the ledger; the other rows are then written into it by the engine's own prints.
 */
export async function deltaProject(rows: number, url: string, share = 0.02): Promise<Bench> {
  const few = Math.min(100, rows);
  const first = await freshProject(few, url, "lines");
  const { document } = await runSyncs(first.options);
  if (document.status !== "ok") throw new Error(`the first run ended ${document.status}`);
  await writeSource(first.root, few, rows, 0);
  await fillLedger(await openBench(first.root));
  const moved = Math.floor((rows * share) / 4);
  await writeSource(first.root, moved, rows + moved, share / 2);
  return openBench(first.root);
}

async function fillLedger(bench: Bench): Promise<void> {
  const workspace = await bench.open("fill");
  const { warehouse, ledger } = workspace;
  const { dialect } = warehouse;
  const { query, columns } = sourceOf(workspace, bench.sync);
  const shape = shapeOf(bench.project, bench.sync, columns);
  const state = stateOf(workspace, bench);
  const [known] = await warehouse.rows(`SELECT h_tag, m FROM ${sentTable(ledger, state.id)} LIMIT 1`);
  const [identity] = identitiesOf(shape);
  const quote = (name: string): string => dialect.quote(name);
  const k = keyExpression(dialect, shape, quote);
  const ids = idsFromJson(
    `'[{"kind":"${identity?.kind}","value":' || CAST(to_json(${k}) AS VARCHAR) || ',"version":${identity?.version}}]'`,
  );
  await warehouse.execute(`INSERT INTO ${sentTable(ledger, state.id)}
SELECT ${k}, ${stablePrint(dialect, shape, quote)}, ${fastPrint(dialect, shape, quote)}, ${known?.["h_tag"]}, ${known?.["m"]}, ${ids}, 'ok',
  NULL, NULL, NULL, NULL, 'bench', 0 FROM (${query})`);
  await workspace.close();
}

/** The sync's row of the ledger, as it was when the workspace was opened. */
export function stateOf(workspace: Workspace, { sync }: Bench): SyncState {
  const state = workspace.states.get(sync.name);
  if (state === undefined) throw new Error("the ledger does not know the sync yet");
  return state;
}

export interface Receiver {
  readonly url: string;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const script = fileURLToPath(new URL("receiver.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", import.meta.resolve("./typescript.mjs"), script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const port = await new Promise<string>((resolve) =>
    child.stdout.once("data", (data: Buffer) => resolve(data.toString().trim())),
  );
  return {
    url: `http://127.0.0.1:${port}/bench`,
    close: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.stdin.end();
      }),
  };
}
