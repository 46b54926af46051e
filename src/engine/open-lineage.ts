/**
 * Lineage as OpenLineage events: one JobEvent for each relation that is made here, with the columnLineage facet on its
 * output. https://openlineage.io/spec/2-0-2/OpenLineage.json, https://openlineage.io/docs/spec/facets/dataset-facets/column_lineage_facet
 */
import type { Json } from "../core.ts";
import type { ColumnLineage, How, Reading, RelationLineage } from "../models/lineage.ts";
import type { Project } from "../project/project.ts";
import { schemaOfSource } from "../project/source-place.ts";

const eventSchema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent";
const facetSchema =
  "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet";

interface Dataset {
  readonly namespace: string;
  readonly name: string;
}

/** Events of all relations but sources and seeds, which nothing here makes; columns that nobody knows are left out. */
export function openLineageEvents(
  project: Project,
  relations: readonly RelationLineage[],
  { now, version }: { readonly now: number; readonly version: string },
): readonly Json[] {
  const producer = `urn:millrace:${version}`;
  const made = relations.filter(({ id }) => !/^(source|seed):/.test(id));
  return made.map((relation): Json => {
    const { id, columns, filters } = relation;
    const fields = columns.flatMap(({ name, inputs, how }) =>
      inputs === null
        ? []
        : [
            [
              name,
              { inputFields: inputs.map((input) => ({ ...field(project, input), transformations: [direct(how)] })) },
            ],
          ],
    );
    const rows = filters.flatMap(({ column, ...read }): readonly Json[] =>
      column === null ? [] : [{ ...field(project, { ...read, column }), transformations: [indirect(read.how)] }],
    );
    return {
      eventTime: new Date(now).toISOString(),
      producer,
      schemaURL: eventSchema,
      job: { namespace: `millrace://${project.name}`, name: id.replace(":", ".") },
      inputs: inputsOf(relation).map((read) => ({ ...dataset(project, read) })),
      outputs: [
        {
          ...dataset(project, id),
          facets: {
            columnLineage: {
              _producer: producer,
              _schemaURL: facetSchema,
              fields: Object.fromEntries(fields),
              ...(rows.length === 0 ? {} : { dataset: rows }),
            },
          },
        },
      ],
    };
  });
}

function inputsOf({ columns, filters }: RelationLineage): readonly string[] {
  const values = columns.flatMap(({ inputs }: ColumnLineage) => (inputs ?? []).map(({ relation }) => relation));
  return [...new Set([...values, ...filters.map(({ relation }: Reading) => relation)])].toSorted();
}

function field(project: Project, { relation, column }: { readonly relation: string; readonly column: string }) {
  return { ...dataset(project, relation), field: column };
}

/** Of the warehouse: `schema.table` below its database, as OpenLineage names tables; of a destination: `object/sync`. */
function dataset(project: Project, id: string): Dataset {
  const kind = id.slice(0, id.indexOf(":"));
  const name = id.slice(kind.length + 1);
  const { namespace, database } = warehouseName(project);
  const named = (top: string | undefined, ...rest: readonly string[]): Dataset => ({
    namespace,
    name: [...(database === null ? [] : [top ?? database]), ...rest].join("."),
  });
  if (kind === "sync") {
    const spec = project.syncs.get(name)?.spec;
    const account = project.destinations.get(spec?.destination ?? "")?.spec;
    return { namespace: `${account?.type}://${spec?.destination}`, name: `${spec?.object}/${name}` };
  }
  if (kind === "source") {
    const [source = "", table = ""] = name.split(".");
    const spec = project.sources.get(source)?.spec;
    const of = spec === undefined ? project.dbt?.sources.get(source)?.schema : schemaOfSource(project, spec);
    return named(spec?.database, of ?? source, table);
  }
  const relation = project.dbt?.nodes.get(name)?.relation;
  if (relation) return named(relation.database ?? undefined, relation.schema ?? "", relation.name);
  return named(undefined, project.environment.warehouse.model_schema, name);
}

/** A warehouse by the naming rules of OpenLineage, and the database that its tables' names begin with; DuckDB's have none. */
function warehouseName(project: Project): { readonly namespace: string; readonly database: string | null } {
  const { warehouse } = project.environment;
  switch (warehouse.type) {
    case "bigquery":
      return { namespace: "bigquery", database: String(warehouse.connection["project"]) };
    case "snowflake":
      return { namespace: `snowflake://${String(warehouse.connection["account"])}`, database: warehouse.database };
    case "duckdb":
      return { namespace: `duckdb://${warehouse.path ?? ":memory:"}`, database: null };
  }
}

const subtypes: Readonly<Record<NonNullable<How>, string>> = {
  copy: "IDENTITY",
  expression: "TRANSFORMATION",
  template: "TRANSFORMATION",
  lookup: "TRANSFORMATION",
  identifier: "TRANSFORMATION",
  aggregate: "AGGREGATION",
};
const direct = (how: How): Json => ({ type: "DIRECT", ...(how === null ? {} : { subtype: subtypes[how] }) });

const clauses: Readonly<Record<string, string>> = { join: "JOIN", group: "GROUP_BY", order: "SORT", limit: "SORT" };
const indirect = (how: string): Json => ({ type: "INDIRECT", subtype: clauses[how] ?? "FILTER", description: how });
