/** Column lineage of a whole project: sources -> models -> segments and audiences -> syncs with their destination's fields. */
import { type ColumnLineage, type Reading, type RelationLineage, sameName, unknownQuery } from "../models/lineage.ts";
import { createModelLineage, type ModelLineage } from "../models/model-lineage.ts";
import { namesInRule, resolveRef } from "../project/graph.ts";
import type { AudienceSpec, Mapping, Project, Resource, SegmentSpec, SyncSpec } from "../project/project.ts";
import { columnsInRule } from "../project/rule-columns.ts";
import { identifiersOf, modelOf, objectOf, takesIdentifier } from "../project/sync-shape.ts";
import type { DuckDBWarehouse } from "../warehouse/duckdb.ts";
import { templateColumns } from "./template.ts";

export interface Lineage {
  /** By `kind:name` of the graph; a sync's columns are fields of its destination. */
  relation(id: string): Promise<RelationLineage>;
}

/** Reads files alone. `parser` is an empty DuckDB. E709 when the SDK is not installed. */
export async function createLineage(
  project: Project,
  parser: DuckDBWarehouse,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Lineage> {
  const models: ModelLineage = await createModelLineage(project, parser, { env, other: keysOf });
  const found = new Map<string, Promise<RelationLineage>>();

  /** What ref() of a segment or audience gives: the key of its members. */
  async function keysOf(id: string): Promise<RelationLineage> {
    const { spec } = membershipOf(project, id);
    const key = project.models.get(spec.model)?.spec.primary_key ?? [];
    const from = refOf(project, spec.model);
    return {
      ...unknownQuery,
      id,
      columns: key.map((name) => copied(from, name)),
      made: true,
      complete: true,
      at: null,
    };
  }

  async function read(id: string): Promise<RelationLineage> {
    const [kind, name] = id.split(":") as [string, string];
    if (kind === "segment" || kind === "audience") return ofMembers(id, membershipOf(project, id));
    const sync = kind === "sync" ? project.syncs.get(name) : undefined;
    return sync === undefined ? models.relation(id) : ofSync(project, sync);
  }

  async function ofMembers(id: string, resource: Resource<SegmentSpec | AudienceSpec>): Promise<RelationLineage> {
    const { spec, name, at } = resource;
    const from = refOf(project, spec.model);
    const model = await models.relation(from);
    const written =
      spec.sqlText === undefined ? undefined : await models.query(id, spec.sqlFile ?? resource.file, spec.sqlText);
    const key = project.models.get(spec.model)?.spec.primary_key ?? [];
    const isKey = (column: string): boolean => key.some((part) => sameName(part, column));
    const own = (written?.columns ?? []).filter((column) => !isKey(column.name));
    // Of a segment, SQL reads the key.
    const shown = id.startsWith("segment:") ? model.columns.filter(({ name: column }) => isKey(column)) : model.columns;
    const inherited = shown.filter((column) => !own.some((mine) => sameName(mine.name, column.name)));
    const keys = (written?.columns ?? []).filter((column) => isKey(column.name)).flatMap(({ inputs }) => inputs ?? []);
    return {
      id,
      columns: [...inherited.map((column) => copied(from, column.name)), ...(id.startsWith("segment:") ? [] : own)],
      made: true,
      complete: model.complete && written?.complete !== false,
      filters: [
        ...rulesOf(project, spec),
        ...keys.map((input): Reading => ({ ...input, how: "sql" })),
        ...(written?.filters ?? []),
        ...limitsOf(spec, [...own, ...model.columns.map(({ name: column }) => copied(from, column))]),
      ],
      reads: [from, ...(written?.reads ?? [])],
      doubts: written?.doubts ?? [],
      at: project.audiences.get(name)?.at() ?? at(),
    };
  }

  return {
    relation(id) {
      const known = found.get(id) ?? read(id);
      found.set(id, known);
      return known;
    },
  };
}

function membershipOf(project: Project, id: string): Resource<SegmentSpec | AudienceSpec> {
  const name = id.slice(id.indexOf(":") + 1);
  const resource = id.startsWith("segment:") ? project.segments.get(name) : project.audiences.get(name);
  if (resource === undefined) throw new Error(`there is no ${id}`);
  return resource;
}

const refOf = (project: Project, name: string): string => resolveRef(project, name) ?? `model:${name}`;
const copied = (relation: string, name: string): ColumnLineage => ({
  name,
  inputs: [{ relation, column: name }],
  how: "copy",
});

/** Columns that the rules read, and the segments and audiences that they name. */
function rulesOf(project: Project, spec: SegmentSpec | AudienceSpec): readonly Reading[] {
  const { where, model } = spec;
  const columns = where === undefined ? [] : [...columnsInRule(where, model, [])];
  const sets = where === undefined ? [] : namesInRule(where).filter(({ kind }) => kind !== "model");
  const excluded = "exclude" in spec ? spec.exclude : [];
  return [
    ...columns.map(({ model: of, column, how }) => ({ relation: refOf(project, of), column, how })),
    ...sets.map(({ kind, name }) => ({ relation: `${kind}:${name}`, column: null, how: `in_${kind}` })),
    ...excluded.map((name) => ({ relation: refOf(project, name), column: null, how: "exclude" })),
  ];
}

/** `limit: { order_by }`: `lifetime_value desc, customer_id`. */
function limitsOf(spec: SegmentSpec | AudienceSpec, columns: readonly ColumnLineage[]): readonly Reading[] {
  const order = "limit" in spec ? (spec.limit?.order_by ?? "") : "";
  return order.split(",").flatMap((part) => {
    const word = /^\s*"?(\w+)/.exec(part)?.[1] ?? "";
    const inputs = columns.find(({ name }) => sameName(name, word))?.inputs ?? [];
    return inputs.map((input) => ({ ...input, how: "limit" }));
  });
}

function ofSync(project: Project, { name, spec, at }: Resource<SyncSpec>): RelationLineage {
  const relation = spec.audience === undefined ? refOf(project, spec.model ?? "") : `audience:${spec.audience}`;
  const object = objectOf(project, spec);
  const identifiers = object === null ? spec.identifiers : identifiersOf(spec, modelOf(project, spec), object);
  const kinds = Object.entries(identifiers).map(([kind, { from, default_country: country }]) => {
    const column =
      typeof country === "object" ? country.column : /^[A-Z]{2}$/.test(country ?? "") ? undefined : country;
    return { name: kind, columns: [from, ...(column === undefined ? [] : [column])], how: "identifier" as const };
  });
  const keys = Object.entries(spec.key ?? {}).map(([field, column]) => ({
    name: field,
    columns: [column],
    how: object !== null && takesIdentifier(object, field) ? ("identifier" as const) : ("copy" as const),
  }));
  const fields = spec.mappings.map((mapping) => ({ name: mapping.to, ...ofMapping(mapping) }));
  const named = new Map<string, ColumnLineage>();
  for (const { name: field, columns, how } of [...kinds, ...keys, ...fields])
    if (!named.has(field))
      named.set(field, { name: field, inputs: columns.map((column) => ({ relation, column })), how });
  const blind = object === null && Object.keys(spec.identifiers).length === 0;
  return {
    id: `sync:${name}`,
    columns: [...named.values()],
    made: true,
    complete: true,
    filters: [
      { relation, column: null, how: "rows" },
      ...(spec.append === undefined ? [] : [{ relation, column: spec.append.time, how: "append" }]),
    ],
    reads: [relation],
    doubts: blind ? ["its destination is not loaded, so nobody knows which identifiers of the model it takes"] : [],
    at: at(),
  };
}

function ofMapping(mapping: Mapping): { readonly columns: readonly string[]; readonly how: ColumnLineage["how"] } {
  if ("from" in mapping) return { columns: [mapping.from], how: "copy" };
  if ("template" in mapping) return { columns: templateColumns(mapping.template), how: "template" };
  if ("lookup" in mapping) return { columns: Object.values(mapping.lookup.by), how: "lookup" };
  return { columns: [], how: null };
}
