/** Which relation of the project a table in a query is: of SQL files as they are rendered here, of dbt's as dbt compiled it. */
import { refSchema } from "../project/dbt/raw-code.ts";
import { relationKey } from "../project/dbt/relation-name.ts";
import type { Project } from "../project/project.ts";
import { duckdbDialect } from "../warehouse/duckdb-dialect.ts";
import { resolveRef } from "../project/graph.ts";
import type { Naming } from "./resolve.ts";

/** Null for a table that is none of the project's, such as a CTE. */
export type RelationOf = (parts: readonly string[]) => string | null;

const catalogs = { source: "{{source}}", seed: "{{seed}}", own: "{{this}}" };

/** Names for rendering that {@link relationOfText} reads back. */
export function lineageNaming(project: Project, env: Naming["env"]): Naming {
  const { relation, quote } = duckdbDialect;
  return {
    project,
    env,
    given: new Set(),
    modelSchema: quote(catalogs.own),
    dialect: duckdbDialect,
    relationOf(what) {
      if ("source" in what) return relation(catalogs.source, what.source, what.table);
      return "seed" in what ? relation(catalogs.seed, what.seed) : relation(catalogs.own, what.dbt);
    },
  };
}

export const relationOfText =
  (project: Project): RelationOf =>
  ([first = "", second, third]) => {
    if (first === catalogs.source) return `source:${second}.${third}`;
    if (first === catalogs.seed) return `seed:${second}`;
    if (first === catalogs.own) return `model:${second}`;
    return first.startsWith("ref__") ? resolveRef(project, first.slice("ref__".length)) : null;
  };

/** Tables of dbt's queries: nodes and sources under the names that dbt gives to their relations. */
export function relationOfDbt({ dbt }: Project): RelationOf {
  const known = new Map<string, string>();
  for (const source of dbt?.sources.values() ?? [])
    for (const { name, relation } of source.tables) known.set(relationKey(relation), `source:${source.name}.${name}`);
  for (const { name, relation } of dbt?.nodes.values() ?? []) {
    if (relation !== null) known.set(relationKey(relation), `model:${name}`);
    known.set(relationKey({ schema: refSchema, name }), `model:${name}`);
  }
  return (parts) => {
    const [name, schema] = parts.toReversed();
    return name === undefined || schema === undefined ? null : (known.get(relationKey({ schema, name })) ?? null);
  };
}
