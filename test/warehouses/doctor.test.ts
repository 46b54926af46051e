/** `millrace doctor` and `millrace grants` of a project in BigQuery or Snowflake, on emulators: what is there, and what is missing. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandContext } from "../../src/cli/command.ts";
import { examineWarehouse } from "../../src/cli/examine-warehouse.ts";
import { doctorSchema } from "../../src/cli/schemas/world.ts";
import { loadProject } from "../../src/project/load.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { millrace, spawnMillrace } from "../cli/millrace.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";

interface Started {
  readonly warehouse: Warehouse;
  /** `warehouse:` of the environment, as YAML. */
  readonly yaml: string;
  readonly top: string;
  /** Where its client is installed. */
  readonly packages: string;
  /** The statement that allows reading shop.people. */
  readonly grant: string;
  /** Other `warehouse:`, and what doctor says of each. */
  readonly broken: readonly (readonly [yaml: string, message: string])[];
  stop(): Promise<void>;
}

const secret = "invented-secret";
const files = (yaml: string): Readonly<Record<string, string>> => ({
  "millrace.yml": `version: 1\nname: shop\nenvironments: { prod: { prod: true, warehouse: ${yaml} } }\n`,
  "models/people.sql": "select id from {{ source('shop', 'people') }}\n",
  "models/models.yml": `sources:
  - { name: shop, schema: raw, tables: [{ name: people }] }
models:
  - { name: people, primary_key: id, materialize: table }
`,
});

function doctor(start: () => Promise<Started>): void {
  let started: Started;
  let cwd: string;

  beforeAll(async () => {
    [started, cwd] = [await start(), await mkdtemp(path.join(tmpdir(), "millrace-doctor-"))];
    for (const [file, content] of Object.entries(files(started.yaml))) {
      await mkdir(path.dirname(path.join(cwd, file)), { recursive: true });
      await writeFile(path.join(cwd, file), content);
    }
    await symlink(path.join(started.packages, "node_modules"), path.join(cwd, "node_modules"));
  });
  afterAll(async () => {
    await started.stop();
    await rm(cwd, { recursive: true, force: true });
  });

  const examined = async (env: Readonly<Record<string, string>> = { SECRET: secret }) => {
    const { stdout, stderr, exit } = await millrace(["doctor", "-e", "prod", "--json"], { cwd, env });
    expect(stdout + stderr).not.toContain(secret);
    return { exit, checks: doctorSchema.parse(JSON.parse(stdout)).checks };
  };

  test("a table that is not there, and what to run for it", { timeout: 120_000 }, async () => {
    const { exit, checks } = await examined();
    const failed = checks.filter(({ status }) => status === "failed");
    expect([exit, failed.map(({ name }) => name)]).toEqual([1, ["source shop.people"]]);
    expect(failed[0]?.message).toMatch(/^E7\d\d: /);
    expect(failed[0]?.hint).toContain(started.grant);
  });

  test("everything there", { timeout: 120_000 }, async () => {
    const { dialect } = started.warehouse;
    await started.warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${dialect.relation(started.top, "raw")}`);
    const table = dialect.relation(started.top, "raw", "people");
    await started.warehouse.execute(`CREATE TABLE ${table} (${dialect.quote("id")} ${dialect.columnType("integer")})`);
    const { exit, checks } = await examined();
    const told = checks.map(({ name, status }) => `${name} ${status}`);
    expect([exit, told.filter((line) => !/^(node|versions|project|folder|lock|sign-in) /.test(line))]).toEqual([
      0,
      [
        "warehouse ok",
        "client ok",
        "warehouse clock ok",
        "ledger schema ok",
        "models schema ok",
        "scratch schema ok",
        "tables read ok",
        "ledger ok",
        "clock ok",
      ],
    ]);
    for (const schema of ["millrace", "millrace_models", "millrace_scratch"])
      expect(await started.warehouse.hasSchema([started.top, schema])).toBe(true);
  });

  test("a clock that is wrong is told", { timeout: 120_000 }, async () => {
    const { project } = await loadProject({ projectDir: cwd, environment: "prod", now: Date.now(), loadCode: true });
    const { warehouse: spec } = project!.environment;
    if (spec.type === "duckdb") throw new Error("another warehouse was meant");
    const context = { now: () => Date.now() - 120_000, env: { SECRET: secret } } as Partial<CommandContext>;
    const checks = await examineWarehouse(context as CommandContext, project!, spec);
    expect(checks.find(({ name }) => name === "warehouse clock")).toEqual({
      name: "warehouse clock",
      status: "warning",
      message: expect.stringMatching(/^1[12]\d\.\d s ahead of ours$/) as string,
      hint: expect.stringContaining("set this machine's clock") as string,
    });
  });

  test("what is wrong with signing in is one check, and nothing is asked after it", { timeout: 120_000 }, async () => {
    const text = await readFile(path.join(cwd, "millrace.yml"), "utf8");
    for (const [broken, message] of started.broken) {
      await writeFile(path.join(cwd, "millrace.yml"), text.replace(started.yaml, broken));
      const { exit, checks } = await examined();
      const failed = checks.filter(({ status }) => status === "failed");
      expect([exit, failed.map((one) => `${one.name} ${one.message}`)]).toEqual([1, [`warehouse ${message}`]]);
      expect(failed[0]?.hint).not.toBeNull();
      expect(checks.map(({ name }) => name)).not.toContain("ledger");
    }
    await writeFile(path.join(cwd, "millrace.yml"), text);
  });
}

where("bqemulator", [clients, programs.bqemulator], () =>
  doctor(async () => {
    const emulator = await startBigQuery("bqemulator");
    return {
      warehouse: await emulator.open(),
      yaml: `{ type: bigquery, connection: { project: test-project, endpoint: "${emulator.options.endpoint}" } }`,
      top: "test-project",
      packages: clients,
      grant: "GRANT `roles/bigquery.dataViewer` ON TABLE `test-project.raw.people` TO ",
      broken: [
        [
          `{ type: bigquery, connection: { project: test-project, credentials: "\${env:SECRET}", endpoint: "${emulator.options.endpoint}" } }`,
          "E730: connection.credentials of BigQuery is no key: it is not JSON",
        ],
        [
          `{ type: bigquery, connection: { project: test-project, credentials: "\${env:NOT_SET}", endpoint: "${emulator.options.endpoint}" } }`,
          'E334: the secret ${env:NOT_SET} of the warehouse of environment "prod" is not set',
        ],
      ],
      stop: () => emulator.stop(),
    };
  }),
);

where("fakesnow", [driver, python], () => {
  test(
    "Snowflake's driver logs neither secrets nor statements, even where its own settings say so",
    { timeout: 120_000 },
    async () => {
      const cwd = await mkdtemp(path.join(tmpdir(), "millrace-log-"));
      const emulator = await startFakesnow();
      try {
        const connection = `{ account: test, user: millrace, password: "\${env:SECRET}", endpoint: "${emulator.endpoint}" }`;
        const yaml = `{ type: snowflake, connection: ${connection}, database: analytics }`;
        await writeFile(path.join(cwd, "millrace.yml"), files(yaml)["millrace.yml"]!);
        await symlink(path.join(driver, "node_modules"), path.join(cwd, "node_modules"));
        // The process has this folder for its home, where the driver looks for its settings.
        const settings = { common: { log_level: "TRACE", log_path: path.join(cwd, "logs") } };
        await writeFile(path.join(cwd, "sf_client_config.json"), JSON.stringify(settings), { mode: 0o600 });
        const found = await spawnMillrace(["doctor", "-e", "prod"], { cwd, env: { SECRET: secret } });
        expect([found.exit, found.stdout]).toEqual([0, expect.stringContaining("tables read")]);
        expect(await readdir(cwd)).not.toContain("snowflake.log");
        const logs = await readdir(path.join(cwd, "logs"), { recursive: true }).catch(() => []);
        const texts = await Promise.all(
          logs.filter((file) => file.endsWith(".log")).map((file) => readFile(path.join(cwd, "logs", file), "utf8")),
        );
        for (const text of [...texts, found.stdout, found.stderr]) {
          expect(text).not.toContain(secret);
          expect(text).not.toMatch(/query-request|CREATE TABLE/);
        }
      } finally {
        await emulator.stop();
        await rm(cwd, { recursive: true, force: true });
      }
    },
  );

  doctor(async () => {
    const emulator = await startFakesnow();
    const warehouse = await open(emulator.endpoint);
    const connection = `{ account: test, user: millrace, password: "\${env:SECRET}", endpoint: "${emulator.endpoint}" }`;
    return {
      warehouse,
      yaml: `{ type: snowflake, connection: ${connection}, database: analytics, role: MILLRACE }`,
      top: "analytics",
      packages: driver,
      grant: 'GRANT SELECT ON TABLE "ANALYTICS"."RAW"."PEOPLE" TO ROLE MILLRACE;',
      broken: [
        [
          `{ type: snowflake, connection: { account: test, user: ada, private_key: "\${env:SECRET}" }, database: analytics }`,
          "E740: the private key is no PEM text",
        ],
        [
          `{ type: snowflake, connection: { account: "https://test", user: ada, token: "\${env:SECRET}" }, database: analytics }`,
          "E735: cannot connect to Snowflake: `account` is not of the form organization-account",
        ],
      ],
      async stop() {
        await warehouse.close();
        await emulator.stop();
      },
    };
  });
});
