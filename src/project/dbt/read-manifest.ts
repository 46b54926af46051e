/** From the text of dbt's artifacts to nodes and sources. */
import type { DataTestSpec } from "../project.ts";
import { dataTestOf } from "./data-tests.ts";
import type { Dbt, DbtSource } from "./dbt.ts";
import {
  catalogSchema,
  manifestSchema,
  nodeSchema,
  sourceTableSchema,
  testSchema,
  type ManifestNode,
  type ManifestSource,
} from "./manifest-schema.ts";
import { nameNodes } from "./nodes.ts";
import { parseRelationName } from "./relation-name.ts";

export type ReadManifest = Pick<Dbt, "version" | "nodes" | "sources" | "unusable"> & {
  readonly generatedAt: number;
  /** Unique id of a test -> that of the node it stands at. */
  readonly attachedTo: ReadonlyMap<string, string>;
};

/** The manifest, or what it lacks. `catalog` is the content of catalog.json, when there is one. */
export function readManifest(json: unknown, catalog: unknown): ReadManifest | { readonly lacks: string } {
  const manifest = manifestSchema.safeParse(json);
  if (!manifest.success) return { lacks: missing(manifest.error.issues[0]?.path) };
  const { metadata } = manifest.data;
  const nodes: ManifestNode[] = [];
  const tests = new Map<string, (readonly [column: string, test: DataTestSpec])[]>();
  const attachedTo = new Map<string, string>();
  for (const [id, value] of Object.entries(manifest.data.nodes)) {
    const kind = (value as { readonly resource_type?: unknown } | null)?.resource_type;
    if (kind === "model" || kind === "seed" || kind === "snapshot") {
      const node = nodeSchema.safeParse(value);
      if (!node.success) return { lacks: missing(["nodes", id, ...(node.error.issues[0]?.path ?? [])]) };
      nodes.push(node.data);
    }
    const { data: test } = kind === "test" ? testSchema.safeParse(value) : { data: undefined };
    if (!test?.attached_node) continue;
    attachedTo.set(test.unique_id, test.attached_node);
    const spec = dataTestOf(test);
    if (spec !== null && test.column_name)
      tests.set(test.attached_node, [...(tests.get(test.attached_node) ?? []), [test.column_name, spec]]);
  }
  const tables: ManifestSource[] = [];
  for (const [id, value] of Object.entries(manifest.data.sources)) {
    const table = sourceTableSchema.safeParse(value);
    if (!table.success) return { lacks: missing(["sources", id, ...(table.error.issues[0]?.path ?? [])]) };
    tables.push(table.data);
  }
  const generatedAt = Date.parse(metadata.generated_at);
  const columnsOf = catalogColumns(catalog, generatedAt);
  const named = nameNodes(nodes, {
    project: metadata.project_name ?? null,
    testsOf: (id) => tests.get(id) ?? [],
    catalogOf: (id) => columnsOf.get(id) ?? null,
  });
  const version = /\/(v\d+)\.json$/.exec(metadata.dbt_schema_version)?.[1] ?? "without a version";
  return { ...named, version, generatedAt, attachedTo, sources: sourcesOf(tables) };
}

const missing = (path: readonly PropertyKey[] | undefined): string =>
  (path ?? []).map(String).join(".").slice(0, 200) || "a block of keys";

/** Columns by unique id, when the catalog was made from this manifest or a later one: an older one does not know what was added since. */
function catalogColumns(json: unknown, manifestAt: number): ReadonlyMap<string, readonly string[]> {
  const catalog = catalogSchema.safeParse(json);
  if (!catalog.success || Date.parse(catalog.data.metadata.generated_at) < manifestAt) return new Map();
  return new Map(Object.entries(catalog.data.nodes).map(([id, { columns }]) => [id, Object.keys(columns)]));
}

function sourcesOf(tables: readonly ManifestSource[]): ReadonlyMap<string, DbtSource> {
  const sources = new Map<string, DbtSource>();
  for (const table of tables) {
    const relation = table.relation_name === null ? null : parseRelationName(table.relation_name);
    if (relation === null) continue;
    const known = sources.get(table.source_name);
    const columns = Object.values(table.columns).map(({ name, description }) => ({
      name,
      ...(description ? { description } : {}),
      data_tests: [],
    }));
    sources.set(table.source_name, {
      name: table.source_name,
      schema: table.schema,
      description: table.source_description ?? "",
      tables: [...(known?.tables ?? []), { name: table.name, relation, description: table.description ?? "", columns }],
    });
  }
  return sources;
}
