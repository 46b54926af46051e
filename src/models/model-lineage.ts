/** Lineage of sources, seeds and models, read from files alone: nothing is run, and no data is needed. */
import { MillraceError } from "../errors.ts";
import type { DbtNode } from "../project/dbt/dbt.ts";
import { templateOf } from "../project/graph.ts";
import type { Project } from "../project/project.ts";
import type { DuckDBWarehouse } from "../warehouse/duckdb.ts";
import { text } from "../warehouse/row.ts";
import { lineageNaming, relationOfDbt, relationOfText, type RelationOf } from "./lineage-relations.ts";
import { columnOf, type QueryLineage, type RelationLineage, unknownQuery } from "./lineage.ts";
import type { Names } from "./plain-pass.ts";
import { plainSelect, tablesIn } from "./plain-select.ts";
import { loadSdk, queryLineage } from "./query-lineage.ts";
import { render } from "./rendered.ts";
import { resolversFor } from "./resolve.ts";
import { listedColumns, seedColumns, sourceColumns } from "./source-columns.ts";

export interface LineageOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Segments and audiences, which SQL may ref(). */
  other(id: string): Promise<RelationLineage>;
}

export interface ModelLineage {
  /** Of `source:shop.orders`, `seed:countries`, `model:customers`; of another by `other`. */
  relation(id: string): Promise<RelationLineage>;
  /** Of the `sql:` file of a segment or audience. */
  query(id: string, file: string, sql: string): Promise<QueryLineage>;
}

/** `parser` parses queries and describes files. Each relation is read once. E709 when the SDK is not installed. */
export async function createModelLineage(
  project: Project,
  parser: DuckDBWarehouse,
  { env, other }: LineageOptions,
): Promise<ModelLineage> {
  const sdk = await loadSdk();
  const naming = lineageNaming(project, env);
  const found = new Map<string, Promise<RelationLineage>>();
  const ofText = relationOfText(project);
  const ofDbt = relationOfDbt(project);

  const relation = (id: string): Promise<RelationLineage> => {
    const known = found.get(id);
    if (known !== undefined) return known;
    const started = readRelation(id);
    found.set(id, started);
    return started;
  };

  async function readRelation(id: string): Promise<RelationLineage> {
    const kind = id.slice(0, id.indexOf(":"));
    const name = id.slice(kind.length + 1);
    if (kind === "source") {
      const [source = "", table = ""] = name.split(".");
      return leaf(id, await sourceColumns(project, parser, source, table));
    }
    const seed = project.seeds.get(kind === "seed" ? name : `dbt.${name}`);
    if (kind !== "seed" && kind !== "model") return other(id);
    if (seed !== undefined) return leaf(id, await seedColumns(project, parser, seed));
    const model = project.models.get(name);
    const node = model?.dbt ?? project.dbt?.nodes.get(name);
    const at = node === undefined || model?.file !== project.dbt?.manifest ? model?.at() : project.dbt?.at;
    if (node !== undefined) return { ...(await readNode(id, node)), at: at ?? null };
    if (model === undefined) return leaf(id, null);
    return { id, made: true, at: at ?? null, ...(await readText(id, model.sqlFile, model.sql, name)) };
  }

  /** dbt knows more columns than its query tells: of a contract, of the catalog, those that somebody listed. */
  async function readNode(id: string, node: DbtNode): Promise<RelationLineage> {
    const { contract, sql, added, catalog } = node.shape;
    const read = sql === null ? unknownQuery : await unlessRefused(() => readQuery(id, sql, ofDbt));
    const all = contract ?? (read.complete ? [...read.columns.map(({ name }) => name), ...added] : catalog);
    const names = all ?? [...read.columns.map(({ name }) => name), ...(listedColumns(node.columns)?.names ?? [])];
    const isLeaf = node.kind === "seed";
    const lineage: RelationLineage = { ...read, id, made: !isLeaf, at: null };
    const columns = [...new Map(names.map((name) => [name.toLowerCase(), name])).values()].map(
      (name) => columnOf(lineage, name) ?? { name, inputs: isLeaf ? [] : null, how: null },
    );
    const doubts = sql === null && !isLeaf ? ["dbt has not compiled it, and it cannot be read without Jinja"] : [];
    return { ...lineage, columns, complete: all !== null, doubts: [...read.doubts, ...doubts] };
  }

  async function readText(id: string, file: string, sql: string, self: string | null): Promise<QueryLineage> {
    const template = templateOf(sql);
    if (template.problems.length > 0) return { ...unknownQuery, doubts: ["its template has errors"] };
    const reads = { names: new Set<string>(), relations: new Set<string>() };
    return unlessRefused(() => {
      const { sql: rendered } = render(file, sql, template, resolversFor(naming, file, self, reads));
      return readQuery(id, rendered, ofText);
    });
  }

  async function readQuery(self: string, sql: string, relationOf: RelationOf): Promise<QueryLineage> {
    const tree = JSON.parse(await said("SELECT json_serialize_sql(CAST(? AS VARCHAR)) AS said", sql));
    if (tree.error === true || tree.statements.length !== 1)
      return { ...unknownQuery, doubts: [`DuckDB does not parse it: ${tree.error_message ?? "not one statement"}`] };
    const read = new Map<string, Names | null>([[self, null]]);
    for (const id of tablesIn(tree).map(relationOf))
      if (id !== null && !read.has(id)) read.set(id, namesOf(await relation(id)));
    const columnsOf = (id: string): Names | null => read.get(id) ?? null;
    const plain = plainSelect(tree, { relationOf, columnsOf });
    const plainSql = await said("SELECT json_deserialize_sql(CAST(? AS JSON)) AS said", JSON.stringify(plain.tree));
    return queryLineage(sdk, { sql: plainSql, plain, columnsOf });
  }

  const said = async (statement: string, value: string): Promise<string> => {
    const [row] = await parser.rows(statement, [value]);
    return text(row, "said");
  };

  return { relation, query: (id, file, sql) => readText(id, file, sql, null) };
}

/** What a query cannot be rendered or read for stands among its doubts. */
async function unlessRefused(read: () => Promise<QueryLineage>): Promise<QueryLineage> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { ...unknownQuery, doubts: error.diagnostics.map(({ message }) => message) };
  }
}

/** What no query here makes. */
function leaf(id: string, columns: Names | null): RelationLineage {
  const names = columns?.names ?? [];
  return {
    ...unknownQuery,
    id,
    columns: names.map((name) => ({ name, inputs: [], how: null })),
    made: false,
    complete: columns?.complete === true,
    at: null,
  };
}

function namesOf({ columns, complete }: RelationLineage): Names | null {
  return columns.length === 0 && !complete ? null : { names: columns.map(({ name }) => name), complete };
}
