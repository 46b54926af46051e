/** A whole project in a temporary folder, with a clock that tests set: seeds, a model, an audience, syncs to a receiver. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { EngineOptions, RunResult, SyncOptions } from "../../src/engine/api.ts";
import { runSyncs } from "../../src/engine/index.ts";
import { nodePorts } from "../../src/engine/node-ports.ts";
import { loadProject } from "../../src/project/load.ts";
import { startWebhookReceiver, type WebhookState } from "../fakes/webhook.ts";
import { countingRandom } from "./virtual-clock.ts";
import type { Fake } from "../fakes/server.ts";

export const minute = 60_000;
export const day = 86_400_000;
export const git = { sha: "4be1d20aa", branch: "main", dirty: false };

export interface Shop {
  readonly root: string;
  /** Milliseconds; the project's clock. */
  now: number;
  readonly receiver: Fake<WebhookState>;
  write(file: string, content: string): Promise<void>;
  /** `id,name,email,country,spent` lines of the seed. */
  people(...lines: readonly string[]): Promise<void>;
  options(): Promise<EngineOptions>;
  sync(more?: Partial<SyncOptions>): Promise<RunResult>;
  close(): Promise<void>;
}

const settings = `version: 1
name: shop
default_environment: dev
timezone: UTC
environments:
  dev: { warehouse: { type: duckdb, path: data/shop.duckdb, seeds: seeds } }
guards: { empty: allow, shrink: off, remove: off, growth: off }
`;

const models = `models:
  - name: customers
    primary_key: id
    identifiers: { email: email }
audiences:
  - name: vip
    model: customers
    where:
      all:
        - { field: country, is: FR }
        - { field: spent, gte: 100 }
    exclude: [staff]
  - name: staff
    model: customers
    sql: staff.sql
syncs:
  - name: vip_to_hook
    audience: vip
    destination: hook
    object: member
    mode: mirror
    schedule: { cron: "0 6 * * *" }
    mappings: [{ to: name, from: name }]
`;

const hook = (url: string): string => `destination: hook
type: webhook
late: 0s
retry: { attempts: 1 }
config: { url: "${url}/in", allow_private_network: true }
`;

/** Starts on 2026-03-01 at 06:00 UTC with Ada (1), Bo (2) and Cy (3), all of them in `vip`. */
export async function startShop(): Promise<Shop> {
  const root = await mkdtemp(join(tmpdir(), "millrace-shop-"));
  const receiver = await startWebhookReceiver();
  const ports = nodePorts();
  const random = countingRandom(ports.random);
  const shop: Shop = {
    root,
    receiver,
    now: Date.parse("2026-03-01T06:00:00Z"),
    async write(file, content) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), content);
    },
    people: (...lines) => shop.write("seeds/people.csv", `id,name,email,country,spent\n${lines.join("\n")}\n`),
    async options() {
      const loaded = await loadProject({ projectDir: root, now: shop.now, loadCode: true });
      if (loaded.project === null) throw new Error(JSON.stringify(loaded.diagnostics, null, 2));
      return {
        project: loaded.project,
        ports: { ...ports, random, clock: { ...ports.clock, now: () => shop.now } },
        env: {},
        selected: [...loaded.project.syncs.keys()],
        onEvent: () => undefined,
        version: "0.0.0-test",
        git,
        actor: "ada",
        command: "millrace test",
      };
    },
    async sync(more = {}) {
      const first = { yes: true, interactive: false, overrides: [], waitMs: 0, skipTests: true, failFast: false };
      return runSyncs({ ...(await shop.options()), ...first, ...more });
    },
    async close() {
      await receiver.close();
      await rm(root, { recursive: true, force: true });
    },
  };
  await shop.write("millrace.yml", settings);
  await shop.write("models/customers.sql", "select * from {{ ref('people') }}\n");
  await shop.write("models/models.yml", models);
  await shop.write(
    "models/staff.sql",
    "with known as (select id from {{ ref('customers') }} where name like 'Staff%') select id from known\n",
  );
  await shop.write("destinations/hook.yml", hook(receiver.url));
  await shop.people(
    "1,Ada,Ada@Example.com ,FR,250",
    "2,Bo,bo@example.com,FR,120",
    "3,Cy,cy@example.com,FR,400",
    "4,Di,di@example.com,DE,900",
    "5,Staff Ed,ed@example.com,FR,900",
  );
  return shop;
}
