import { sameName } from "./lineage.ts";
import { type From, type Names, partsOf, type Pass, renamed, type Scope } from "./plain-pass.ts";
import { isStar } from "./plain-star.ts";

/** The tables of a FROM, made plain. */
export function fromOf(from: any, scope: Scope, pass: Pass): From {
  const table = (columns: Names | null): From => {
    const named = renamed(columns, from.column_name_alias);
    noteBare(from.alias, named, pass);
    return { tables: [{ alias: from.alias, columns: named }], using: [] };
  };
  switch (from.type) {
    case "EMPTY":
      return { tables: [], using: [] };
    case "JOIN":
      return joined(from, scope, pass);
    case "BASE_TABLE": {
      const parts = partsOf(from);
      const local = parts.length === 1 ? scope.get(from.table_name.toLowerCase()) : undefined;
      from.alias ||= from.table_name;
      const columns = local === undefined ? ofRelation(from, parts, pass) : local;
      note(from.alias, local === undefined ? (pass.relations.get(from.table_name) ?? null) : null, pass);
      return table(columns);
    }
    case "SUBQUERY": {
      const inner = from.subquery.node;
      from.alias ||= `unnamed_${pass.aliases.size}`;
      note(from.alias, null, pass);
      if (inner.from_table?.type === "EXPRESSION_LIST" && !hasColumns(inner)) {
        const rows = constants(from.column_name_alias);
        noteBare(inner.from_table.alias, rows, pass);
        return table(rows);
      }
      const result = table(pass.query(inner, scope));
      nameColumns(from, inner);
      return result;
    }
    case "TABLE_FUNCTION":
      note(from.alias, null, pass);
      pass.subqueries(from.function, scope);
      if (from.column_name_alias.length === 0) return table(null);
      return table({ ...constants(from.column_name_alias), ...(hasColumns(from.function) && { bare: [] }) });
    case "EXPRESSION_LIST":
      return table(null);
    default:
      pass.doubts.add(`${String(from.type)} is not read`);
      return table(null);
  }
}

/** An alias that means another thing elsewhere in the query tells nothing by itself. */
function note(alias: string, relation: string | null, { aliases }: Pass): void {
  const key = alias.toLowerCase();
  aliases.set(key, !aliases.has(key) || aliases.get(key) === relation ? relation : null);
}

/** Columns of a VALUES list, or of a function of constants. */
function constants(names: readonly string[]): Names {
  return { names, complete: true, bare: names.map((name) => name.toLowerCase()) };
}

function noteBare(alias: string, columns: Names | null, { bare }: Pass): void {
  for (const name of columns?.names ?? []) {
    const key = `${alias}.${name}`.toLowerCase();
    bare.set(key, columns?.bare?.includes(name.toLowerCase()) === true && bare.get(key) !== false);
  }
}

function joined(from: any, scope: Scope, pass: Pass): From {
  const left = fromOf(from.left, scope, pass);
  const right = fromOf(from.right, scope, pass);
  pass.subqueries(from.condition, scope);
  // A semi or anti join gives the rows of its left side.
  if (from.join_type === "SEMI" || from.join_type === "ANTI") return left;
  const known = (side: From): readonly string[] => side.tables.flatMap(({ columns }) => columns?.names ?? []);
  const shared =
    from.ref_type === "NATURAL"
      ? known(left).filter((name) => known(right).some((other) => sameName(other, name)))
      : [];
  return {
    tables: [...left.tables, ...right.tables],
    using: [...left.using, ...right.using, ...from.using_columns, ...shared],
  };
}

function ofRelation(from: any, parts: readonly string[], pass: Pass): Names | null {
  const relation = pass.around.relationOf(parts);
  if (relation === null) {
    pass.doubts.add(`${parts.join(".")} is no relation of the project`);
    return null;
  }
  const short = [...pass.relations].find(([, id]) => id === relation)?.[0] ?? `r${pass.relations.size}`;
  pass.relations.set(short, relation);
  Object.assign(from, { catalog_name: "", schema_name: "", table_name: short });
  return pass.around.columnsOf(relation);
}

/** `(SELECT id, email …) t(x, y)` as `(SELECT id AS x, email AS y …) t`. */
function nameColumns(from: any, inner: any): void {
  if (inner.type !== "SELECT_NODE" || inner.select_list.some(isStar)) return;
  for (const [index, name] of from.column_name_alias.entries())
    if (inner.select_list[index] !== undefined) inner.select_list[index].alias = name;
  from.column_name_alias = [];
}

/** Does an expression name any column? */
export function hasColumns(value: any): boolean {
  if (typeof value !== "object" || value === null) return false;
  return value.class === "COLUMN_REF" || Object.values(value).some(hasColumns);
}
