/** What a project reads and writes in its environment's warehouse: what its account must be allowed, and no more. */
import { buildGraph, templateOf } from "../project/graph.ts";
import type { BigQuerySpec, Project, SnowflakeSpec } from "../project/project.ts";
import { schemaOfSource } from "../project/source-place.ts";
import { namedDirectly } from "./named-directly.ts";

/** Project and dataset, or database and schema; unquoted. */
export type Place = readonly [top: string, schema: string];

export interface ReadTable {
  readonly parts: readonly [top: string, schema: string, table: string];
  /** Who names it: `source shop.customers`, `dbt orders`, `models/x.sql`. */
  readonly subject: string;
  readonly by: "source" | "dbt" | "sql";
}

/** A schema of millrace's own. */
export interface OwnSchema {
  readonly kind: "ledger" | "models" | "scratch";
  readonly place: Place;
  /** False: it is looked into, and nothing is made there. */
  readonly writes: boolean;
}

export interface Access {
  readonly reads: readonly ReadTable[];
  readonly own: readonly OwnSchema[];
  /** Files of SQL with a table whose name only a variable tells. */
  readonly unknown: readonly string[];
}

/** Names of the three schemas below `top`, the project or database of the environment. */
export function ownSchemas(
  { models }: Pick<Project, "models">,
  spec: BigQuerySpec | SnowflakeSpec,
  top: string,
): readonly OwnSchema[] {
  const builds = [...models.values()].some(({ spec: { materialize } }) => materialize === "table");
  return [
    { kind: "ledger", place: [top, spec.ledger_schema], writes: true },
    { kind: "models", place: [top, spec.model_schema], writes: builds },
    { kind: "scratch", place: [top, `${spec.ledger_schema}_scratch`], writes: true },
  ];
}

/** Every table that a model, segment, audience or test of the project reads, each once, in order of its name. */
export function accessOf(project: Project, spec: BigQuerySpec | SnowflakeSpec, top: string): Access {
  const found = new Map<string, ReadTable>();
  const add = (table: ReadTable): void => {
    const key = table.parts.join(".");
    if (!found.has(key)) found.set(key, table);
  };
  const graph = buildGraph(project);
  for (const { name, spec: source } of project.sources.values())
    for (const table of source.tables) {
      const used = (graph.nodes.get(`source:${name}.${table.name}`)?.children.length ?? 0) > 0;
      const aged = (table.freshness ?? source.freshness) !== undefined;
      if (!used && !aged && !readByTests(project, name, table.name)) continue;
      const { relation } = table;
      const parts =
        relation === undefined
          ? ([source.database ?? top, schemaOfSource(project, source), table.name] as const)
          : ([relation.database ?? top, relation.schema, relation.name] as const);
      add({ parts, subject: `source ${name}.${table.name}`, by: relation === undefined ? "source" : "dbt" });
    }
  for (const { name, dbt } of project.models.values())
    if (dbt?.relation)
      add({
        parts: [dbt.relation.database ?? top, dbt.relation.schema, dbt.relation.name],
        subject: `dbt ${name}`,
        by: "dbt",
      });
  const unknown: string[] = [];
  for (const { file, sql } of sqlFiles(project)) {
    const { tables, variable } = namedDirectly(sql, { folds: spec.type === "snowflake" });
    if (variable) unknown.push(file);
    for (const named of tables) {
      const [table = "", schema = "", database = top] = named.toReversed();
      add({ parts: [database, schema, table], subject: file, by: "sql" });
    }
  }
  const reads = [...found.values()].toSorted((one, other) => (one.parts.join(".") < other.parts.join(".") ? -1 : 1));
  return { reads, own: ownSchemas(project, spec, top), unknown };
}

/** All SQL that its author wrote here; what dbt has is read as a relation. */
function sqlFiles(project: Project): readonly { readonly file: string; readonly sql: string }[] {
  const models = [...project.models.values()].filter(({ dbt, library }) => dbt === undefined && library === undefined);
  return [
    ...models.map(({ sqlFile, sql }) => ({ file: sqlFile, sql })),
    ...[...project.segments.values(), ...project.audiences.values()].flatMap(({ file, spec }) =>
      spec.sqlText === undefined ? [] : [{ file: spec.sqlFile ?? file, sql: spec.sqlText }],
    ),
    ...project.sqlTests.map(({ file, sql }) => ({ file, sql })),
  ];
}

function readByTests({ sqlTests }: Project, source: string, table: string): boolean {
  return sqlTests.some(({ sql }) =>
    templateOf(sql).parts.some(
      (part) =>
        "call" in part && part.call.word === "source" && part.call.source === source && part.call.table === table,
    ),
  );
}
