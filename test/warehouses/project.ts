/** A project whose models and ledger stand in a warehouse of tests: DuckDB here, BigQuery and Snowflake on emulators. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { EngineOptions, SyncOptions } from "../../src/engine/api.ts";
import { runSyncs } from "../../src/engine/index.ts";
import { nodePorts } from "../../src/engine/node-ports.ts";
import { loadProject } from "../../src/project/load.ts";
import type { Project, WarehouseSpec } from "../../src/project/project.ts";
import { openDuckDB } from "../../src/warehouse/duckdb.ts";
import type { ColumnFamily, Warehouse } from "../../src/warehouse/warehouse.ts";
import type { Fake } from "../fakes/server.ts";
import { startWebhookReceiver, type WebhookState } from "../fakes/webhook.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";

/** A warehouse that runs, and where its data stands. */
export interface Started {
  /** As an environment describes it; null for DuckDB, which millrace.yml names. */
  readonly spec: WarehouseSpec | null;
  /** Catalog of the warehouse: project, database or file. */
  readonly top: string;
  /** Where its client is installed; null where none is needed. */
  readonly packages: string | null;
  /** Lends the warehouse to write the data of the project in that folder. */
  lend<T>(root: string, use: (warehouse: Warehouse) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** Where projects of tests stand: what it is called, what must be installed, how it starts. */
export interface Place {
  readonly name: string;
  readonly needs: readonly string[];
  start(): Promise<Started>;
}

export const duckdb: Place = {
  name: "DuckDB",
  needs: [],
  start: async () => ({
    spec: null,
    top: "data",
    packages: null,
    async lend(root, use) {
      const warehouse = await openDuckDB({ path: path.join(root, "data.duckdb") });
      try {
        return await use(warehouse);
      } finally {
        await warehouse.close();
      }
    },
    stop: async () => undefined,
  }),
};

export const bqemulator: Place = {
  name: "bqemulator",
  needs: [clients, programs.bqemulator],
  async start() {
    const emulator = await startBigQuery("bqemulator");
    const warehouse = await emulator.open();
    const { endpoint = "" } = emulator.options;
    const connection = { project: "test-project", endpoint };
    return {
      spec: { type: "bigquery", connection, ledger_schema: "millrace", model_schema: "millrace_models" },
      top: "test-project",
      packages: clients,
      lend: (_, use) => use(warehouse),
      stop: () => emulator.stop(),
    };
  },
};

export const fakesnow: Place = {
  name: "fakesnow",
  needs: [driver, python],
  async start() {
    const emulator = await startFakesnow();
    const warehouse = await open(emulator.endpoint);
    const connection = { account: "test", user: "millrace", password: "invented", endpoint: emulator.endpoint };
    const schemas = { ledger_schema: "millrace", model_schema: "millrace_models" };
    return {
      spec: { type: "snowflake", connection, database: "analytics", ...schemas },
      top: "analytics",
      packages: driver,
      lend: (_, use) => use(warehouse),
      async stop() {
        await warehouse.close();
        await emulator.stop();
      },
    };
  },
};

export type Person = readonly [id: number, name: string, email: string, country: string, spent: number];

export interface Shop {
  readonly root: string;
  readonly receiver: Fake<WebhookState>;
  /** Milliseconds; the project's clock. */
  now: number;
  write(file: string, content: string): Promise<void>;
  /** Puts a text in the place of another in one of its files. */
  edit(file: string, from: string | RegExp, to: string): Promise<void>;
  /** Makes a table of source `raw` anew. */
  table(
    name: string,
    columns: Readonly<Record<string, ColumnFamily>>,
    rows: readonly (readonly unknown[])[],
  ): Promise<void>;
  /** All people that `raw.people` has from now on. */
  people(...rows: readonly Person[]): Promise<void>;
  options(): Promise<EngineOptions>;
  /** Milliseconds from one run to the next. */
  step: number;
  /** Runs all syncs, a step later. */
  sync(more?: Partial<SyncOptions>): ReturnType<typeof runSyncs>;
  close(): Promise<void>;
}

const settings = `version: 1
name: shop
timezone: Europe/Paris
environments: { dev: { warehouse: { type: duckdb, path: data.duckdb } } }
guards: { empty: allow, shrink: off, remove: off, growth: off }
`;

const models = (raw: string): string => `sources:
  - { name: raw, schema: ${raw}, tables: [{ name: people }] }
models:
  - name: customers
    primary_key: id
    identifiers: { email: email }
    columns: [{ name: email, data_tests: [not_null] }]
audiences:
  - name: vip
    model: customers
    where: { all: [{ field: country, is: FR }, { field: spent, gte: 100 }] }
syncs:
  - { name: vip_to_hook, audience: vip, destination: hook, object: member, mode: mirror, mappings: [{ to: name, from: name }] }
  - { name: all_to_hook, model: customers, destination: hook, object: record, mode: mirror, on_leave: delete, mappings: [{ to: spent, from: spent }] }
`;

const hook = (url: string): string => `destination: hook
type: webhook
late: 0s
config: { url: "${url}/in", allow_private_network: true }
`;

export const day = 86_400_000;

/**
 * A project of a model, an audience and two syncs to a receiver, in that warehouse; `raw.people` is empty. Each `name` has schemas
 * of its own, so that several projects stand side by side.
 */
export async function startShop(started: Started, name = "shop"): Promise<Shop> {
  const raw = `raw_${name}`;
  const schemas = { ledger_schema: `millrace_${name}`, model_schema: `millrace_models_${name}` };
  const [receiver, root] = [
    await startWebhookReceiver(),
    await mkdtemp(path.join(tmpdir(), "millrace-warehouse-")),
  ] as const;
  const ports = nodePorts();
  const shop: Shop = {
    root,
    receiver,
    now: Date.parse("2026-03-01T06:00:00Z"),
    step: day,
    async write(file, content) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), content);
    },
    edit: async (file, from, to) =>
      shop.write(file, (await readFile(path.join(root, file), "utf8")).replaceAll(from, to)),
    table: (table, columns, rows) =>
      started.lend(root, async (warehouse) => {
        const { dialect } = warehouse;
        await warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${dialect.relation(started.top, raw)}`);
        const relation = dialect.relation(started.top, raw, table);
        const list = Object.entries(columns).map(
          ([column, family]) => `${dialect.quote(column)} ${dialect.columnType(family)}`,
        );
        await warehouse.execute(`CREATE OR REPLACE TABLE ${relation} (${list.join(", ")})`);
        if (rows.length > 0) await warehouse.append(relation, [rows]);
      }),
    people: (...rows) =>
      shop.table("people", { id: "integer", name: "text", email: "text", country: "text", spent: "integer" }, rows),
    async options() {
      const loaded = await loadProject({ projectDir: root, now: shop.now, loadCode: true });
      if (loaded.project === null) throw new Error(JSON.stringify(loaded.diagnostics, null, 2));
      const environment = {
        ...loaded.project.environment,
        ...(started.spec === null ? {} : { warehouse: { ...started.spec, ...schemas } }),
      };
      const project: Project = { ...loaded.project, environment };
      return {
        project,
        ports: { ...ports, clock: { ...ports.clock, now: () => shop.now } },
        env: {},
        selected: [...project.syncs.keys()],
        onEvent: () => undefined,
        version: "0.0.0-test",
        git: { sha: "4be1d20aa", branch: "main", dirty: false },
        actor: "ada",
        command: "millrace test",
      };
    },
    async sync(more = {}) {
      shop.now += shop.step;
      const first = { yes: true, interactive: false, overrides: [], waitMs: 0, skipTests: false, failFast: false };
      return runSyncs({ ...(await shop.options()), ...first, ...more });
    },
    async close() {
      await receiver.close();
      await rm(root, { recursive: true, force: true });
    },
  };
  await shop.write("millrace.yml", settings);
  await shop.write(
    "models/customers.sql",
    "select id, name, email, country, spent from {{ source('raw', 'people') }}\n",
  );
  await shop.write("models/models.yml", models(raw));
  await shop.write("destinations/hook.yml", hook(receiver.url));
  if (started.packages !== null)
    await symlink(path.join(started.packages, "node_modules"), path.join(root, "node_modules"));
  await shop.people();
  return shop;
}
