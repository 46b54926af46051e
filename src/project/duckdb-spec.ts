import type { DuckDBSpec, Project } from "./project.ts";

/** What the environment says of its DuckDB; nothing where its warehouse is another one. */
export function duckdbOf({ environment }: Pick<Project, "environment">): Partial<DuckDBSpec> {
  return environment.warehouse.type === "duckdb" ? environment.warehouse : {};
}
