/**
 * DuckDB's parse tree of a query, said so that a parser which knows less of DuckDB reads it right: relations have short
 * names, `*` is written out, and a name that is both a column and an alias is the column, as DuckDB has it.
 */
import { sameName } from "./lineage.ts";
import { settleAliases } from "./plain-alias.ts";
import { fromOf, hasColumns } from "./plain-from.ts";
import { type From, type Names, partsOf, type Pass, renamed, type Scope, type Surroundings } from "./plain-pass.ts";
import { expandStar, isStar } from "./plain-star.ts";

export interface PlainSelect {
  /** For `json_deserialize_sql`. */
  readonly tree: unknown;
  /** Name of a table in the tree -> relation. */
  readonly relations: ReadonlyMap<string, string>;
  /** Columns of subqueries and CTEs that are made of no column: `alias.column` in lower case. */
  readonly bare: ReadonlySet<string>;
  /** Aliases, in lower case, that mean one relation wherever they stand in the query. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Columns of the result that have a name. */
  readonly columns: Names | null;
  readonly doubts: readonly string[];
  /** Names that are an alias and may be a column as well: what stands for them is not known. */
  readonly unclear: readonly string[];
}

/** Parts of every table that a tree of `json_serialize_sql` names, CTEs included. */
export function tablesIn(tree: unknown): readonly (readonly string[])[] {
  if (Array.isArray(tree)) return tree.flatMap(tablesIn);
  if (typeof tree !== "object" || tree === null) return [];
  const own = "type" in tree && tree.type === "BASE_TABLE" ? [partsOf(tree)] : [];
  return [...own, ...Object.values(tree).flatMap(tablesIn)];
}

/** The one statement of a tree, made plain; `tree` is left as it is. */
export function plainSelect(tree: any, around: Surroundings): PlainSelect {
  const copy = JSON.parse(JSON.stringify(tree, plainValue));
  const pass: Pass = {
    around,
    relations: new Map(),
    bare: new Map(),
    aliases: new Map(),
    doubts: new Set(),
    unclear: new Set(),
    query: (node, scope) => ofQuery(node, scope, pass),
    subqueries: (expression, scope) => inSubqueries(expression, scope, pass),
  };
  const columns = ofQuery(copy.statements[0].node, new Map(), pass);
  const aliases = new Map([...pass.aliases].flatMap(([alias, id]) => (id === null ? [] : [[alias, id] as const])));
  return {
    tree: copy,
    relations: pass.relations,
    bare: new Set([...pass.bare].flatMap(([column, is]) => (is ? [column] : []))),
    aliases,
    columns,
    doubts: [...pass.doubts],
    unclear: [...pass.unclear],
  };
}

/** Places are 64 bits, which a number of JavaScript does not hold; DuckDB's own functions need no schema in front. */
function plainValue(key: string, value: unknown): unknown {
  if (key === "query_location") return 0;
  return key === "schema" && value === "main" ? "" : value;
}

function ofQuery(node: any, above: Scope, pass: Pass): Names | null {
  const scope = new Map(above);
  for (const { key, value } of node.cte_map.map)
    scope.set(String(key).toLowerCase(), renamed(ofQuery(value.query.node, scope, pass), value.aliases));
  for (const name of scope.keys()) pass.aliases.set(name, null);
  switch (node.type) {
    case "SELECT_NODE":
      return ofSelect(node, scope, pass);
    case "SET_OPERATION_NODE": {
      const branches: readonly any[] = node.children ?? [node.left, node.right];
      const [first = null, ...others] = branches.map((branch) => ofQuery(branch, scope, pass));
      inSubqueries(node.modifiers, scope, pass);
      // In which column of the first a branch ends up is not looked at: none of a union counts as made of nothing.
      const all = node.setop_type === "UNION_BY_NAME" ? others.reduce(byName, first) : first;
      return all === null ? null : { ...all, bare: [] };
    }
    case "RECURSIVE_CTE_NODE": {
      const left = ofQuery(node.left, scope, pass);
      const first = left === null ? null : { ...left, bare: [] };
      ofQuery(node.right, new Map([...scope, [String(node.cte_name).toLowerCase(), first]]), pass);
      return first;
    }
    default:
      pass.doubts.add(`${String(node.type)} is not read`);
      return null;
  }
}

function ofSelect(node: any, scope: Scope, pass: Pass): Names | null {
  const from = fromOf(node.from_table, scope, pass);
  const starred = node.select_list.some(isStar);
  node.select_list = node.select_list.flatMap((item: any) => (isStar(item) ? expandStar(item, from) : [item]));
  const open = node.select_list.some(isStar);
  for (const name of settleAliases(node.select_list, from.tables)) pass.unclear.add(name);
  const { select_list, where_clause, group_expressions, having, qualify, modifiers } = node;
  inSubqueries([select_list, where_clause, group_expressions, having, qualify, modifiers], scope, pass);
  const partly = starred && from.tables.some(({ columns }) => columns?.complete === false);
  const bare = node.select_list.filter((item: any) => !isStar(item) && isBare(item, from)).flatMap(nameOf);
  return {
    names: node.select_list.flatMap(nameOf),
    complete: !open && !partly,
    bare: bare.map((name: string) => name.toLowerCase()),
  };
}

/** Selects inside expressions. */
function inSubqueries(value: any, scope: Scope, pass: Pass): void {
  if (typeof value !== "object" || value === null) return;
  if (value.class === "SUBQUERY") {
    ofQuery(value.subquery.node, scope, pass);
    inSubqueries(value.child, scope, pass);
  } else for (const inner of Object.values(value)) inSubqueries(inner, scope, pass);
}

/** Is an expression made of no column, at whatever remove? */
function isBare(expression: any, from: From): boolean {
  if (!hasColumns(expression)) return true;
  if (expression.class === "SUBQUERY") return false;
  if (expression.class === "COLUMN_REF") return isBareColumn(expression.column_names, from);
  return Object.values(expression).every((inner) => isBare(inner, from));
}

function isBareColumn(parts: readonly string[], { tables }: From): boolean {
  const [name = "", table] = parts.toReversed();
  const owners = tables.filter(({ alias, columns }) =>
    table === undefined ? columns?.names.some((one) => sameName(one, name)) !== false : sameName(alias, table),
  );
  return parts.length <= 2 && owners.length === 1 && owners[0]?.columns?.bare?.includes(name.toLowerCase()) === true;
}

/** The name of an item of a SELECT; of an expression without alias, none that somebody could foresee. */
function nameOf(item: any): readonly string[] {
  if (isStar(item)) return [];
  if (item.alias !== "") return [item.alias];
  return item.class === "COLUMN_REF" ? [String(item.column_names.at(-1))] : [];
}

function byName(a: Names | null, b: Names | null): Names | null {
  if (a === null || b === null) return null;
  const more = b.names.filter((name) => !a.names.some((other) => sameName(other, name)));
  return { names: [...a.names, ...more], complete: a.complete && b.complete };
}
