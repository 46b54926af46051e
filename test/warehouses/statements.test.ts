/** How many statements one sync costs a warehouse, and how many bytes leave it: counted between the client and an emulator. */
import { mkdtemp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runSyncs } from "../../src/engine/index.ts";
import { nodePorts } from "../../src/engine/node-ports.ts";
import { loadProject } from "../../src/project/load.ts";
import type { Project, WarehouseSpec } from "../../src/project/project.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import type { Fake } from "../fakes/server.ts";
import { startWebhookReceiver, type WebhookState } from "../fakes/webhook.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";
import { record, type Asked, type Recorder } from "./emulators/recorder.ts";

interface Started {
  /** Beside the recorder. */
  readonly warehouse: Warehouse;
  readonly recorder: Recorder;
  readonly spec: WarehouseSpec;
  /** Catalog of the warehouse: project or database. */
  readonly top: string;
  /** Where its client is installed. */
  readonly packages: string;
  /** Makes `people` with ids from 1, of which the first `changed` have another name. */
  fill(table: string, rows: number, changed: number): string;
  stop(): Promise<void>;
}

const files = (url: string): Readonly<Record<string, string>> => ({
  "millrace.yml": `version: 1
name: shop
environments: { dev: { warehouse: { type: duckdb, path: data.duckdb } } }
guards: { empty: allow, shrink: off, remove: off, growth: off }
`,
  "models/customers.sql": "select id, name, email, country from {{ source('raw', 'people') }}\n",
  "models/models.yml": `sources:
  - { name: raw, tables: [{ name: people }] }
models:
  - { name: customers, primary_key: id, identifiers: { email: email } }
audiences:
  - { name: french, model: customers, where: { all: [{ field: country, is: FR }] } }
syncs:
  - { name: french_to_hook, audience: french, destination: hook, object: member, mode: mirror, mappings: [{ to: name, from: name }] }
`,
  "destinations/hook.yml": `destination: hook
type: webhook
late: 0s
config: { url: "${url}/in", allow_private_network: true }
`,
});

const people = 31_000;

function counts(start: () => Promise<Started>): void {
  let started: Started;
  let receiver: Fake<WebhookState>;
  let root: string;
  let now = Date.parse("2026-03-01T06:00:00Z");
  let table: string;

  beforeAll(async () => {
    [started, receiver, root] = [
      await start(),
      await startWebhookReceiver(),
      await mkdtemp(path.join(tmpdir(), "millrace-statements-")),
    ];
    for (const [file, content] of Object.entries(files(receiver.url))) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), content);
    }
    await symlink(path.join(started.packages, "node_modules"), path.join(root, "node_modules"));
    const { dialect } = started.warehouse;
    await started.warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${dialect.relation(started.top, "raw")}`);
    table = dialect.relation(started.top, "raw", "people");
  });
  afterAll(async () => {
    await receiver.close();
    await started.stop();
    await rm(root, { recursive: true, force: true });
  });

  const sync = async (changed: number) => {
    now += 86_400_000;
    await started.warehouse.execute(started.fill(table, people, changed));
    const loaded = await loadProject({ projectDir: root, now, loadCode: true });
    if (loaded.project === null) throw new Error(JSON.stringify(loaded.diagnostics, null, 2));
    const environment = { ...loaded.project.environment, warehouse: started.spec };
    const project: Project = { ...loaded.project, environment };
    const ports = nodePorts();
    started.recorder.take();
    const { document } = await runSyncs({
      project,
      ports: { ...ports, clock: { ...ports.clock, now: () => now } },
      env: {},
      selected: [...project.syncs.keys()],
      onEvent: () => undefined,
      version: "0.0.0-test",
      git: { sha: "4be1d20aa", branch: "main", dirty: false },
      actor: "ada",
      command: "millrace test",
      yes: true,
      interactive: false,
      overrides: [],
      waitMs: 0,
      skipTests: false,
      failFast: false,
    });
    const [only] = document.syncs;
    return { ...started.recorder.take(), status: only?.status, accepted: only?.accepted, error: only?.error?.message };
  };

  test("counts", { timeout: 600_000 }, async () => {
    const seen: [string, Awaited<ReturnType<typeof sync>>][] = [];
    seen.push(["first", await sync(0)]);
    seen.push(["unchanged", await sync(0)]);
    seen.push(["3 rows", await sync(3)]);
    seen.push(["30,000 rows", await sync(30_000)]);
    for (const [name, { asked, bytes, status, accepted, error }] of seen)
      console.log(
        `${name}: ${status} ${JSON.stringify(accepted)} ${error ?? ""} ${ran(asked).length} run, ${asked.length - ran(asked).length} looks, ${bytes} bytes\n${asked.map(words).join("\n")}`,
      );
    expect(seen.length).toBe(4);
  });
}

const ran = (asked: readonly Asked[]): readonly Asked[] => asked.filter(({ look }) => !look);
const words = ({ sql, look }: Asked): string =>
  `${look ? "    look " : ""}${sql.replaceAll(/\s+/g, " ").slice(0, 140)}`;

where("bqemulator", [clients, programs.bqemulator], () =>
  counts(async () => {
    const emulator = await startBigQuery("bqemulator");
    const recorder = await record(emulator.options.endpoint ?? "");
    const connection = { project: "test-project", endpoint: recorder.endpoint };
    return {
      warehouse: await emulator.open(),
      recorder,
      spec: { type: "bigquery", connection, ledger_schema: "millrace", model_schema: "millrace_models" },
      top: "test-project",
      packages: clients,
      fill: (table, rows, changed) =>
        `CREATE OR REPLACE TABLE ${table} AS SELECT id, CONCAT(IF(id <= ${changed}, 'other ', 'name '), CAST(id AS STRING)) AS name,
CONCAT('p', CAST(id AS STRING), '@example.com') AS email, 'FR' AS country FROM UNNEST(GENERATE_ARRAY(1, ${rows})) AS id`,
      async stop() {
        await recorder.close();
        await emulator.stop();
      },
    };
  }),
);

where("fakesnow", [driver, python], () =>
  counts(async () => {
    const emulator = await startFakesnow();
    const recorder = await record(emulator.endpoint);
    const warehouse = await open(emulator.endpoint);
    const connection = { account: "test", user: "millrace", password: "invented", endpoint: recorder.endpoint };
    const schemas = { ledger_schema: "millrace", model_schema: "millrace_models" };
    return {
      warehouse,
      recorder,
      spec: { type: "snowflake", connection, database: "analytics", ...schemas },
      top: "analytics",
      packages: driver,
      fill: (table, rows, changed) =>
        `CREATE OR REPLACE TABLE ${table} AS SELECT id AS "id", IFF(id <= ${changed}, 'other ', 'name ') || CAST(id AS VARCHAR) AS "name",
'p' || CAST(id AS VARCHAR) || '@example.com' AS "email", 'FR' AS "country" FROM (SELECT ROW_NUMBER() OVER (ORDER BY 1) AS id FROM TABLE(GENERATOR(ROWCOUNT => ${rows})))`,
      async stop() {
        await warehouse.close();
        await recorder.close();
        await emulator.stop();
      },
    };
  }),
);
