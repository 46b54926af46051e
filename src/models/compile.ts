import { MillraceError } from "../errors.ts";
import type { Diagnostic, Location } from "../core.ts";
import { buildGraph, templateOf } from "../project/graph.ts";
import type { Project } from "../project/project.ts";
import { sortDiagnostics } from "../project/sort-diagnostics.ts";
import type { Column } from "../warehouse/warehouse.ts";
import { createColumns } from "./compile-columns.ts";
import { createGraph } from "./compile-graph.ts";
import { render } from "./rendered.ts";
import { resolversFor, type Naming, type Reads } from "./resolve.ts";
import { unitOf, type CompilerOptions, type CompileTarget, type Kept, type Parts } from "./unit.ts";

export type { CompilerOptions, CompileTarget } from "./unit.ts";

/** Models, seeds, segments and audiences as SQL. All text was checked before any of it is given out. */
export interface Compiler {
  /**
   * A self-contained SELECT of all rows: of a model or seed, or of the keys of a segment or audience. Throws the
   * diagnostics of the file and of everything above it: E201, E202, E21x words, E210 cycle, E702 syntax, E703 and E704 what SQL may not do.
   */
  query(name: string): string;
  /** A self-contained SELECT of the `sql:` file of a segment or audience. */
  sqlQuery(name: string): string;
  /** As `query`, of any other SQL text of the project: custom tests. Checked like a model's. */
  textQuery(file: string, sql: string): Promise<string>;
  /** Finds the columns of these (default: all models, seeds and `sql:` files), with everything above them; problems are kept for `columns` to throw. */
  prepare(names?: readonly string[]): Promise<void>;
  /** Columns after `prepare`; E702 with the place in the .sql file when the SQL does not run. */
  columns(name: string): readonly Column[];
  sqlColumns(name: string): readonly Column[];
  /** The SELECT that builds a model, though it may be built already. */
  definition(model: string): string;
  /** Digest of a model's SQL and of all models it reads, as compiled today. */
  hash(model: string): string;
  /** Every problem found so far, sorted by file and line, each once: what reads a broken file carries its problem too. */
  diagnostics(): readonly Diagnostic[];
}

/** Renders every SQL file of the project and has it checked; nothing is run. */
export async function createCompiler(
  project: Project,
  target: CompileTarget,
  options: CompilerOptions = {},
): Promise<Compiler> {
  const naming: Naming = {
    project,
    env: options.env ?? {},
    modelSchema: target.modelSchema,
    dialect: target.warehouse.dialect,
    given: new Set(options.given?.keys()),
    relationOf: (what) => target.relationOf(what),
  };
  const models = new Map<string, Kept>();
  for (const { name, sqlFile, sql, library, dbt, at } of project.models.values()) {
    const kept = renderUnit(naming, name, sqlFile, sql, name);
    models.set(name, library === undefined && dbt === undefined ? kept : placedAt(at(), kept));
  }
  const texts = new Map<string, Kept>();
  for (const { name, spec, file } of [...project.segments.values(), ...project.audiences.values()]) {
    if (spec.sqlText !== undefined) texts.set(name, renderUnit(naming, name, spec.sqlFile ?? file, spec.sqlText, null));
  }
  await refuse(target, models);
  await refuse(target, texts);
  return compilerOf({ project, naming, target, options, models, texts, dependencies: buildGraph(project) });
}

function renderUnit(naming: Naming, name: string, file: string, sql: string, self: string | null): Kept {
  const template = templateOf(sql);
  const [problem] = template.problems;
  if (problem !== undefined) {
    const { message, hint, line, column, length } = problem;
    return {
      problems: [
        {
          code: "E214",
          severity: "error",
          message,
          at: { file, line, column, length },
          ...(hint === undefined ? {} : { hint }),
        },
      ],
    };
  }
  const reads: Reads = { names: new Set(), relations: new Set() };
  try {
    const rendered = render(file, sql, template, resolversFor(naming, file, self, reads));
    return { unit: { name, file, rendered, ...reads } };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { problems: error.diagnostics };
  }
}

/** The text of the library, or of a node of dbt, is nobody's to mend: what is wrong with it is shown where it is named. */
function placedAt(at: Location, kept: Kept): Kept {
  if ("problems" in kept) return { problems: kept.problems.map((problem) => ({ ...problem, at })) };
  const rendered = { ...kept.unit.rendered, locate: () => at, locateLine: () => at };
  return { unit: { ...kept.unit, rendered } };
}

/** Replaces units that are refused by their problems. */
async function refuse(target: CompileTarget, kept: Map<string, Kept>): Promise<void> {
  const units = [...kept.values()].flatMap((each) => ("unit" in each ? [each.unit] : []));
  const problems = await target.checkReadOnly(units);
  for (const [name, found] of problems) kept.set(name, { problems: found });
}

function compilerOf(parts: Parts): Compiler {
  const { project, naming, target, models, texts } = parts;
  const graph = createGraph(parts);
  const columns = createColumns(parts, graph);
  return {
    query: graph.query,
    sqlQuery: (name) => graph.unitQuery(unitOf(texts, name)),
    async textQuery(file, sql) {
      const kept = new Map([[file, renderUnit(naming, file, file, sql, null)]]);
      await refuse(target, kept);
      return graph.unitQuery(unitOf(kept, file));
    },
    async prepare(names = [...project.models.keys(), ...bareSeeds(project), ...texts.keys()]) {
      for (const name of names) await columns.find(name);
    },
    columns: (name) => columns.get(name),
    sqlColumns: (name) => columns.getText(name),
    definition: (name) => graph.unitQuery(unitOf(models, name)),
    hash: graph.hash,
    diagnostics() {
      const all = [...models.values(), ...texts.values()].flatMap((kept) => ("problems" in kept ? kept.problems : []));
      return sortDiagnostics([...all, ...columns.problems()]);
    },
  };
}

/** Seeds that can be ref()ed; the others stand for source tables. */
function bareSeeds(project: Project): readonly string[] {
  return [...project.seeds.keys()].filter((name) => !name.includes("."));
}
