/** The columns of a SELECT by reading it, not by running it: DuckDB's own parse tree, without any table. */

/** Columns of what a query reads, by its parts; null when nobody knows them. */
export type ColumnsOfTable = (parts: readonly string[]) => readonly string[] | null;

type Names = readonly string[] | null;
type Scope = ReadonlyMap<string, Names>;

/** Names of the columns of a tree of `json_serialize_sql`; null when they cannot be told: `*` of an unknown table, COLUMNS(), unnest. */
export function selectColumns(tree: any, columnsOf: ColumnsOfTable): Names {
  const statements: readonly any[] = tree?.error === false ? (tree.statements ?? []) : [];
  return statements.length === 1 ? ofQuery(statements[0].node, new Map(), columnsOf) : null;
}

function ofQuery(node: any, above: Scope, columnsOf: ColumnsOfTable): Names {
  const scope = new Map(above);
  for (const { key, value } of node?.cte_map?.map ?? [])
    scope.set(String(key).toLowerCase(), renamed(ofQuery(value.query?.node, scope, columnsOf), value.aliases));
  switch (node?.type) {
    case "SELECT_NODE":
      return concat((node.select_list ?? []).map((item: any) => ofItem(item, node.from_table, scope, columnsOf)));
    case "SET_OPERATION_NODE": {
      const left = ofQuery(node.left ?? node.children?.[0], scope, columnsOf);
      // BY NAME adds the columns of the other side.
      return node.setop_type === "UNION_BY_NAME" ? concat([left, ofQuery(node.right, scope, columnsOf)]) : left;
    }
    case "RECURSIVE_CTE_NODE":
      return ofQuery(node.left, scope, columnsOf);
    default:
      return null;
  }
}

function ofItem(item: any, from: any, scope: Scope, columnsOf: ColumnsOfTable): Names {
  if (item.class === "STAR") return ofStar(item, from, scope, columnsOf);
  if (item.class === "FUNCTION" && item.function_name === "unnest") return null;
  if (typeof item.alias === "string" && item.alias !== "") return [item.alias];
  // An expression without a name gets one that nobody can foresee, nor use by accident.
  return item.class === "COLUMN_REF" ? [String(item.column_names?.at(-1))] : [];
}

function ofStar(item: any, from: any, scope: Scope, columnsOf: ColumnsOfTable): Names {
  if (item.columns === true || item.expr !== undefined) return null;
  const table = typeof item.relation_name === "string" ? item.relation_name.toLowerCase() : null;
  const found = ofTable(from, table, scope, columnsOf);
  if (found === null || found === "other") return null;
  const out = new Set<string>((item.exclude_list ?? []).map(nameOf));
  const renames = new Map<string, string>(
    (item.rename_list ?? []).map(({ key, value }: any) => [nameOf(key), String(value)]),
  );
  return found.filter((name) => !out.has(name.toLowerCase())).map((name) => renames.get(name.toLowerCase()) ?? name);
}

const nameOf = (key: any): string => String(typeof key === "string" ? key : key?.column).toLowerCase();

/** Columns of a FROM; with `wanted` of the table of that name in it, "other" when it is not there. */
function ofTable(from: any, wanted: string | null, scope: Scope, columnsOf: ColumnsOfTable): Names | "other" {
  if (from?.type === "JOIN") {
    const left = ofTable(from.left, wanted, scope, columnsOf);
    const right = ofTable(from.right, wanted, scope, columnsOf);
    if (wanted !== null) return left === "other" ? right : left;
    if (left === "other" || right === "other") return null;
    // A semi or anti join gives the rows of its left side.
    return from.join_type === "SEMI" || from.join_type === "ANTI" ? left : concat([left, right]);
  }
  const alias = String(from?.alias ?? from?.table_name ?? "").toLowerCase();
  if (wanted !== null && alias !== wanted) return "other";
  if (from?.type === "SUBQUERY") return renamed(ofQuery(from.subquery?.node, scope, columnsOf), from.column_name_alias);
  if (from?.type !== "BASE_TABLE") return null;
  const parts = [from.catalog_name, from.schema_name, from.table_name].filter(
    (part) => part !== undefined && part !== "",
  );
  const local = parts.length === 1 ? scope.get(String(parts[0]).toLowerCase()) : undefined;
  return renamed(local === undefined ? columnsOf(parts.map(String)) : local, from.column_name_alias);
}

/** `b(m, n)`: the first columns get these names. */
function renamed(names: Names, aliases: readonly string[] | undefined): Names {
  if (aliases === undefined || aliases.length === 0) return names;
  return names === null ? null : [...aliases, ...names.slice(aliases.length)];
}

const concat = (lists: readonly Names[]): Names =>
  lists.some((list) => list === null) ? null : lists.flatMap((list) => list ?? []);
