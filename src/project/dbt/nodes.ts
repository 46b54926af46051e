/** Nodes of a manifest under the names that ref() takes: one each, or why it has none. */
import { toJson, isMap } from "../schema/common.ts";
import type { Json } from "../../core.ts";
import type { DataTestSpec } from "../project.ts";
import type { DbtNode } from "./dbt.ts";
import type { ManifestNode } from "./manifest-schema.ts";
import { plainSql } from "./raw-code.ts";
import { parseRelationName } from "./relation-name.ts";

export interface Named {
  readonly nodes: ReadonlyMap<string, DbtNode>;
  readonly unusable: ReadonlyMap<string, string>;
}

/** What else of the artifacts speaks of a node, by unique id. */
export interface Beside {
  /** The dbt project's own name: of two packages its node has the bare name. */
  readonly project: string | null;
  testsOf(id: string): readonly (readonly [column: string, test: DataTestSpec])[];
  catalogOf(id: string): readonly string[] | null;
}

export function nameNodes(found: readonly ManifestNode[], beside: Beside): Named {
  const nodes = new Map<string, DbtNode>();
  const unusable = new Map<string, string>();
  for (const [name, candidates] of byRefName(found)) {
    const own = candidates.filter(({ package_name }) => package_name === beside.project);
    const [node, rival] = own.length > 0 ? own : candidates;
    if (node === undefined) continue;
    const relation = node.relation_name === null ? null : parseRelationName(node.relation_name);
    const why =
      rival !== undefined
        ? `packages "${node.package_name}" and "${rival.package_name}" both have it`
        : !/^[A-Za-z_]\w{0,199}$/.test(name)
          ? "its name has other characters than letters, digits and _"
          : node.config.materialized === "ephemeral"
            ? "it is ephemeral: dbt builds no table or view of it"
            : relation === null
              ? "dbt gives it no table (relation_name)"
              : null;
    if (why === null) nodes.set(name, nodeOf(name, node, beside));
    else unusable.set(name, why);
  }
  return { nodes, unusable };
}

function byRefName(found: readonly ManifestNode[]): ReadonlyMap<string, readonly ManifestNode[]> {
  const groups = new Map<string, ManifestNode[]>();
  for (const node of found) groups.set(refName(node), [...(groups.get(refName(node)) ?? []), node]);
  return groups;
}

/** The latest version has the bare name; dbt's own table name of another is `orders_v1`. */
function refName({ name, version, latest_version }: ManifestNode): string {
  return isLatest(version, latest_version) ? name : `${name}_v${version}`;
}

function isLatest(version: ManifestNode["version"], latest: ManifestNode["latest_version"]): boolean {
  return version === null || version === undefined || String(version) === String(latest ?? version);
}

function nodeOf(name: string, node: ManifestNode, { project, testsOf, catalogOf }: Beside): DbtNode {
  const tests = testsOf(node.unique_id);
  const documented = Object.values(node.columns);
  const tested = [...new Set(tests.map(([column]) => column))];
  const names = [...documented.map((column) => column.name), ...tested.filter((column) => !has(documented, column))];
  const version = isLatest(node.version, node.latest_version) ? "" : `, v=${JSON.stringify(node.version)}`;
  const owner = node.package_name === project || project === null ? "" : `'${node.package_name}', `;
  return {
    name,
    uniqueId: node.unique_id,
    kind: node.resource_type,
    ref: `ref(${owner}'${node.name}'${version.replaceAll('"', "'")})`,
    relation: node.relation_name === null ? null : parseRelationName(node.relation_name),
    description: node.description ?? "",
    tags: node.tags,
    meta: metaOf(node),
    columns: names.map((column) => {
      const description = documented.find((one) => one.name === column)?.description ?? "";
      return {
        name: column,
        ...(description === "" ? {} : { description }),
        data_tests: tests.flatMap(([of, test]) => (of === column ? [test] : [])),
      };
    }),
    data_tests: [],
    shape: {
      contract: node.contract?.enforced === true ? documented.map((column) => column.name) : null,
      sql: node.compiled_code ?? plainSql(node.raw_code ?? "{{ }}"),
      added: node.resource_type === "snapshot" ? snapshotColumns(node) : [],
      catalog: catalogOf(node.unique_id),
    },
  };
}

const has = (columns: readonly { readonly name: string }[], column: string): boolean =>
  columns.some(({ name }) => name === column);

function metaOf({ meta, config }: ManifestNode): Readonly<Record<string, Json>> {
  const merged = toJson({ ...meta, ...config.meta });
  return isMap(merged) ? (merged as Record<string, Json>) : {};
}

/** https://docs.getdbt.com/reference/resource-configs/snapshot_meta_column_names */
function snapshotColumns({ config }: ManifestNode): readonly string[] {
  const renamed = config.snapshot_meta_column_names ?? {};
  return ["dbt_valid_from", "dbt_valid_to", "dbt_scd_id", "dbt_updated_at", "dbt_is_deleted"].map(
    (name) => renamed[name] ?? name,
  );
}
