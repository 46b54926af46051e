import { readFileSync } from "node:fs";
import type { Diagnostic, Json } from "../core.ts";
import { exitCodes, MillraceError, worstExit, type ExitCode } from "../errors.ts";
import { readAccount } from "./accounts.ts";
import { collect, emptyCollection, type Collected } from "./collect.ts";
import { readSettings, type Settings } from "./config.ts";
import { withDbt } from "./dbt/models.ts";
import { readDbt } from "./dbt/read-dbt.ts";
import { isForkPullRequest } from "./destinations.ts";
import { toEnvironment } from "./environment.ts";
import { findRoot, ProjectFiles } from "./files.ts";
import { buildGraph } from "./graph.ts";
import { toDiagnostics } from "./issues.ts";
import { libraryModels } from "./library-calls.ts";
import type { DestinationResource, Project, Resource } from "./project.ts";
import { rules } from "./rules/index.ts";
import { isMap, wording } from "./schema/common.ts";
import { selectorsSchema } from "./schema/selectors.ts";
import { readSeeds } from "./seeds.ts";
import { sortDiagnostics } from "./sort-diagnostics.ts";
import { readModels, withQuery } from "./sql-files.ts";
import { parseYaml, type YamlFile } from "./yaml.ts";

export interface LoadOptions {
  /** Where to look for millrace.yml, upward; default the working folder. */
  readonly projectDir?: string;
  readonly environment?: string;
  /** `--vars`: laid over those of millrace.yml; `as_of` sets the run's time. */
  readonly vars?: Readonly<Record<string, Json>>;
  /** Milliseconds since the epoch: `as_of` unless vars say otherwise. */
  readonly now: number;
  /** Run users' own destination code (plan, sync); default false. */
  readonly loadCode?: boolean;
  /** Texts that an editor has not saved yet, by path relative to the root: read in place of the files. */
  readonly unsaved?: ReadonlyMap<string, string>;
}

export interface Loaded {
  /** Null when there is any error. */
  readonly project: Project | null;
  /** Sorted by file and line. */
  readonly diagnostics: readonly Diagnostic[];
  /** Absolute path of the project, also when it has errors; null when there is none. */
  readonly root: string | null;
  /** How many files were read. */
  readonly files: number;
}

/** Reads and checks a project: every problem at once. */
export async function loadProject(options: LoadOptions): Promise<Loaded> {
  const start = options.projectDir ?? process.cwd();
  const root = findRoot(start);
  if (root === null) {
    const message = `no millrace.yml in ${options.projectDir === undefined ? "this folder" : `"${start}"`} or above`;
    return {
      project: null,
      diagnostics: [
        { code: "E010", severity: "error", message, hint: "millrace init makes a project; -C DIR looks elsewhere" },
      ],
      root: null,
      files: 0,
    };
  }
  const files = new ProjectFiles(root, options.unsaved);
  const diagnostics: Diagnostic[] = [];
  const documents: YamlFile[] = [];
  const yaml = (file: string): YamlFile | null => {
    const text = files.read(file);
    if (text === null) return null;
    const parsed = parseYaml(file, text);
    documents.push(parsed);
    return parsed;
  };
  const main = yaml("millrace.yml");
  const settings = main === null ? null : readSettings(main, options, diagnostics);
  if (settings) files.allow(settings.spec.allow_paths);
  const collected = emptyCollection();
  for (const file of [...files.list("models", /\.ya?ml$/), ...files.list("tests", /\.ya?ml$/)]) {
    const document = yaml(file);
    if (document) collect(collected, document);
  }
  const project =
    main === null ? null : await assemble({ root, files, main, settings, collected, options, yaml, diagnostics });
  diagnostics.push(...later(files), ...collected.diagnostics, ...files.diagnostics);
  if (project) {
    const context = {
      project,
      graph: buildGraph(project),
      claims: collected.claims,
      broken: collected.broken,
      documents,
      maxDbtAge: settings?.spec.dbt?.max_age ?? null,
      contains: (file: string) => files.contains(file),
      exists: (file: string) => files.exists(file),
    };
    for (const rule of rules) diagnostics.push(...rule.check(context));
  }
  const sorted = sortDiagnostics(diagnostics);
  const failed = settings === null || sorted.some(({ severity }) => severity === "error");
  return { project: failed ? null : project, diagnostics: sorted, root, files: files.hashes.size };
}

/** As {@link loadProject}; throws every error at once (exit 64 for usage and real destinations, else 1). Warnings go to `warn`. */
export async function loadProjectOrThrow(
  options: LoadOptions,
  warn?: (diagnostics: readonly Diagnostic[]) => void,
): Promise<Project> {
  const { project, diagnostics } = await loadProject(options);
  if (project === null) throw new MillraceError(exitOf(diagnostics), diagnostics);
  warn?.(diagnostics);
  return project;
}

/** The exit code of a project's diagnostics: E0xx and E340 (a real destination where it may not be) are usage. */
export function exitOf(diagnostics: readonly Diagnostic[]): ExitCode {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return worstExit(
    errors.map(({ code }) => (code.startsWith("E0") || code === "E340" ? exitCodes.usage : exitCodes.failed)),
  );
}

const later = (files: ProjectFiles): readonly Diagnostic[] =>
  files.exists("privacy.yml")
    ? [
        {
          code: "E190",
          severity: "error",
          message: "privacy.yml is not in this version of millrace",
          at: { file: "privacy.yml", line: 1, column: 1 },
          hint: "take the file away until a version that has it",
        },
      ]
    : [];

/** What one load has read so far, and how it reads on. */
interface Reading {
  readonly root: string;
  readonly files: ProjectFiles;
  readonly main: YamlFile;
  readonly settings: Settings | null;
  readonly collected: Collected;
  readonly options: LoadOptions;
  readonly yaml: (file: string) => YamlFile | null;
  readonly diagnostics: Diagnostic[];
}

/** The project out of all that parsed; without usable settings only a stand-in environment, so that the rules still speak. */
async function assemble(reading: Reading): Promise<Project> {
  const { root, files, main, settings, collected, yaml, diagnostics } = reading;
  const environment = settings ? toEnvironment(settings.environment.name, settings.environment.spec) : standIn;
  const segments = collected.items.segments.map((item) => withQuery(item, files, collected));
  const audiences = collected.items.audiences.map((item) => withQuery(item, files, collected));
  const seeds = readSeeds(environment.warehouse, files, collected);
  const dbt = readDbt(reading, seeds);
  const { models, ofDbt } = readModels(collected, files, environment.warehouse.type, (name) =>
    dbt === null ? collected.broken.has("dbt:manifest") : dbt.nodes.has(name),
  );
  const sqlTests = files.list("tests", /\.sql$/).flatMap((file) => {
    const sql = files.read(file);
    return sql === null ? [] : [{ name: file.slice("tests/".length, -".sql".length).replaceAll("/", "."), file, sql }];
  });
  const destinations = await readDestinations(reading);
  const named = declaredNames(main);
  const project: Project = {
    name: settings?.spec.name ?? "",
    root,
    timezone: settings?.spec.timezone ?? "UTC",
    environment,
    environments: Object.keys(settings?.spec.environments ?? {}),
    vars: settings?.vars ?? named.vars,
    envVars: settings?.spec.env_vars ?? named.envVars,
    allowPaths: settings?.spec.allow_paths ?? [],
    guards: settings?.spec.guards ?? {},
    sources: byName(collected.items.sources),
    seeds,
    models,
    segments: byName(segments),
    audiences: byName(audiences),
    syncs: byName(collected.items.syncs),
    destinations,
    unitTests: collected.items.unit_tests,
    sqlTests,
    files: files.hashes,
    selectors: readSelectors(files, yaml, diagnostics),
  };
  const whole = { ...project, models: new Map([...models, ...libraryModels(project)]) };
  return dbt === null ? whole : withDbt(whole, { dbt, entries: ofDbt, diagnostics });
}

const standIn: Project["environment"] = {
  name: "",
  prod: true,
  allowRealDestinations: true,
  guards: {},
  threads: 1,
  warehouse: { type: "duckdb", seeds: "seeds", ledger_schema: "millrace", model_schema: "millrace_models" },
};

/** What a broken millrace.yml still declares, so that its uses are not called unknown. */
function declaredNames(main: YamlFile): {
  readonly vars: Readonly<Record<string, Json>>;
  readonly envVars: readonly string[];
} {
  const value = isMap(main.value) ? main.value : {};
  const envVars = Array.isArray(value["env_vars"]) ? value["env_vars"].filter((item) => typeof item === "string") : [];
  return { vars: { as_of: "", ...(isMap(value["vars"]) ? (value["vars"] as Record<string, Json>) : {}) }, envVars };
}

const byName = <Item extends Resource<unknown>>(items: readonly Item[]): ReadonlyMap<string, Item> =>
  new Map(
    [...items]
      .toReversed()
      .map((item) => [item.name, item] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );

async function readDestinations(reading: Reading): Promise<ReadonlyMap<string, DestinationResource>> {
  const { root, files, main, settings, collected, options, yaml } = reading;
  const code = new Map(
    files
      .list("destinations", /\.(ts|mjs)$/)
      .filter((file) => file.split("/").length === 2 && !file.endsWith(".d.ts"))
      .map((file) => [file.slice("destinations/".length).replace(/\.(ts|mjs)$/, ""), file]),
  );
  for (const file of code.values()) files.read(file);
  const allowed = options.loadCode === true && !isForkPullRequest(process.env, (file) => readFileSync(file, "utf8"));
  const world = {
    root,
    code,
    loadCode: allowed,
    millraceFile: main,
    environment: settings?.environment.name ?? "",
    overlays: settings?.environment.spec.destinations ?? {},
    diagnostics: collected.diagnostics,
    claims: collected.claims,
    broken: collected.broken,
  };
  const accounts: DestinationResource[] = [];
  for (const file of files.list("destinations", /\.ya?ml$/)) {
    const document = yaml(file);
    const account = document === null ? null : await readAccount(document, world);
    if (account) accounts.push(account);
  }
  return byName(accounts);
}

function readSelectors(
  files: ProjectFiles,
  yaml: (file: string) => YamlFile | null,
  diagnostics: Diagnostic[],
): Project["selectors"] {
  const file = files.exists("selectors.yml") ? yaml("selectors.yml") : null;
  if (file === null) return new Map();
  diagnostics.push(...file.problems);
  if (file.value === undefined) return new Map();
  const parsed = selectorsSchema.safeParse(file.value, { error: wording });
  if (!parsed.success) {
    diagnostics.push(
      ...toDiagnostics(parsed.error.issues, { file, base: [], name: "selectors.yml", value: file.value }),
    );
    return new Map();
  }
  return new Map(
    parsed.data.selectors.map(({ name, select, exclude }) => [
      name,
      { select, ...(exclude !== undefined && { exclude }) },
    ]),
  );
}
