import { createHash } from "node:crypto";
import type { Diagnostic } from "../core.ts";
import { exitCodes, failure, MillraceError } from "../errors.ts";
import { templateOf } from "../project/graph.ts";
import type { Project } from "../project/project.ts";
import { duckdbDialect } from "../warehouse/duckdb-dialect.ts";
import { errorPosition, firstLine } from "../warehouse/duckdb-error.ts";
import type { DuckDBWarehouse } from "../warehouse/duckdb.ts";
import type { Column } from "../warehouse/warehouse.ts";
import { checkReadOnly } from "./read-only.ts";
import { render, type Rendered } from "./rendered.ts";
import { aliasOf, resolversFor, type Naming, type Reads } from "./resolve.ts";

export interface CompilerOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A query of the keys of a segment or audience; given by the audience layer. Without it a ref to one is E207. */
  readonly keysOf?: (name: string) => string;
  /** Table models as last built: name -> definition hash. They are read as built while the hash is today's (decision 1). */
  readonly built?: ReadonlyMap<string, string>;
}

/** Where compiled SQL runs: a session, or anything that can name relations. */
export interface CompileTarget extends Omit<Naming, "project" | "env"> {
  readonly warehouse: DuckDBWarehouse;
}

/** Models, seeds, segments and audiences as SQL. All text was seen by DuckDB's parser before any of it is given out. */
export interface Compiler {
  /**
   * A self-contained SELECT of all rows: of a model or seed, or of the keys of a segment or audience. Throws the
   * diagnostics of the file and of everything above it: E201–E207 words, E203 cycle, E702 syntax, E703 and E704 what SQL may not do.
   */
  query(name: string): string;
  /** A self-contained SELECT of the `sql:` file of a segment or audience. */
  sqlQuery(name: string): string;
  /** As `query`, of any other SQL text of the project: custom tests. Checked like a model's. */
  textQuery(file: string, sql: string): Promise<string>;
  /** Finds the columns of these (default: all models), with everything above them; problems are kept for `columns` to throw. */
  prepare(names?: readonly string[]): Promise<void>;
  /** Columns after `prepare`; E702 with the place in the .sql file when the SQL does not run. */
  columns(name: string): readonly Column[];
  sqlColumns(name: string): readonly Column[];
  /** The SELECT that builds a model, though it may be built already. */
  definition(model: string): string;
  /** Digest of a model's SQL and of all models it reads, as compiled today. */
  hash(model: string): string;
  /** Every problem found so far, sorted by file and line. */
  diagnostics(): readonly Diagnostic[];
}

/** One SQL file: a model, or the `sql:` of a segment or audience. */
interface Unit {
  readonly name: string;
  readonly file: string;
  readonly rendered: Rendered;
  /** Direct reads by ref. */
  readonly names: ReadonlySet<string>;
  readonly relations: ReadonlySet<string>;
}

type Kept = { readonly unit: Unit } | { readonly problems: readonly Diagnostic[] };

/** Renders every SQL file of the project and has DuckDB's parser look at it; nothing is run. */
export async function createCompiler(
  project: Project,
  target: CompileTarget,
  options: CompilerOptions = {},
): Promise<Compiler> {
  const naming: Naming = {
    project,
    env: options.env ?? {},
    modelSchema: target.modelSchema,
    relationOf: (what) => target.relationOf(what),
  };
  const models = new Map<string, Kept>();
  for (const { name, sqlFile, sql } of project.models.values())
    models.set(name, renderUnit(naming, name, sqlFile, sql, name));
  const texts = new Map<string, Kept>();
  for (const { name, spec, file } of [...project.segments.values(), ...project.audiences.values()]) {
    if (spec.sqlText !== undefined) texts.set(name, renderUnit(naming, name, spec.sqlFile ?? file, spec.sqlText, null));
  }
  await refuse(target.warehouse, models);
  await refuse(target.warehouse, texts);
  return compilerOf({ project, naming, target, options, models, texts });
}

interface Parts {
  readonly project: Project;
  readonly naming: Naming;
  readonly target: CompileTarget;
  readonly options: CompilerOptions;
  readonly models: ReadonlyMap<string, Kept>;
  readonly texts: ReadonlyMap<string, Kept>;
}

function renderUnit(naming: Naming, name: string, file: string, sql: string, self: string | null): Kept {
  const template = templateOf(sql);
  const [problem] = template.problems;
  if (problem !== undefined) {
    const { message, hint, line, column, length } = problem;
    return {
      problems: [
        {
          code: "E204",
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

/** Replaces units that DuckDB's parser or our list refuses by their problems. */
async function refuse(warehouse: DuckDBWarehouse, kept: Map<string, Kept>): Promise<void> {
  const units = [...kept.values()].flatMap((each) => ("unit" in each ? [each.unit] : []));
  const problems = await checkReadOnly(warehouse, units);
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
      await refuse(target.warehouse, kept);
      return graph.unitQuery(unitOf(kept, file));
    },
    async prepare(names = [...project.models.keys()]) {
      for (const name of names) await columns.find(name);
    },
    columns: (name) => columns.get(name),
    sqlColumns: (name) => columns.getText(name),
    definition: (name) => graph.unitQuery(unitOf(models, name)),
    hash: graph.hash,
    diagnostics() {
      const all = [...models.values(), ...texts.values()].flatMap((kept) => ("problems" in kept ? kept.problems : []));
      return [...all, ...columns.problems()].sort(byPlace);
    },
  };
}

function unitOf(kept: ReadonlyMap<string, Kept>, name: string): Unit {
  const found = kept.get(name);
  if (found === undefined) throw failure("E201", `there is no SQL of "${name}"`);
  if ("problems" in found) throw new MillraceError(exitCodes.failed, found.problems);
  return found.unit;
}

interface Graph {
  query(name: string): string;
  unitQuery(unit: Unit): string;
  hash(model: string): string;
  /** The body of the CTE of a ref, and the refs it reads itself. */
  body(name: string): { readonly sql: string; readonly reads: ReadonlySet<string>; readonly inline: boolean };
}

function createGraph({ project, target, options, models }: Parts): Graph {
  const hashes = new Map<string, string>();
  // Names being compiled, outermost first: audiences come back through keysOf, so the trail lives across calls.
  const trail: string[] = [];
  const within = <T>(name: string, work: () => T): T => {
    if (trail.includes(name)) throw cycle(project, [...trail.slice(trail.indexOf(name)), name]);
    trail.push(name);
    try {
      return work();
    } finally {
      trail.pop();
    }
  };
  const hash = (name: string): string => {
    const known = hashes.get(name);
    if (known !== undefined) return known;
    const value = within(name, () => {
      const unit = unitOf(models, name);
      const above = [...unit.names].map((each) => (project.models.has(each) ? hash(each) : digest(keys(each))));
      return digest([unit.rendered.sql, ...above].join("\0"));
    });
    hashes.set(name, value);
    return value;
  };
  const keys = (name: string): string => {
    if (options.keysOf === undefined) throw failure("E207", `the keys of "${name}" are not known here`);
    return options.keysOf(name);
  };
  const body = (name: string): ReturnType<Graph["body"]> => {
    const model = project.models.get(name);
    if (model === undefined) return { sql: keys(name), reads: new Set(), inline: false };
    if (model.spec.materialize === "table" && options.built?.get(name) === hash(name)) {
      return {
        sql: `SELECT * FROM ${target.modelSchema}.${duckdbDialect.quote(name)}`,
        reads: new Set(),
        inline: true,
      };
    }
    const unit = unitOf(models, name);
    return { sql: unit.rendered.sql, reads: unit.names, inline: model.spec.materialize === "inline" };
  };
  /** CTEs of everything above, parents first. */
  const collect = (names: Iterable<string>, into: Map<string, string>): void => {
    for (const name of names) {
      if (into.has(name)) continue;
      within(name, () => {
        const { sql, reads, inline } = body(name);
        collect(reads, into);
        into.set(name, `${aliasOf(name)} AS ${inline ? "NOT MATERIALIZED " : ""}(\n${bare(sql)}\n)`);
      });
    }
  };
  const unitQuery = (unit: Unit): string =>
    within(unit.name, () => {
      const ctes = new Map<string, string>();
      collect(unit.names, ctes);
      // In parentheses: the text may begin with a WITH of its own and end in a comment.
      const above = ctes.size === 0 ? "" : `WITH ${[...ctes.values()].join(",\n")}\n`;
      return `${above}SELECT * FROM (\n${bare(unit.rendered.sql)}\n)`;
    });
  const query = (name: string): string => {
    const model = project.models.get(name);
    if (model !== undefined) {
      if (model.spec.materialize === "table" && options.built?.get(name) === hash(name)) return body(name).sql;
      return unitQuery(unitOf(models, name));
    }
    if (project.seeds.has(name)) return `SELECT * FROM ${target.relationOf({ seed: name })}`;
    if (project.segments.has(name) || project.audiences.has(name)) return within(name, () => keys(name));
    throw failure("E201", `there is no model, seed, segment or audience "${name}"`);
  };
  return { query, unitQuery, hash, body };
}

function cycle(project: Project, names: readonly string[]): MillraceError {
  const [first = ""] = names;
  const model = project.models.get(first);
  const at =
    model === undefined
      ? (project.segments.get(first) ?? project.audiences.get(first))?.at()
      : { file: model.sqlFile, line: 1, column: 1 };
  return failure("E203", `these read each other in a circle: ${names.join(" -> ")}`, at === undefined ? {} : { at });
}

/** Without the semicolon at its end: the text will stand in parentheses. */
function bare(sql: string): string {
  return sql.replace(/;\s*$/, "");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (
    (a.at?.file ?? "").localeCompare(b.at?.file ?? "") ||
    (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
    (a.at?.column ?? 0) - (b.at?.column ?? 0)
  );
}

type Described = { readonly columns: readonly Column[] } | { readonly error: MillraceError };

interface Columns {
  find(name: string): Promise<Described>;
  get(name: string): readonly Column[];
  getText(name: string): readonly Column[];
  problems(): readonly Diagnostic[];
}

/** Columns by asking DuckDB, each file once and alone: what it reads is replaced by typed stubs, so an error is its own. */
function createColumns({ project, target, models, texts }: Parts, graph: Graph): Columns {
  const found = new Map<string, Promise<Described>>();
  const settled = new Map<string, Described>();
  const once = (key: string, work: () => Promise<readonly Column[]>): Promise<Described> => {
    const known = found.get(key);
    if (known !== undefined) return known;
    const started = work().then(
      (columns): Described => ({ columns }),
      (error: unknown): Described => {
        if (error instanceof MillraceError) return { error };
        throw error;
      },
    );
    found.set(key, started);
    return started.then((described) => {
      settled.set(key, described);
      return described;
    });
  };
  const find = (name: string): Promise<Described> =>
    once(name, async () => {
      if (!project.models.has(name)) return target.warehouse.describe(graph.query(name));
      // Also finds cycles, which would otherwise wait for themselves.
      graph.query(name);
      return describeUnit(unitOf(models, name));
    });
  const describeUnit = async (unit: Unit): Promise<readonly Column[]> => {
    const stubs: string[] = [];
    for (const name of unit.names) {
      const described = await find(name);
      if ("error" in described) throw described.error;
      const columns = described.columns.map(
        (column) => `CAST(NULL AS ${column.type}) AS ${duckdbDialect.quote(column.name)}`,
      );
      stubs.push(`${aliasOf(name)} AS (SELECT ${columns.join(", ")})`);
    }
    const before = `${stubs.length === 0 ? "" : `WITH ${stubs.join(", ")} `}SELECT * FROM (`;
    const sql = `${before.replaceAll("\n", " ")}\n${bare(unit.rendered.sql)}\n)`;
    try {
      return await target.warehouse.describe(sql);
    } catch (error) {
      throw atPlace(error, unit, sql);
    }
  };
  const settledColumns = (key: string): readonly Column[] => {
    const described = settled.get(key);
    if (described === undefined) throw new Error(`columns of ${key} were not prepared`);
    if ("error" in described) throw described.error;
    return described.columns;
  };
  return {
    async find(name) {
      if (texts.has(name)) await once(`sql:${name}`, () => describeUnit(unitOf(texts, name)));
      return find(name);
    },
    get: settledColumns,
    getText: (name) => settledColumns(`sql:${name}`),
    problems: () =>
      [...settled.values()].flatMap((described) => ("error" in described ? described.error.diagnostics : [])),
  };
}

/** DuckDB's error at the line and column of the file. The unit's text begins on the second line of `sql`. */
function atPlace(error: unknown, unit: Unit, sql: string): unknown {
  if (!(error instanceof MillraceError) || !(error.cause instanceof Error)) return error;
  const text = error.cause.message;
  const position = errorPosition(text, `DESCRIBE ${sql}`);
  const inside = position !== null && position.line >= 2;
  const candidates = /^Candidate bindings: (.+)$/m.exec(text)?.[1];
  return failure("E702", firstLine(text), {
    at: inside ? unit.rendered.locateLine(position.line - 1, position.column) : unit.rendered.locate(0),
    ...(candidates === undefined ? {} : { hint: `there is: ${candidates.slice(0, 200)}` }),
    cause: error,
  });
}
