/** Aliases that later items of the same SELECT may use: DuckDB takes a column of that name first, others the alias. */
import { sameName } from "./lineage.ts";
import type { Table } from "./plain-pass.ts";

/** Qualifies what is a column; gives the names of which nobody can tell what they are. */
export function settleAliases(items: readonly any[], tables: readonly Table[]): readonly string[] {
  const unclear: string[] = [];
  const before = new Map<string, any>();
  for (const item of items) {
    for (const reference of bareReferences(item)) {
      const name = String(reference.column_names[0]);
      const alias = before.get(name.toLowerCase());
      if (alias === undefined) continue;
      const owners = tables.filter(({ columns }) => columns?.names.some((column) => sameName(column, name)));
      // An alias whose own expression reads the name shows that there is such a column.
      const only = tables.length === 1 && reads(alias, name) ? tables : owners;
      if (only.length === 1) reference.column_names = [only[0]!.alias, name];
      else if (only.length > 1 || tables.some(({ columns }) => columns?.complete !== true)) unclear.push(name);
    }
    if (item.alias) before.set(String(item.alias).toLowerCase(), item);
  }
  return unclear;
}

const reads = (item: any, name: string): boolean =>
  bareReferences(item).some(({ column_names }) => sameName(column_names[0], name));

/** Names without a table in front; subqueries and lambdas have names of their own. */
function bareReferences(value: any): readonly any[] {
  if (typeof value !== "object" || value === null || value.class === "SUBQUERY" || value.class === "LAMBDA") return [];
  if (value.class === "COLUMN_REF") return value.column_names.length === 1 ? [value] : [];
  return Object.values(value).flatMap(bareReferences);
}
