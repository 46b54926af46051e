/** How many statements one sync costs a warehouse, and how many bytes leave it: counted between the client and an emulator. */
import { mkdtemp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
import { tap, type Tap } from "./emulators/tap.ts";
import { countsOf, stepsOf } from "./steps.ts";

type Counts = Readonly<Record<string, number>>;

interface Started {
  /** Beside the wire. */
  readonly warehouse: Warehouse;
  readonly wire: Tap;
  readonly spec: WarehouseSpec;
  /** Catalog of the warehouse: project or database. */
  readonly top: string;
  /** Where its client is installed. */
  readonly packages: string;
  /** What is this warehouse's own: more steps of a first and of every run, the lock's statements of an unchanged one, dry runs. */
  readonly own: {
    readonly first: Counts;
    readonly daily: Counts;
    readonly lock: number;
    readonly looks: number;
  };
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
const large = 30_000;

/** On a machine that others use as well. */
const slow = { timeout: 600_000 };

/** What one run costs beside the lock, whatever it sends; what only a warehouse's own connection needs is not counted in. */
const most = 9;

const counting = (name: string, start: () => Promise<Started>): void => {
  describe(name, () => runs(start));
};

function runs(start: () => Promise<Started>): void {
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

  /** A run on the next day, after the names of the first `changed` people were set to others. */
  const sync = async (changed: number) => {
    now += 86_400_000;
    await started.warehouse.execute(started.fill(table, people, changed));
    const loaded = await loadProject({ projectDir: root, now, loadCode: true });
    if (loaded.project === null) throw new Error(JSON.stringify(loaded.diagnostics, null, 2));
    const environment = { ...loaded.project.environment, warehouse: started.spec };
    const project: Project = { ...loaded.project, environment };
    const ports = nodePorts();
    started.wire.take();
    started.wire.bytes();
    const began = performance.now();
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
    const asked = started.wire.take();
    const steps = stepsOf(asked);
    return {
      status: only?.status,
      accepted: only?.accepted,
      error: only?.error?.message,
      looks: asked.filter(({ look }) => look).length,
      steps,
      counts: countsOf(steps),
      /** Heartbeats at most. */
      beats: Math.floor((performance.now() - began) / 30_000),
      bytes: started.wire.bytes(),
    };
  };
  let first: Awaited<ReturnType<typeof sync>>;
  let unchanged: Awaited<ReturnType<typeof sync>>;
  let small: Awaited<ReturnType<typeof sync>>;

  test("a first run makes the ledger besides", slow, async () => {
    first = await sync(0);
    expect(first).toMatchObject({ status: "ok", accepted: { add: people, update: 0, remove: 0 } });
    expect(apart(first.counts)).toEqual({ ...firstRun, ...started.own.first });
  });

  test("an unchanged audience: its names, its knowledge, its plan; no row of it leaves the warehouse", async () => {
    unchanged = await sync(0);
    expect(unchanged).toMatchObject({ status: "unchanged", accepted: { add: 0, update: 0, remove: 0 } });
    expect(apart(unchanged.counts)).toEqual({ ...daily, ...started.own.daily });
    expect([unchanged.counts["lock"], renewals(unchanged)]).toEqual([started.own.lock, 0]);
    expect(unchanged.looks).toBe(started.own.looks);
    // Fewer bytes than the keys alone have, with all that the client asks for beside rows.
    expect(unchanged.bytes.received).toBeLessThan(people * 4);
  });

  test("a small change is opened and settled besides, each in one transaction", async () => {
    small = await sync(3);
    expect(small).toMatchObject({ status: "ok", accepted: { add: 0, update: 3, remove: 0 } });
    expect(apart(small.counts)).toEqual({ ...daily, ...sends, ...started.own.daily });
    expect(total(small.counts)).toBeLessThanOrEqual(most);
    expect(small.bytes.received - unchanged.bytes.received).toBeLessThan(30_000);
  });

  test(
    "a large change asks for the same, statement by statement; what was accepted does not travel back",
    slow,
    async () => {
      const many = await sync(large);
      expect(many).toMatchObject({ status: "ok", accepted: { add: 0, update: large - 3, remove: 0 } });
      expect(apart(many.counts)).toEqual(apart(small.counts));
      const inside = ({ steps }: typeof many): readonly unknown[] =>
        steps.flatMap(({ kind, statements }) => (kind === "lock" || kind === "renewal" ? [] : [[kind, statements]]));
      expect(inside(many)).toEqual(inside(small));
      expect([many.looks, small.looks]).toEqual([started.own.looks, started.own.looks]);
      // The lock's row says how far it may send: once more for each 20,000 rows, beside its heartbeats.
      expect(renewals(many)).toBeLessThanOrEqual(renewals(small) + Math.ceil(large / 20_000));
      expect(many.bytes.received).toBeGreaterThan(large * 20);
      expect(many.bytes.sent - small.bytes.sent).toBeLessThan(10_000);
    },
  );

  test(
    "what was refused is told to the warehouse, with what else the plan came to, in one transaction",
    slow,
    async () => {
      receiver.state.refuse.set("7", { code: "bad_name", message: "no such name" });
      const refused = await sync(0);
      expect(refused).toMatchObject({ accepted: { add: 0, update: large - 1, remove: 0 } });
      expect(without(refused.counts, "lock", "renewal", "drop", "lent")).toEqual(
        without(small.counts, "lock", "renewal", "drop"),
      );
      const { lent = 0 } = refused.counts;
      // Three rows of the ledger for one of the plan at most, in statements of 10,000, and a table to gather them in.
      expect(lent).toBeGreaterThan(0);
      expect(lent).toBeLessThanOrEqual(Math.ceil((large * 3) / 10_000) + 3);
    },
  );

  test("where the schema of models is gone, the ledger is known all the same", async () => {
    receiver.state.refuse.clear();
    const { dialect } = started.warehouse;
    await started.warehouse.execute(`DROP SCHEMA ${dialect.relation(started.top, "millrace_models")}`);
    expect(await sync(3)).toMatchObject({ status: "ok", accepted: { add: 0, update: 4, remove: 0 } });
  });
}

/** Every run. */
const daily = { tables: 1, knowledge: 1, audience: 1, plan: 1, read: 1, record: 1, drop: 1 };
/** A run that sends. */
const sends = { open: 1, settle: 1 };
/** A first run: schemas, shared tables, meta; the sync's three tables and state, the history of its audience; its target. */
const firstRun = { ...without(daily, "knowledge"), ...sends, schemas: 3, tables: 4, ledger: 7, target: 1 };

/** Without the lock's, which has a connection and a count of its own. */
const apart = (counts: Counts): Counts => without(counts, "lock", "renewal");

/** How often the lock was renewed, at least, for other reasons than its heartbeat. */
const renewals = ({ counts, beats }: { readonly counts: Counts; readonly beats: number }): number =>
  Math.max(0, (counts["renewal"] ?? 0) - beats);

/** How many there are, all drops as one: BigQuery takes them in one text. */
const total = (counts: Counts): number =>
  Object.values(without(counts, "lock", "renewal", "settings", "drop")).reduce((sum, count) => sum + count, 1);

function without(counts: Counts, ...kinds: readonly string[]): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([kind]) => !kinds.includes(kind)));
}

where("bqemulator", [clients, programs.bqemulator], () =>
  counting("bqemulator", async () => {
    const emulator = await startBigQuery("bqemulator");
    const wire = await tap(emulator.options.endpoint ?? "");
    const connection = { project: "test-project", endpoint: wire.endpoint };
    return {
      warehouse: await emulator.open(),
      wire,
      spec: { type: "bigquery", connection, ledger_schema: "millrace", model_schema: "millrace_models" },
      top: "test-project",
      packages: clients,
      own: { first: {}, daily: {}, lock: 5, looks: 4 },
      fill: (table, rows, changed) =>
        `CREATE OR REPLACE TABLE ${table} AS SELECT id, CONCAT(IF(id <= ${changed}, 'other ', 'name '), CAST(id AS STRING)) AS name,
CONCAT('p', CAST(id AS STRING), '@example.com') AS email, 'FR' AS country FROM UNNEST(GENERATE_ARRAY(1, ${rows})) AS id`,
      async stop() {
        await wire.close();
        await emulator.stop();
      },
    };
  }),
);

where("fakesnow", [driver, python], () =>
  counting("fakesnow", async () => {
    const emulator = await startFakesnow();
    const wire = await tap(emulator.endpoint);
    const warehouse = await open(emulator.endpoint);
    const connection = { account: "test", user: "millrace", password: "invented", endpoint: wire.endpoint };
    const schemas = { ledger_schema: "millrace", model_schema: "millrace_models" };
    return {
      warehouse,
      wire,
      spec: { type: "snowflake", connection, database: "analytics", ...schemas },
      top: "analytics",
      packages: driver,
      own: {
        first: { settings: 3, schemas: 7, ledger: 17, drop: 2 },
        daily: { settings: 3, drop: 2 },
        lock: 5,
        looks: 2,
      },
      fill: (table, rows, changed) =>
        `CREATE OR REPLACE TABLE ${table} AS SELECT id AS "id", IFF(id <= ${changed}, 'other ', 'name ') || CAST(id AS VARCHAR) AS "name",
'p' || CAST(id AS VARCHAR) || '@example.com' AS "email", 'FR' AS "country" FROM (SELECT ROW_NUMBER() OVER (ORDER BY 1) AS id FROM TABLE(GENERATOR(ROWCOUNT => ${rows})))`,
      async stop() {
        await warehouse.close();
        await wire.close();
        await emulator.stop();
      },
    };
  }),
);
