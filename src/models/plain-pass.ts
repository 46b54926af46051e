/** What the steps share that make a query plain: names, tables, and what they find on the way. */

/** Names of columns, and whether these are all. */
export interface Names {
  readonly names: readonly string[];
  readonly complete: boolean;
  /** Those, in lower case, that are made of no column: constants, count(*). */
  readonly bare?: readonly string[];
}

/** A table of a FROM, as the rest of its query names it. */
export interface Table {
  readonly alias: string;
  /** Null: none is known. */
  readonly columns: Names | null;
}

export interface From {
  readonly tables: readonly Table[];
  /** Columns of USING, which `*` has once. */
  readonly using: readonly string[];
}

/** CTEs in reach, by name in lower case. */
export type Scope = ReadonlyMap<string, Names | null>;

export interface Surroundings {
  /** The relation that a table's parts mean; null when nobody knows it. */
  relationOf(parts: readonly string[]): string | null;
  /** Null when no column of it is known. */
  columnsOf(relation: string): Names | null;
}

export interface Pass {
  readonly around: Surroundings;
  readonly relations: Map<string, string>;
  /** Columns made of no column, as `alias.column` in lower case; false where the alias means another thing elsewhere. */
  readonly bare: Map<string, boolean>;
  /** Null: it means several things. */
  readonly aliases: Map<string, string | null>;
  readonly doubts: Set<string>;
  readonly unclear: Set<string>;
  /** Makes a query inside this one plain, and gives its columns. */
  query(node: any, scope: Scope): Names | null;
  /** The same for all queries inside of an expression. */
  subqueries(expression: any, scope: Scope): void;
}

/** `["source", "shop", "orders"]` of a table in a tree. */
export function partsOf(table: any): readonly string[] {
  return [table.catalog_name, table.schema_name, table.table_name].filter((part) => part !== undefined && part !== "");
}

/** `b(m, n)`: the first columns get these names. */
export function renamed(columns: Names | null, aliases: readonly string[] = []): Names | null {
  if (columns === null || aliases.length === 0) return columns;
  const bare = columns.names.flatMap((name, index) =>
    columns.bare?.includes(name.toLowerCase()) === true ? [(aliases[index] ?? name).toLowerCase()] : [],
  );
  return { ...columns, names: [...aliases, ...columns.names.slice(aliases.length)], bare };
}
