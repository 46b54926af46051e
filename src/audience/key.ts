import type { Column, Dialect } from "../warehouse/warehouse.ts";

/**
 * The text of a row's key, as the ledger and the members histories store it: the type-erased canonical text of the one
 * column, or a JSON list of them for a composite key. NULL when any part is NULL.
 */
export function keySql(dialect: Dialect, alias: string, key: readonly Column[]): string {
  const texts = key.map((column) => dialect.keyText(qualified(dialect, alias, column.name), column.family));
  if (texts.length === 1) return texts[0]!;
  const someNull = texts.map((text) => `${text} IS NULL`).join(" OR ");
  return `CASE WHEN ${someNull} THEN NULL ELSE ${dialect.textsJson(texts)} END`;
}

/** `alias."column"`. */
export function qualified(dialect: Dialect, alias: string, column: string): string {
  return `${alias}.${dialect.quote(column)}`;
}

/** A query as a relation with an alias; a line comment at its end does no harm. */
export function derived(query: string, alias: string): string {
  return `(\n${query.trim().replace(/;\s*$/, "")}\n) ${alias}`;
}

const numeric: ReadonlySet<string> = new Set(["integer", "decimal", "float"]);

/** Both sides of an equality between two key columns: as they are where their families agree, else as key texts. */
export function comparable(
  dialect: Dialect,
  left: { readonly sql: string; readonly column: Column },
  right: { readonly sql: string; readonly column: Column },
): readonly [left: string, right: string] {
  const [one, other] = [left.column.family, right.column.family];
  if (one === other || (numeric.has(one) && numeric.has(other))) return [left.sql, right.sql];
  return [dialect.keyText(left.sql, one), dialect.keyText(right.sql, other)];
}

/**
 * Is the left key among the keys a query selects? One column becomes IN over an uncorrelated query, which every engine
 * runs as a hash join; several become EXISTS. The query must select `names` without NULLs.
 */
export function semiJoin(
  dialect: Dialect,
  left: readonly string[],
  query: string,
  names: readonly string[],
  alias: string,
): string {
  if (left.length === 1) return `COALESCE(${left[0]} IN (\n${query}\n), FALSE)`;
  const matches = left.map((sql, index) => `${sql} = ${qualified(dialect, alias, names[index]!)}`);
  return `EXISTS (SELECT 1 FROM ${derived(query, alias)} WHERE ${matches.join(" AND ")})`;
}
