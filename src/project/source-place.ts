import type { Project, SourceSpec } from "./project.ts";

/** The schema where a source's tables are: what it says, else the `dataset` of the environment's BigQuery, else its name. */
export function schemaOfSource(
  { environment: { warehouse } }: Pick<Project, "environment">,
  { name, schema }: SourceSpec,
): string {
  return schema ?? (warehouse.type === "bigquery" ? warehouse.dataset : undefined) ?? name;
}
