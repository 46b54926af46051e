import { mkdtemp, mkdir, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { ModelSpec, Project, SeedFile, SourceTable } from "../../src/project/project.ts";

/** A new folder for one test. */
export function temporary(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), "millrace-models-"));
}

/** Writes files below a folder. */
export async function files(root: string, contents: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  }
}

export interface ProjectParts {
  readonly path?: string;
  readonly tables?: readonly (Partial<SourceTable> & { readonly name: string })[];
  readonly seeds?: Readonly<Record<string, Partial<SeedFile>>>;
  readonly models?: Readonly<Record<string, string | (Partial<ModelSpec> & { readonly sql: string })>>;
  readonly segments?: Readonly<Record<string, { readonly model: string; readonly sqlText?: string }>>;
  readonly vars?: Project["vars"];
  readonly more?: Partial<Project>;
}

const at = () => ({ file: "models/x.yml", line: 3, column: 5 });

/** A project as the loader would give it: source `shop` in schema `raw`, models named by their keys. */
export function projectOf(root: string, parts: ProjectParts = {}): Project {
  const models = Object.entries(parts.models ?? {}).map(([name, given]) => {
    const { sql, ...spec } = typeof given === "string" ? { sql: given } : given;
    const full: ModelSpec = {
      name,
      tags: [],
      meta: {},
      materialize: "view",
      primary_key: [],
      identifiers: {},
      columns: [],
      data_tests: [],
      null_keys: 0.01,
      ...spec,
    };
    return [name, { name, file: "models/x.yml", at, spec: full, sql, sqlFile: `models/${name}.sql` }] as const;
  });
  const segments = Object.entries(parts.segments ?? {}).map(
    ([name, spec]) =>
      [
        name,
        { name, file: "models/x.yml", at, spec: { name, tags: [], meta: {}, tests: [], guards: {}, ...spec } },
      ] as const,
  );
  const seeds = Object.entries(parts.seeds ?? {}).map(
    ([name, seed]) =>
      [
        name,
        { name, path: `seeds/${name.replace(".", "/")}.csv`, format: "csv" as const, column_types: {}, ...seed },
      ] as const,
  );
  const tables = (parts.tables ?? []).map((table) => ({ columns: [], ...table }));
  return {
    name: "shop",
    root,
    timezone: "UTC",
    environment: {
      name: "dev",
      prod: false,
      allowRealDestinations: false,
      warehouse: {
        type: "duckdb",
        path: parts.path ?? ":memory:",
        seeds: "seeds",
        ledger_schema: "millrace",
        model_schema: "millrace_models",
        threads: 1,
      },
      guards: {},
      threads: 1,
    },
    environments: ["dev"],
    vars: { as_of: "2026-01-10T00:00:00.000Z", ...parts.vars },
    envVars: ["REGION"],
    allowPaths: [],
    guards: {},
    sources: new Map(
      tables.length === 0
        ? []
        : [["shop", { name: "shop", file: "models/x.yml", at, spec: { name: "shop", schema: "raw", tables } }]],
    ),
    seeds: new Map(seeds),
    models: new Map(models),
    segments: new Map(segments),
    audiences: new Map(),
    syncs: new Map(),
    destinations: new Map(),
    unitTests: [],
    sqlTests: [],
    files: new Map(),
    selectors: new Map(),
    ...parts.more,
  };
}
