/** Where a relation of dbt stands in a session: the user's DuckDB file is always `source` here, whatever dbt calls it. */
import { failure } from "../errors.ts";
import type { Location } from "../core.ts";
import path from "node:path";
import type { DbtRelation } from "../project/dbt/dbt.ts";
import { duckdbOf } from "../project/duckdb-spec.ts";
import { relationKey } from "../project/dbt/relation-name.ts";
import type { Project } from "../project/project.ts";
import { duckdbDialect } from "../warehouse/duckdb-dialect.ts";

/** Catalogs of a session, and of DuckDB itself. */
const taken = new Set(["source", "ledger", "seeds", "run", "memory", "system", "temp", "main"]);

/**
 * The name that dbt gives to the user's file, by which the views it built there call their tables: the file's own name
 * when dbt uses it (so dbt-duckdb names it), else the only one that dbt uses. Null when there is none, or several.
 */
export function dbtDatabase(project: Project): string | null {
  const { dbt } = project;
  const file = duckdbOf(project).path;
  if (dbt === undefined || file === undefined || file === ":memory:") return null;
  const used = new Set<string>();
  for (const { relation } of [...dbt.nodes.values(), ...[...dbt.sources.values()].flatMap(({ tables }) => tables)])
    if (relation?.database) used.add(relation.database);
  const stem = path.parse(file).name.toLowerCase();
  const [only] = used;
  return [...used].find((name) => name.toLowerCase() === stem) ?? (used.size === 1 ? (only ?? null) : null);
}

/** The alias under which the user's file is attached once more, so that views which dbt built find their tables; null when there is none to give. */
export function dbtAlias(project: Project): string | null {
  const database = dbtDatabase(project);
  return database === null || taken.has(database.toLowerCase()) ? null : database;
}

export interface Sought {
  readonly relation: DbtRelation;
  /** `dbt model "orders"`. */
  readonly what: string;
  readonly at: Location;
}

/** The relation in the user's file; E707 when it is not there, or in another database than the one this environment reads. `tables` lists the file as `schema.table`. */
export function dbtRelation(
  project: Project,
  tables: ReadonlySet<string> | null,
  { relation, what, at }: Sought,
): string {
  const { path: file } = duckdbOf(project);
  const main = dbtDatabase(project);
  const elsewhere =
    main !== null && relation.database !== null && relation.database.toLowerCase() !== main.toLowerCase();
  const key = relationKey(relation);
  const found = [...(tables ?? [])].find((name) => name.toLowerCase() === key);
  if (found !== undefined && !elsewhere) return duckdbDialect.relation("source", relation.schema, relation.name);
  const words = [relation.database, relation.schema, relation.name].filter((part) => part !== null).join(".");
  const hint =
    file === undefined || file === ":memory:"
      ? `warehouse: { path: … } of environment ${project.environment.name} names the DuckDB file that dbt builds, or seeds/ stand for it`
      : elsewhere
        ? `this environment reads "${main}" (${file}); what dbt attaches beside it is not read`
        : tables === null
          ? `there is no file ${file}: dbt build makes it`
          : `looked for ${relation.schema}.${relation.name} in ${file}: was it built by dbt, into this file?`;
  throw failure("E707", `${what} has no data in environment ${project.environment.name}: ${words} is not there`, {
    at,
    hint,
  });
}
