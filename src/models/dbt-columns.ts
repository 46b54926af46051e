/** Columns of dbt's nodes without asking the warehouse: what a contract, the compiled query or catalog.json says. */
import type { DbtNode } from "../project/dbt/dbt.ts";
import { refSchema } from "../project/dbt/raw-code.ts";
import { relationKey } from "../project/dbt/relation-name.ts";
import type { Project } from "../project/project.ts";
import type { DuckDBWarehouse } from "../warehouse/duckdb.ts";
import { text } from "../warehouse/row.ts";
import { selectColumns } from "./select-columns.ts";

/** All columns of these nodes and of what their queries read; null where nobody can tell. `parser` parses, and runs nothing. */
export async function dbtColumns(
  project: Project,
  parser: Pick<DuckDBWarehouse, "rows">,
  names: Iterable<string>,
): Promise<ReadonlyMap<string, readonly string[] | null>> {
  const nodes = project.dbt?.nodes ?? new Map<string, DbtNode>();
  const byRelation = new Map<string, DbtNode>();
  for (const node of nodes.values()) {
    if (node.relation !== null) byRelation.set(relationKey(node.relation), node);
    byRelation.set(relationKey({ schema: refSchema, name: node.name }), node);
  }
  const trees = new Map<string, unknown>();
  const known = new Map<string, readonly string[] | null>();
  const wanted = [...names].flatMap((name) => nodes.get(name) ?? []);
  // Every node that a query may lead to is parsed before any is read: reading is done at once, parsing is not.
  for (const node of wanted) {
    if (node.shape.contract !== null || node.shape.sql === null || trees.has(node.name)) continue;
    const tree = await parse(parser, node.shape.sql);
    trees.set(node.name, tree);
    wanted.push(...relationsIn(tree).flatMap((key) => byRelation.get(key) ?? []));
  }
  const columnsOf = (node: DbtNode): readonly string[] | null => {
    const found = known.get(node.name);
    if (found !== undefined) return found;
    // A query that leads back to itself (an incremental model) tells nothing there.
    known.set(node.name, null);
    const columns = node.shape.contract ?? selected(node) ?? node.shape.catalog;
    known.set(node.name, columns);
    return columns;
  };
  const selected = (node: DbtNode): readonly string[] | null => {
    const columns = selectColumns(trees.get(node.name), ([name, schema, ...more]) => {
      const [table, of] = more.length > 0 ? [more[0], schema] : [schema, name];
      const other = table === undefined ? undefined : byRelation.get(relationKey({ schema: of ?? "", name: table }));
      return other === undefined ? null : columnsOf(other);
    });
    return columns === null ? null : [...columns, ...node.shape.added];
  };
  return new Map(wanted.map((node) => [node.name, columnsOf(node)]));
}

async function parse(parser: Pick<DuckDBWarehouse, "rows">, sql: string): Promise<unknown> {
  const [row] = await parser.rows(
    "SELECT json_serialize_sql(CAST(? AS VARCHAR), skip_null := true, skip_empty := true) AS tree",
    [sql],
  );
  return JSON.parse(text(row, "tree"));
}

/** Keys of the qualified tables that a tree names anywhere. */
function relationsIn(tree: unknown): readonly string[] {
  if (Array.isArray(tree)) return tree.flatMap(relationsIn);
  if (typeof tree !== "object" || tree === null) return [];
  const { type, schema_name: schema, table_name: name } = tree as Record<string, unknown>;
  const own = type === "BASE_TABLE" && typeof schema === "string" && typeof name === "string";
  return [...(own ? [relationKey({ schema, name })] : []), ...Object.values(tree).flatMap(relationsIn)];
}
