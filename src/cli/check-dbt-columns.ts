/** Columns that audiences and syncs use, against those that dbt's artifacts tell: what `validate` can say without the warehouse. */
import type { Diagnostic } from "../core.ts";
import { dbtColumns } from "../models/dbt-columns.ts";
import { checkColumns } from "../project/check-columns.ts";
import { sortDiagnostics } from "../project/sort-diagnostics.ts";
import type { Project } from "../project/project.ts";
import { openDuckDB } from "../warehouse/duckdb.ts";
import { span } from "./figures.ts";

/** E204 for a column that a node of dbt does not have; W251 where dbt does not list it and nobody knows all of them. */
export async function checkDbtColumns(project: Project, now: number): Promise<readonly Diagnostic[]> {
  const names = [...project.models.values()].flatMap(({ name, dbt }) => (dbt === undefined ? [] : [name]));
  const generatedAt = project.dbt?.generatedAt ?? null;
  if (names.length === 0 || generatedAt === null) return [];
  const parser = await openDuckDB();
  try {
    const known = await dbtColumns(project, parser, names);
    const origin = (count: number): string => `${count} columns from dbt's manifest, ${span(now - generatedAt)} old`;
    const gone = checkColumns(
      project,
      (model) => known.get(model) ?? null,
      (columns) => origin(columns.length),
    );
    const listed = checkColumns(project, (model) => {
      const columns = project.models.get(model)?.dbt?.columns ?? [];
      return known.get(model) || columns.length === 0 ? null : columns.map(({ name }) => name);
    });
    return sortDiagnostics([...gone, ...listed.map(unlisted)]);
  } finally {
    await parser.close();
  }
}

function unlisted({ message, at }: Diagnostic): Diagnostic {
  return {
    code: "W251",
    severity: "warning",
    message: `${message} that dbt lists`,
    ...(at === undefined ? {} : { at }),
    hint: "list it in dbt's YAML, or let the warehouse be asked: millrace validate --online",
  };
}
