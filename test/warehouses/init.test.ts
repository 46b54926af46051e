/** What `init --warehouse` writes runs where it says: the environment prod of a new project, on an emulator, over the sample data. */
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDuckDB } from "../../src/warehouse/duckdb.ts";
import { apart } from "../../src/warehouse/ferry.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { millrace } from "../cli/millrace.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";

interface Started {
  readonly warehouse: Warehouse;
  readonly endpoint: string;
  readonly top: string;
  /** Where its client is installed. */
  readonly packages: string;
  stop(): Promise<void>;
}

/** Lines of `connection:` that a person puts there; an emulator takes any password, and no key of anybody's. */
const kinds = {
  bigquery: {
    env: { GCP_PROJECT: "test-project" },
    connection: (yaml: string, endpoint: string) => yaml.replace("location: EU", `endpoint: "${endpoint}"`),
  },
  snowflake: {
    env: { SNOWFLAKE_ACCOUNT: "test", SNOWFLAKE_USER: "millrace", SNOWFLAKE_PRIVATE_KEY: "invented" },
    connection: (yaml: string, endpoint: string) =>
      yaml.replace("private_key:", `endpoint: "${endpoint}"\n        password:`),
  },
} as const;

function runs(kind: keyof typeof kinds, start: () => Promise<Started>): void {
  let started: Started;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(() => started.stop());

  test.each(["shop", "b2b"])(
    "the template %s sends from there what it sends from the sample data here",
    async (template) => {
      const cwd = await mkdtemp(path.join(tmpdir(), "millrace-init-"));
      const { env, connection } = kinds[kind];
      const told = async (...words: readonly string[]) => {
        const found = await millrace(words, { cwd, env });
        expect([found.exit, found.stderr.includes("error[")], found.stderr + found.stdout).toEqual([0, false]);
        return found.stdout;
      };
      try {
        expect(await told("init", "--template", template, "--warehouse", kind)).toContain("millrace doctor -e prod");
        expect(await told("validate", "-e", "prod")).toContain("0 errors, 0 warnings");
        const file = path.join(cwd, "millrace.yml");
        const yaml = await readFile(file, "utf8");
        expect(connection(yaml, "x")).not.toBe(yaml);
        await writeFile(file, connection(yaml, started.endpoint));
        await symlink(path.join(started.packages, "node_modules"), path.join(cwd, "node_modules"));
        await fill(started, path.join(cwd, "seeds"));

        await told("sync", "--yes");
        const here = await sent(cwd);
        await rm(path.join(cwd, "outbox"), { recursive: true });
        expect(await told("doctor", "-e", "prod")).toContain("tables read");
        await told("sync", "-e", "prod", "--yes");
        expect(here.length).toBeGreaterThan(10);
        expect(await sent(cwd)).toEqual(here);
        expect(await told("plan", "-e", "prod")).toContain("Plan: nothing to send.");
      } finally {
        await rm(cwd, { recursive: true, force: true });
      }
    },
  );
}

/** Makes a table of each file below seeds/<schema>/. */
async function fill({ warehouse, top }: Started, seeds: string): Promise<void> {
  const files = await openDuckDB({});

  const there = apart(files, warehouse, { target: "memory.main", scratch: (name) => name });
  try {
    for (const schema of await readdir(seeds)) {
      await warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${warehouse.dialect.relation(top, schema)}`);
      for (const file of await readdir(path.join(seeds, schema))) {
        const table = warehouse.dialect.relation(top, schema, path.parse(file).name);
        await there.bring(table, `SELECT * FROM read_csv(${files.dialect.literal(path.join(seeds, schema, file))})`);
      }
    }
  } finally {
    await files.close();
  }
}

/** Rows of every file below outbox/, in order: runs have folders of their own. */
async function sent(cwd: string): Promise<readonly unknown[]> {
  const all = await readdir(path.join(cwd, "outbox"), { recursive: true });
  const texts = all
    .filter((file) => file.endsWith(".jsonl"))
    .map((file) => readFile(path.join(cwd, "outbox", file), "utf8"));
  return (await Promise.all(texts)).flatMap((text) => text.trim().split("\n")).toSorted();
}

where("bqemulator", [clients, programs.bqemulator], () =>
  runs("bigquery", async () => {
    const emulator = await startBigQuery("bqemulator");
    const warehouse = await emulator.open();
    const endpoint = emulator.options.endpoint ?? "";
    return { warehouse, endpoint, top: "test-project", packages: clients, stop: () => emulator.stop() };
  }),
);

where("fakesnow", [driver, python], () =>
  runs("snowflake", async () => {
    const { endpoint, stop } = await startFakesnow();
    const warehouse = await open(endpoint);
    return {
      warehouse,
      endpoint,
      top: "analytics",
      packages: driver,
      async stop() {
        await warehouse.close();
        await stop();
      },
    };
  }),
);
