/** A project with one audience for two destinations and one model, over a table of people in a warehouse; days go by between its runs. */
import { mkdtemp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { PlanDocument, RunEvent, SyncedSync } from "../../src/core.ts";
import { planSyncs, runSyncs } from "../../src/engine/index.ts";
import { nodePorts } from "../../src/engine/node-ports.ts";
import { loadProject } from "../../src/project/load.ts";
import type { WarehouseSpec } from "../../src/project/project.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import type { Fake } from "../fakes/server.ts";
import { startWebhookReceiver, type WebhookState } from "../fakes/webhook.ts";

export type Person = readonly [id: number, name: string, country: string];

export interface World {
  readonly receiver: Fake<WebhookState>;
  /** Puts these people in the place of those there are. */
  people(...rows: readonly Person[]): Promise<void>;
  plan(spec: WarehouseSpec): Promise<PlanDocument>;
  /** A run on the next day, of some syncs or all. */
  sync(spec: WarehouseSpec, ...names: readonly string[]): Promise<readonly SyncedSync[]>;
  /** Events since they were last asked for. */
  events(): readonly RunEvent[];
  close(): Promise<void>;
}

const files = (url: string): Readonly<Record<string, string>> => ({
  "millrace.yml": `version: 1
name: shop
environments: { dev: { warehouse: { type: duckdb, path: data.duckdb } } }
guards: { empty: allow, shrink: off, remove: off, growth: off }
`,
  "models/customers.sql": "select id, name, country from {{ source('raw', 'people') }}\n",
  "models/models.yml": `sources:
  - { name: raw, tables: [{ name: people }] }
models:
  - { name: customers, primary_key: id }
audiences:
  - { name: french, model: customers, where: { field: country, is: FR } }
syncs:
  - { name: all_to_hook, model: customers, destination: hook, object: member, mode: mirror, mappings: [{ to: name, from: name }] }
  - { name: french_to_hook, audience: french, destination: hook, object: member, mode: mirror, mappings: [{ to: name, from: name }] }
  - { name: french_too, audience: french, destination: hook, object: member, mode: mirror }
`,
  "destinations/hook.yml": `destination: hook
type: webhook
late: 0s
config: { url: "${url}/in", allow_private_network: true }
`,
});

/** `top`: the catalog of the warehouse; `packages`: where its client is installed. */
export async function openWorld(warehouse: Warehouse, top: string, packages: string): Promise<World> {
  const receiver = await startWebhookReceiver();
  const root = await mkdtemp(path.join(tmpdir(), "millrace-world-"));
  for (const [file, content] of Object.entries(files(receiver.url))) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), content);
  }
  await symlink(path.join(packages, "node_modules"), path.join(root, "node_modules"));
  const { quote, columnType, relation } = warehouse.dialect;
  await warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${relation(top, "raw")}`);
  const table = relation(top, "raw", "people");
  const columns = { id: "integer", name: "text", country: "text" } as const;
  const list = Object.entries(columns).map(([name, family]) => `${quote(name)} ${columnType(family)}`);
  await warehouse.execute(`CREATE TABLE ${table} (${list.join(", ")})`);

  let now = Date.parse("2026-03-01T06:00:00Z");
  const told: RunEvent[] = [];
  const options = async (spec: WarehouseSpec, names: readonly string[] = []) => {
    const loaded = await loadProject({ projectDir: root, now, loadCode: true });
    if (loaded.project === null) throw new Error(JSON.stringify(loaded.diagnostics, null, 2));
    const project = { ...loaded.project, environment: { ...loaded.project.environment, warehouse: spec } };
    const ports = nodePorts();
    return {
      project,
      ports: { ...ports, clock: { ...ports.clock, now: () => now } },
      env: {},
      selected: names.length === 0 ? [...project.syncs.keys()] : names,
      onEvent: (event: RunEvent) => void told.push(event),
      version: "0.0.0-test",
      git: null,
      actor: "ada",
      command: "millrace test",
    };
  };
  return {
    receiver,
    async people(...rows) {
      await warehouse.execute(`DELETE FROM ${table} WHERE TRUE`);
      await warehouse.append(table, [rows]);
    },
    async plan(spec) {
      const { document } = await planSyncs({ ...(await options(spec)), save: false, sampleRows: 0 });
      return document;
    },
    async sync(spec, ...names) {
      now += 86_400_000;
      const first = { yes: true, interactive: false, overrides: [], waitMs: 0, skipTests: false, failFast: false };
      const { document } = await runSyncs({ ...(await options(spec, names)), ...first });
      return document.syncs;
    },
    events: () => told.splice(0),
    async close() {
      await receiver.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
