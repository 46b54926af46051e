/** A project in a temporary folder that is planned and synced by the real engine, on a clock that never makes a test wait. */
import { generateKeyPairSync } from "node:crypto";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import type { RunEvent, SyncedSync } from "../../../src/core.ts";
import type { EngineOptions, RejectedRow, RunResult, SyncOptions } from "../../../src/engine/api.ts";
import { planSyncs, readRejected, runSyncs } from "../../../src/engine/index.ts";
import { nodePorts } from "../../../src/engine/node-ports.ts";
import type { Clock } from "../../../src/ports.ts";
import { loadProject } from "../../../src/project/load.ts";
import type { Fake } from "../../fakes/server.ts";

type Cell = string | number | null;
export type SeedRow = Readonly<Record<string, Cell>>;

export interface Lab {
  readonly root: string;
  /** Of all runs, in order. */
  readonly events: RunEvent[];
  /** Milliseconds that were slept instead of waited. */
  slept(): number;
  /** Called whenever somebody sleeps. */
  whileAsleep(work: () => Promise<void>): void;
  /** Moves the clock on. */
  pass(ms: number): void;
  write(file: string, content: string): Promise<void>;
  /** `columns` name those of a seed without rows. */
  seed(name: string, rows: readonly SeedRow[], columns?: readonly string[]): Promise<void>;
  sync(more?: Partial<SyncOptions>): Promise<RunResult>;
  /** What the engine's other commands are called with. */
  options(): Promise<EngineOptions>;
  /** Runs, and gives the report of one sync. */
  run(sync: string, more?: Partial<SyncOptions>): Promise<SyncedSync>;
  planned(sync: string): Promise<unknown>;
  rejected(runId: string): Promise<readonly RejectedRow[]>;
  /** Messages of a project that does not load. */
  problems(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const settings = `version: 1
name: lab
default_environment: dev
timezone: UTC
environments:
  dev: { warehouse: { type: duckdb, path: data/lab.duckdb, seeds: seeds } }
guards: { empty: allow, shrink: off, remove: off, growth: off }
`;

/** Secrets of all destinations under test. */
export const env = {
  LAB_TOKEN: "token-of-the-lab",
  LAB_REFRESH: "refresh-of-the-lab",
  LAB_SECRET: "whsec_bGFiLXNlY3JldC1sYWItc2VjcmV0LTEyMw==",
  /** Of a service account. */
  LAB_KEY: generateKeyPairSync("rsa", { modulusLength: 2048 })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString(),
};

/** A new folder with these files. */
export async function startLab(files: Readonly<Record<string, string>>): Promise<Lab> {
  const lab = openLab(await mkdtemp(join(tmpdir(), "millrace-lab-")));
  for (const [file, content] of Object.entries({ "millrace.yml": settings, ...files })) await lab.write(file, content);
  return lab;
}

/** The folder as it was when a process was killed: a copy, without the lock of the run that goes on here. */
export async function killedCopy(root: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "millrace-lab-"));
  await cp(root, copy, { recursive: true });
  await rm(join(copy, ".millrace", "dev.lock"), { force: true });
  return copy;
}

export function openLab(root: string): Lab {
  const events: RunEvent[] = [];
  let ahead = 0;
  let slept = 0;
  let onSleep: () => Promise<void> = async () => undefined;
  const clock: Clock = {
    now: () => Math.round(Date.now() + ahead),
    monotonic: () => performance.now() + ahead,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      // No more than a second at once: the lock's heart beats in real time, and its lease must not seem over.
      ahead += Math.min(ms, 1000);
      slept += ms;
      await new Promise((resolve) => setImmediate(resolve));
      await onSleep();
    },
  };
  const load = () => loadProject({ projectDir: root, now: clock.now(), loadCode: true });
  const options = async (): Promise<EngineOptions> => {
    const { project, diagnostics } = await load();
    if (project === null) throw new Error(JSON.stringify(diagnostics, null, 2));
    return {
      project,
      ports: { ...nodePorts(), clock },
      env,
      selected: [...project.syncs.keys()],
      onEvent: (event) => void events.push(event),
      version: "0.0.0-test",
      git: null,
      actor: "ada",
      command: "millrace test",
    };
  };
  const unasked = { yes: true, interactive: false, overrides: [], waitMs: 0, skipTests: true, failFast: false };
  const lab: Lab = {
    root,
    events,
    slept: () => slept,
    whileAsleep: (work) => void (onSleep = work),
    pass: (ms) => void (ahead += ms),
    async write(file, content) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), content);
    },
    seed: (name, rows, columns) => lab.write(`seeds/${name}.csv`, csvOf(rows, columns)),
    options,
    sync: async (more = {}) => runSyncs({ ...(await options()), ...unasked, ...more }),
    async run(sync, more = {}) {
      const { document } = await lab.sync(more);
      const report = document.syncs.find((each) => each.sync === sync);
      if (report === undefined) throw new Error(`no sync ${sync} ran`);
      return report;
    },
    async planned(sync) {
      const { document } = await planSyncs({ ...(await options()), save: false, sampleRows: 0 });
      return document.syncs.find((each) => each.sync === sync)?.planned;
    },
    rejected: async (runId) => readRejected({ ...(await options()), runId }),
    problems: async () => (await load()).diagnostics.map(({ code, message }) => `${code} ${message}`),
    close: () => rm(root, { recursive: true, force: true }),
  };
  return lab;
}

function csvOf(rows: readonly SeedRow[], columns: readonly string[] = []): string {
  const names = [...new Set([...columns, ...rows.flatMap((row) => Object.keys(row))])];
  const cell = (value: Cell | undefined): string => (value === null || value === undefined ? "" : `"${value}"`);
  return `${[names.join(","), ...rows.map((row) => names.map((name) => cell(row[name])).join(","))].join("\n")}\n`;
}

/** Requests that can change something, as `METHOD /path`, from the `from`th on; searches and reads by POST are none. */
export function writes(fake: Fake<unknown>, from = 0): readonly string[] {
  return fake.requests
    .slice(from)
    .filter(({ method, path }) => method !== "GET" && !/\/(search|batch\/read)$/.test(path))
    .map(({ method, path }) => `${method} ${path.split("?")[0]}`);
}
