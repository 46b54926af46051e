/** The project as a command sees it: loaded, its warnings told, its secrets known to the masker, its selection resolved. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Diagnostic, GitInfo, Json } from "../core.ts";
import { exitCodes, failure, MillraceError } from "../errors.ts";
import { exitOf, type Loaded, loadProject } from "../project/load.ts";
import { buildGraph } from "../project/graph.ts";
import { manifestOf } from "../project/manifest.ts";
import type { Project } from "../project/project.ts";
import { artifactHead, type NodeResult, writeDocument } from "./artifacts.ts";
import type { CommandContext } from "./command.ts";
import { readGit } from "./git.ts";
import { usage } from "./usage.ts";

export interface OpenProject {
  readonly project: Project;
  readonly warnings: readonly Diagnostic[];
  readonly git: GitInfo | null;
  /** Absolute folder of artifacts. */
  readonly target: string;
  /** ` -e prod`, or nothing where the environment is the default one: to print the next command. */
  readonly environmentFlag: string;
  /** manifest.json and run_results.json of this command. */
  recordResults(context: CommandContext, results: readonly NodeResult[]): Promise<void>;
}

/** Loads the project of -C, -e and --vars, without complaint: for commands that report diagnostics themselves. */
export async function readProject(
  context: CommandContext,
  options: { readonly loadCode?: boolean; readonly unsaved?: ReadonlyMap<string, string> } = {},
): Promise<Loaded> {
  const { globals, folder } = context;
  const vars = { ...(await readVarsFile(context)), ...globals.vars };
  const loaded = await loadProject({
    now: context.now(),
    vars,
    projectDir: resolve(folder, globals.projectFolder ?? "."),
    loadCode: options.loadCode ?? false,
    ...(options.unsaved === undefined ? {} : { unsaved: options.unsaved }),
    ...(globals.environment === undefined ? {} : { environment: globals.environment }),
  });
  const found = [
    ...loaded.diagnostics,
    ...(loaded.project === null ? [] : sharedTarget(loaded.project, globals.targetFolder)),
  ];
  const diagnostics = found.map((diagnostic) => hardened(diagnostic, globals.warnError));
  const broken = diagnostics.some((diagnostic) => diagnostic.severity === "error");
  return { ...loaded, diagnostics, project: broken ? null : loaded.project };
}

/** The project, or every error at once; warnings go to stderr. `loadCode` runs users' own destinations (default true). */
export async function openProject(
  context: CommandContext,
  options: { readonly loadCode?: boolean } = {},
): Promise<OpenProject> {
  const { globals, terminal } = context;
  const loaded = await readProject(context, { loadCode: options.loadCode ?? true });
  const { project, diagnostics } = loaded;
  if (project === null) throw new MillraceError(exitOf(diagnostics), diagnostics);
  await hideSecrets(context, project);
  if (diagnostics.length > 0 && globals.logLevel !== "error") {
    const { diagnosticsText } = await import("./text/diagnostics.ts");
    terminal.error(diagnosticsText(diagnostics, project.root, terminal.errorColours));
  }
  if (globals.vars["as_of"] !== undefined && project.environment.prod && !globals.yes) {
    throw usage(
      `--vars as_of=… in ${project.environment.name}, where prod is true, needs --yes`,
      "the run would look at another time than now (decision of the formats)",
      "E021",
    );
  }
  const git = await readGit(project.root);
  const target = resolve(project.root, globals.targetFolder);
  return {
    project:
      globals.threads === undefined
        ? project
        : { ...project, environment: { ...project.environment, threads: globals.threads } },
    warnings: diagnostics,
    git,
    target,
    environmentFlag: globals.environment === undefined ? "" : ` -e ${project.environment.name}`,
    async recordResults(commandContext, results) {
      const head = artifactHead({
        millrace_version: context.version,
        environment: project.environment.name,
        git,
        command: commandContext.commandLine,
        now: context.now(),
      });
      await writeDocument(target, "run_results.json", "millrace/run_results/v1", head, { results }, terminal.masked);
      const { schema, ...manifest } = manifestOf(project, buildGraph(project));
      await writeDocument(target, "manifest.json", schema, head, manifest, terminal.masked);
    },
  };
}

/** dbt and millrace call their artifacts alike: in one folder, each would write over the other's. */
function sharedTarget({ dbt, root }: Project, targetFolder: string): readonly Diagnostic[] {
  if (!dbt?.manifest || dirname(resolve(root, dbt.manifest)) !== resolve(root, targetFolder)) return [];
  return [
    {
      code: "E247",
      severity: "error",
      message: `dbt's manifest "${dbt.manifest}" lies where millrace writes a manifest.json of its own`,
      at: dbt.at,
      hint: "keep the dbt project in a folder of its own, or let millrace write elsewhere: --target-dir DIR",
    },
  ];
}

/** A warning that `--warn-error` names, as an error. */
export function hardened(diagnostic: Diagnostic, codes: readonly string[] | "all"): Diagnostic {
  const hard = diagnostic.severity === "warning" && (codes === "all" || codes.includes(diagnostic.code));
  return hard ? { ...diagnostic, severity: "error" } : diagnostic;
}

async function readVarsFile(context: CommandContext): Promise<Readonly<Record<string, Json>>> {
  const name = context.globals.varsFile;
  if (name === undefined) return {};
  const text = await readFile(resolve(context.folder, name), "utf8").catch(() => null);
  if (text === null)
    throw failure("E004", `--vars-file: there is no file ${JSON.stringify(name)}`, { exit: exitCodes.usage });
  const { parse } = await import("yaml");
  const { z } = await import("zod");
  const found = z.record(z.string(), z.json()).safeParse(parseOrNull(text, parse));
  if (!found.success)
    throw usage(
      `--vars-file: ${JSON.stringify(name)} is not a block of names and values`,
      "write one `name: value` a line",
    );
  return found.data;
}

function parseOrNull(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

/** What the credentials of destinations and of the warehouse resolve to is masked from here on, wherever it would be printed. */
async function hideSecrets(context: CommandContext, project: Project): Promise<void> {
  const { resolveSecrets } = await import("../project/secrets.ts");
  const { warehouse } = project.environment;
  const ofDestinations = [...project.destinations.values()].flatMap(({ spec }) => Object.values(spec.credentials));
  const ofWarehouse = warehouse.type === "duckdb" ? [] : Object.values(warehouse.connection);
  for (const value of [...ofDestinations, ...ofWarehouse]) {
    try {
      const world = { env: context.env, root: project.root, subject: "the project" };
      context.terminal.hide(resolveSecrets(value, world).masker);
    } catch (error) {
      // Not set: told by whoever needs it (E334); there is nothing to hide.
      if (!(error instanceof MillraceError)) throw error;
    }
  }
}
