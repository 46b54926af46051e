/** `*` of a SELECT as the columns it stands for, with what EXCLUDE, REPLACE and RENAME make of them. */
import type { From, Table } from "./plain-pass.ts";

export const isStar = (item: any): boolean => item.class === "STAR";

/** The items that a star stands for; itself, once a table, where columns are not known. */
export function expandStar(star: any, { tables, using }: From): readonly any[] {
  // COLUMNS(…) picks by pattern.
  if (star.columns === true || star.expr !== null) return [star];
  const wanted = String(star.relation_name).toLowerCase();
  const found = wanted === "" ? tables : tables.filter(({ alias }) => alias.toLowerCase() === wanted);
  if (found.length === 0 || found.some(({ columns }) => columns === null)) return [star];
  const shared = wanted === "" ? using.map((name) => name.toLowerCase()) : [];
  const seen = new Set<string>();
  return found.flatMap((table) =>
    (table.columns?.names ?? []).flatMap((name) => {
      const once = shared.includes(name.toLowerCase());
      if (once && seen.has(name.toLowerCase())) return [];
      seen.add(name.toLowerCase());
      return excluded(star, table, name) ? [] : [itemOf(star, once ? { ...table, alias: "" } : table, name)];
    }),
  );
}

function itemOf(star: any, { alias }: Table, name: string): any {
  const is = (key: any): boolean => columnOf(key) === name.toLowerCase();
  const replaced = star.replace_list.find(({ key }: any) => is(key));
  if (replaced !== undefined) return { ...replaced.value, alias: name };
  return {
    class: "COLUMN_REF",
    type: "COLUMN_REF",
    alias: star.rename_list.find(({ key }: any) => is(key))?.value ?? "",
    query_location: 0,
    column_names: alias === "" ? [name] : [alias, name],
  };
}

function excluded(star: any, { alias }: Table, name: string): boolean {
  return [...star.exclude_list, ...star.qualified_exclude_list].some(
    (key: any) =>
      columnOf(key) === name.toLowerCase() && (!key.table || key.table.toLowerCase() === alias.toLowerCase()),
  );
}

const columnOf = (key: any): string => String(typeof key === "string" ? key : key.column).toLowerCase();
