/** What a table of a source, or a node of dbt, is read from in a session. */
import path from "node:path";
import { failure } from "../errors.ts";
import { duckdbOf } from "../project/duckdb-spec.ts";
import type { Project } from "../project/project.ts";
import { schemaOfSource } from "../project/source-place.ts";
import type { DuckDBWarehouse } from "../warehouse/duckdb.ts";
import { dbtRelation } from "./dbt-relation.ts";
import { fileRelation } from "./files.ts";
import { seedRelation } from "./seeds.ts";

/** The seed of that name (decision 52), else what dbt built. */
export function nodeRelation(
  project: Project,
  warehouse: DuckDBWarehouse,
  tables: ReadonlySet<string> | null,
  name: string,
): string {
  if (project.seeds.has(`dbt.${name}`)) return seedRelation(warehouse, `dbt.${name}`);
  const model = project.models.get(name);
  const what = `dbt ${model?.dbt?.kind ?? "node"} "${name}"`;
  if (!model?.dbt?.relation) throw failure("E707", `${what} has no table and no seed`);
  return dbtRelation(project, tables, { relation: model.dbt.relation, what, at: model.at() });
}

/** The seed of that name, else the declared file, else the table of the user's DuckDB file (decision 8). */
export function sourceRelation(
  project: Project,
  warehouse: DuckDBWarehouse,
  tables: ReadonlySet<string> | null,
  source: string,
  table: string,
): string {
  const resource = project.sources.get(source);
  const index = resource?.spec.tables.findIndex(({ name }) => name === table) ?? -1;
  const declared = resource?.spec.tables[index];
  if (resource === undefined || declared === undefined)
    throw failure("E707", `source('${source}', '${table}') is not declared`);
  const schema = schemaOfSource(project, resource.spec);
  const name = `${schema}.${table}`;
  if (project.seeds.has(name)) return seedRelation(warehouse, name);
  if (declared.file !== undefined) return fileRelation(warehouse, source, table);
  if (declared.relation !== undefined) {
    const what = `source('${source}', '${table}') of dbt`;
    return dbtRelation(project, tables, { relation: declared.relation, what, at: resource.at() });
  }
  if (tables?.has(name) === true) return warehouse.dialect.relation("source", schema, table);
  const { path: userPath, seeds } = duckdbOf(project);
  const looked = [
    ...(seeds === undefined ? [] : [`${path.join(seeds, schema, table)}.csv, .parquet or .jsonl`]),
    ...(userPath === undefined || userPath === ":memory:"
      ? []
      : [tables === null ? `${userPath} (no such file)` : `table ${name} of ${userPath}`]),
  ];
  throw failure("E707", `source('${source}', '${table}') has no data in environment ${project.environment.name}`, {
    at: resource.at(["tables", index]),
    hint:
      looked.length === 0 ? "give the environment's warehouse a path or seeds" : `looked for ${looked.join(" and ")}`,
  });
}
