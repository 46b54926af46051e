import type { Diagnostic } from "../core.ts";
import { exitCodes, failure, MillraceError } from "../errors.ts";
import type { LibraryUse, Relation } from "../project/project.ts";
import { errorPosition, firstLine } from "../warehouse/duckdb-error.ts";
import type { Column } from "../warehouse/warehouse.ts";
import type { Graph } from "./compile-graph.ts";
import { judgeColumns, type Asked } from "./library-columns.ts";
import { aliasOf, sourceKey } from "./resolve.ts";
import { bare, unitOf, type Parts, type Unit } from "./unit.ts";

type Described = { readonly columns: readonly Column[] } | { readonly error: MillraceError };

/** Columns of models and of `sql:` files, found once. */
export interface Columns {
  find(name: string): Promise<Described>;
  get(name: string): readonly Column[];
  getText(name: string): readonly Column[];
  problems(): readonly Diagnostic[];
}

/** Columns by asking the warehouse, each file once and alone: what it reads is replaced by typed stubs, so an error is its own. */
export function createColumns({ project, target, options, models, texts, dependencies }: Parts, graph: Graph): Columns {
  const { dialect } = target.warehouse;
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
      if (options.given?.has(name) === true) return target.warehouse.describe(graph.body(name).sql);
      if (project.models.has(name)) {
        // Finds circles first: they would wait for themselves.
        graph.query(name);
        await checkNamed(project.models.get(name)?.library);
        return describeUnit(unitOf(models, name));
      }
      if (!project.seeds.has(name)) await prepareAbove(name);
      return target.warehouse.describe(graph.query(name));
    });
  /** The audience layer asks for columns of all that a segment or audience reads while it writes its query. */
  const prepareAbove = async (name: string): Promise<void> => {
    const id = `${project.segments.has(name) ? "segment" : "audience"}:${name}`;
    const ids = dependencies.order.filter((each) => each === id || dependencies.upstream(id).has(each));
    for (const each of ids) {
      const above = each.slice(each.indexOf(":") + 1);
      if (texts.has(above)) await findText(above);
      else if (each.startsWith("model:") || each.startsWith("seed:")) await find(above);
    }
  };
  /** The columns that a library call names, each in the relation it is named of. */
  const checkNamed = async (library: LibraryUse | undefined): Promise<void> => {
    const asked: Asked[] = [];
    for (const named of library?.columns ?? []) {
      const described = await relationColumns(named.of);
      if ("error" in described) throw described.error;
      asked.push({ named, columns: described.columns });
    }
    const problems = judgeColumns(asked);
    if (problems.length > 0) throw new MillraceError(exitCodes.failed, problems);
  };
  const relationColumns = (of: Relation): Promise<Described> => {
    if ("ref" in of) return find(of.ref);
    const key = sourceKey(of.source, of.table);
    return options.given?.has(key) === true
      ? find(key)
      : once(key, () => target.warehouse.describe(`SELECT * FROM ${target.relationOf(of)}`));
  };
  const findText = (name: string): Promise<Described> => once(`sql:${name}`, () => describeUnit(unitOf(texts, name)));
  const describeUnit = async (unit: Unit): Promise<readonly Column[]> => {
    const stubs: string[] = [];
    for (const name of unit.names) {
      const described = await find(name);
      if ("error" in described) throw described.error;
      const columns = described.columns.map(
        (column) => `CAST(NULL AS ${column.type}) AS ${dialect.quote(column.name)}`,
      );
      stubs.push(`${aliasOf(dialect, name)} AS (SELECT ${columns.join(", ")})`);
    }
    const before = `${stubs.length === 0 ? "" : `WITH ${stubs.join(", ")} `}SELECT * FROM (`;
    const sql = `${before.replaceAll("\n", " ")}\n${bare(unit.rendered.sql)}\n)`;
    try {
      return await target.warehouse.describe(sql);
    } catch (error) {
      throw atPlace(error, unit, sql, project.models.get(unit.name)?.library);
    }
  };
  const settledColumns = (key: string): readonly Column[] => {
    const described = settled.get(key);
    if (described === undefined) throw new Error(`columns of ${key} were not prepared`);
    if ("error" in described) throw described.error;
    return described.columns;
  };
  return {
    find: (name) => (texts.has(name) ? findText(name) : find(name)),
    get: settledColumns,
    getText: (name) => settledColumns(`sql:${name}`),
    problems: () =>
      [...settled.values()].flatMap((described) => ("error" in described ? described.error.diagnostics : [])),
  };
}

/** DuckDB's error at the line and column of the file. The unit's text begins on the second line of `sql`. */
function atPlace(error: unknown, unit: Unit, sql: string, library?: LibraryUse): unknown {
  if (!(error instanceof MillraceError) || !(error.cause instanceof Error)) return error;
  const text = error.cause.message;
  const position = errorPosition(text, `DESCRIBE ${sql}`);
  const inside = position !== null && position.line >= 2;
  const candidates = /^Candidate bindings: (.+)$/m.exec(text)?.[1];
  return failure("E702", `${library === undefined ? "" : `millrace.${library.model}: `}${firstLine(text)}`, {
    at: inside ? unit.rendered.locateLine(position.line - 1, position.column) : unit.rendered.locate(0),
    ...(candidates === undefined ? {} : { hint: `there is: ${candidates.slice(0, 200)}` }),
    cause: error,
  });
}
