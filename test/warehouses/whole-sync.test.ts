/** Whole syncs of a project whose models and ledger stand in BigQuery or Snowflake, on emulators: plan, send, settle, the next day. */
import { mkdtemp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SyncOptions } from "../../src/engine/api.ts";
import { planSyncs, readStatus, runSyncs } from "../../src/engine/index.ts";
import { nodePorts } from "../../src/engine/node-ports.ts";
import { loadProject } from "../../src/project/load.ts";
import type { Project, WarehouseSpec } from "../../src/project/project.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { startWebhookReceiver, type WebhookState } from "../fakes/webhook.ts";
import type { Fake } from "../fakes/server.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";

interface Started {
  readonly warehouse: Warehouse;
  readonly spec: WarehouseSpec;
  /** Catalog of the warehouse: project or database. */
  readonly top: string;
  /** Where its client is installed. */
  readonly packages: string;
  stop(): Promise<void>;
}

const files = (url: string): Readonly<Record<string, string>> => ({
  "millrace.yml": `version: 1
name: shop
timezone: Europe/Paris
environments: { dev: { warehouse: { type: duckdb, path: data.duckdb } } }
guards: { empty: allow, shrink: off, remove: off, growth: off }
`,
  "models/customers.sql": "select id, name, email, country, spent from {{ source('raw', 'people') }}\n",
  "models/models.yml": `sources:
  - { name: raw, tables: [{ name: people }] }
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
`,
  "destinations/hook.yml": `destination: hook
type: webhook
late: 0s
config: { url: "${url}/in", allow_private_network: true }
`,
});

type Person = readonly [id: number, name: string, email: string, country: string, spent: number];

function syncs(start: () => Promise<Started>): void {
  let started: Started;
  let receiver: Fake<WebhookState>;
  let root: string;
  let now = Date.parse("2026-03-01T06:00:00Z");
  let table: string;

  beforeAll(async () => {
    [started, receiver, root] = [
      await start(),
      await startWebhookReceiver(),
      await mkdtemp(path.join(tmpdir(), "millrace-whole-")),
    ];
    for (const [file, content] of Object.entries(files(receiver.url))) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), content);
    }
    await symlink(path.join(started.packages, "node_modules"), path.join(root, "node_modules"));
    const { dialect } = started.warehouse;
    await started.warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${dialect.relation(started.top, "raw")}`);
    table = dialect.relation(started.top, "raw", "people");
    const columns = { id: "integer", name: "text", email: "text", country: "text", spent: "integer" } as const;
    const list = Object.entries(columns).map(
      ([name, family]) => `${dialect.quote(name)} ${dialect.columnType(family)}`,
    );
    await started.warehouse.execute(`CREATE TABLE ${table} (${list.join(", ")})`);
  });
  afterAll(async () => {
    await receiver.close();
    await started.stop();
    await rm(root, { recursive: true, force: true });
  });

  const people = async (...rows: readonly Person[]): Promise<void> => {
    await started.warehouse.execute(`DELETE FROM ${table} WHERE TRUE`);
    await started.warehouse.append(table, [rows]);
  };
  const options = async () => {
    const loaded = await loadProject({ projectDir: root, now, loadCode: true });
    if (loaded.project === null) throw new Error(JSON.stringify(loaded.diagnostics, null, 2));
    const environment = { ...loaded.project.environment, warehouse: started.spec };
    const project: Project = { ...loaded.project, environment };
    const ports = nodePorts();
    return {
      project,
      ports: { ...ports, clock: { ...ports.clock, now: () => now } },
      env: {},
      selected: [...project.syncs.keys()],
      onEvent: () => undefined,
      version: "0.0.0-test",
      git: { sha: "4be1d20aa", branch: "main", dirty: false },
      actor: "ada",
      command: "millrace test",
    };
  };
  const sync = async (more: Partial<SyncOptions> = {}) => {
    now += 86_400_000;
    const first = { yes: true, interactive: false, overrides: [], waitMs: 0, skipTests: false, failFast: false };
    const { document } = await runSyncs({ ...(await options()), ...first, ...more });
    return document.syncs.map(({ sync: name, status, accepted, error }) => [
      name,
      status,
      accepted,
      error?.message ?? "",
    ]);
  };
  const counts = (add: number, update: number, remove: number) => ({ add, update, remove });

  test("a first run, a quiet one, a day of changes", { timeout: 600_000 }, async () => {
    await people(
      [1, "Ada", "ada@example.com", "FR", 250],
      [2, "Bo", "bo@example.com", "FR", 120],
      [3, "Cy", "cy@example.com", "DE", 900],
    );
    expect(await sync()).toEqual([
      ["all_to_hook", "ok", counts(3, 0, 0), ""],
      ["vip_to_hook", "ok", counts(2, 0, 0), ""],
    ]);
    const requests = receiver.requests.length;
    expect((await sync()).map(([, status]) => status)).toEqual(["unchanged", "unchanged"]);
    expect(receiver.requests.length).toBe(requests);
    await people(
      [1, "Ada", "ada@example.com", "FR", 90],
      [3, "Cy", "cy@example.com", "FR", 900],
      [4, "Di", "di@example.com", "FR", 500],
    );
    const { document } = await planSyncs({ ...(await options()), save: false, sampleRows: 2 });
    expect(document.syncs.map(({ sync: name, planned }) => [name, planned])).toEqual([
      ["all_to_hook", counts(1, 1, 1)],
      ["vip_to_hook", counts(2, 0, 2)],
    ]);
    expect(await sync()).toEqual([
      ["all_to_hook", "ok", counts(1, 1, 1), ""],
      ["vip_to_hook", "ok", counts(2, 0, 2), ""],
    ]);
    expect((await readStatus(await options())).syncs.map(({ sync: name, people: held }) => [name, held])).toEqual([
      ["all_to_hook", 3],
      ["vip_to_hook", 2],
    ]);
  });
}

where("bqemulator", [clients, programs.bqemulator], () =>
  syncs(async () => {
    const emulator = await startBigQuery("bqemulator");
    const { endpoint = "" } = emulator.options;
    const connection = { project: "test-project", endpoint };
    return {
      warehouse: await emulator.open(),
      spec: { type: "bigquery", connection, ledger_schema: "millrace", model_schema: "millrace_models" },
      top: "test-project",
      packages: clients,
      stop: () => emulator.stop(),
    };
  }),
);

where("fakesnow", [driver, python], () =>
  syncs(async () => {
    const emulator = await startFakesnow();
    const warehouse = await open(emulator.endpoint);
    const connection = { account: "test", user: "millrace", password: "invented", endpoint: emulator.endpoint };
    const schemas = { ledger_schema: "millrace", model_schema: "millrace_models" };
    return {
      warehouse,
      spec: { type: "snowflake", connection, database: "analytics", ...schemas },
      top: "analytics",
      packages: driver,
      async stop() {
        await warehouse.close();
        await emulator.stop();
      },
    };
  }),
);
