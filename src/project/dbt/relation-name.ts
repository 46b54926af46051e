import type { DbtRelation } from "./dbt.ts";

const part = /"((?:[^"]|"")+)"|`([^`]+)`|([\w$-]+)/y;

/** Reads `"db"."schema"."name"`, quoted as dbt's adapters do; null for what is no table: a function, one name alone. */
export function parseRelationName(text: string): DbtRelation | null {
  const names: string[] = [];
  for (let at = 0; at <= text.length; at++) {
    part.lastIndex = at;
    const match = part.exec(text);
    if (match === null) return null;
    names.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? match[3] ?? "");
    at = part.lastIndex;
    if (at < text.length && text[at] !== ".") return null;
    if (at === text.length) break;
  }
  // BigQuery quotes the whole path at once.
  const all = names.length === 1 ? (names[0] ?? "").split(".") : names;
  const [name, schema, database = null, ...more] = all.toReversed();
  return name === undefined || schema === undefined || more.length > 0 ? null : { database, schema, name };
}

/** One text for relations that DuckDB takes for the same: case does not count. */
export function relationKey({ schema, name }: Pick<DbtRelation, "schema" | "name">): string {
  return `${schema}.${name}`.toLowerCase();
}
