/** A project of tests whose models and ledger stand in one of ./places.ts. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { EngineOptions, SyncOptions } from "../../src/engine/api.ts";
import { runSyncs } from "../../src/engine/index.ts";
import { nodePorts } from "../../src/engine/node-ports.ts";
import { loadProject } from "../../src/project/load.ts";
import type { ColumnFamily } from "../../src/warehouse/warehouse.ts";
import { millrace, type Finished } from "../cli/millrace.ts";
import type { Fake } from "../fakes/server.ts";
import { startWebhookReceiver, type WebhookState } from "../fakes/webhook.ts";
import type { Started } from "./places.ts";

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
  /** Runs a command line in its folder, by this machine's clock. */
  millrace(words: readonly string[], input?: string): Promise<Finished>;
  close(): Promise<void>;
}

const settings = (warehouse: object): string => `version: 1
name: shop
timezone: Europe/Paris
environments: { dev: { warehouse: ${JSON.stringify(warehouse)}, reveal_pii: true } }
guards: { empty: allow, shrink: off, remove: off, growth: off }
`;

/** What connections read by `${env:…}`: commands that forget the variables cannot sign in. */
const env = { WAREHOUSE_PASSWORD: "invented" };

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
      const { project, diagnostics } = loaded;
      if (project === null) throw new Error(JSON.stringify(diagnostics, null, 2));
      return {
        project,
        ports: { ...ports, clock: { ...ports.clock, now: () => shop.now } },
        env,
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
    millrace: (words, input = "") => millrace(words, { cwd: root, env, input }),
    async close() {
      await receiver.close();
      await rm(root, { recursive: true, force: true });
    },
  };
  await shop.write("millrace.yml", settings({ ...started.spec, ...schemas }));
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
