/** Nodes and sources of dbt as models and sources of the project: those that something names, so that no other is compiled or tested. */
import type { Diagnostic } from "../../core.ts";
import { mentions, sourceMentions } from "../mentions.ts";
import type { ColumnSpec, DataTestSpec, ModelResource, ModelSpec, Project, Resource, SourceSpec } from "../project.ts";
import { modelSchema } from "../schema/models.ts";
import { isMap } from "../schema/common.ts";
import type { Claim } from "../collect.ts";
import type { Dbt, DbtNode, DbtSource } from "./dbt.ts";

export interface WithDbt {
  readonly dbt: Dbt;
  /** Entries of `models:` that speak of nodes. */
  readonly entries: ReadonlyMap<string, Resource<ModelSpec>>;
  readonly diagnostics: Diagnostic[];
}

/** The project with what it uses of dbt. */
export function withDbt(project: Project, { dbt, entries, diagnostics }: WithDbt): Project {
  const models = new Map(project.models);
  // Entries first: they may name further nodes in tests. Then what is named by what was added, until nothing is.
  const grown: Project = { ...project, dbt, models };
  for (let names: readonly string[] = [...entries.keys()]; ;) {
    for (const name of names) {
      const node = dbt.nodes.get(name);
      if (node !== undefined) models.set(name, asModel(dbt, node, entries.get(name), diagnostics));
    }
    names = [...new Set([...mentions(grown)].map(({ name }) => name))].filter(
      (name) => dbt.nodes.has(name) && !models.has(name),
    );
    if (names.length === 0) break;
  }
  const named = new Set([...sourceMentions(grown)].map(({ source }) => source));
  const sources = new Map(project.sources);
  for (const source of dbt.sources.values())
    if (named.has(source.name) && !sources.has(source.name)) sources.set(source.name, asSource(dbt, source));
  return { ...grown, models: sorted(models), sources: sorted(sources) };
}

const sorted = <T>(items: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
  new Map([...items].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** Every name that dbt has, for the rule that no two things share one. */
export function dbtClaims({ manifest, nodes, sources, at }: Dbt): readonly Claim[] {
  // Folders of seeds claim no source: they may stand for those that this project declares.
  const named = manifest === null ? [] : [...sources.keys()];
  return [
    ...[...nodes.keys()].map((name) => ({ what: "dbt node", name, at })),
    ...named.map((name) => ({ what: "source", name, at })),
  ];
}

function asModel(
  dbt: Dbt,
  node: DbtNode,
  entry: Resource<ModelSpec> | undefined,
  diagnostics: Diagnostic[],
): ModelResource {
  const own = entry?.spec ?? fromMeta(dbt, node, diagnostics);
  const at: ModelResource["at"] = entry?.at ?? (() => dbt.at);
  const file = entry?.file ?? dbt.manifest ?? node.uniqueId;
  return {
    name: node.name,
    spec: {
      ...own,
      name: node.name,
      description: own.description ?? node.description,
      tags: [...new Set([...node.tags, ...own.tags])],
      meta: { ...node.meta, ...own.meta },
      materialize: own.materialize === "table" ? "table" : "inline",
      columns: joined(own.columns, withReachableTests(dbt, node.columns)),
      data_tests: [...own.data_tests, ...node.data_tests],
    },
    file,
    at,
    sql: "select * from {{ this }}",
    sqlFile: file,
    dbt: node,
  };
}

/** Without tests against a node that ref() cannot read: dbt runs them. */
function withReachableTests({ nodes }: Dbt, columns: readonly ColumnSpec[]): readonly ColumnSpec[] {
  const reachable = ({ arguments: { to } }: DataTestSpec): boolean =>
    typeof to !== "string" || nodes.has(/'(\w+)'/.exec(to)?.[1] ?? "");
  return columns.map((column) => ({ ...column, data_tests: column.data_tests.filter(reachable) }));
}

/** The YAML's columns, with dbt's description and tests where it says nothing itself; then those that only dbt knows. */
function joined(own: readonly ColumnSpec[], theirs: readonly ColumnSpec[]): readonly ColumnSpec[] {
  const same = (a: ColumnSpec) => (b: ColumnSpec) => a.name.toLowerCase() === b.name.toLowerCase();
  const both = own.map((column) => {
    const other = theirs.find(same(column));
    if (other === undefined) return column;
    const tested = new Set(column.data_tests.map(({ type }) => type));
    return {
      ...other,
      ...column,
      data_tests: [...column.data_tests, ...other.data_tests.filter(({ type }) => !tested.has(type))],
    };
  });
  return [...both, ...theirs.filter((column) => !own.some(same(column)))];
}

const plain = modelSchema.parse({ name: "plain" });

/** `meta: { millrace: { primary_key: …, identifiers: … } }` in dbt's YAML: the keys of a `models:` entry. */
function fromMeta(dbt: Dbt, node: DbtNode, diagnostics: Diagnostic[]): ModelSpec {
  const { millrace } = node.meta;
  if (millrace === undefined) return plain;
  const parsed = modelSchema.safeParse({ ...(isMap(millrace) ? millrace : { millrace }), name: node.name });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = ["meta.millrace", ...(issue?.path ?? [])].map(String).join(".");
  diagnostics.push({
    code: "E249",
    severity: "error",
    message: `${place} of dbt ${node.kind} "${node.name}": ${issue?.message ?? "cannot be read"}`,
    at: dbt.at,
    hint: "it takes the keys of an entry of models: primary_key, identifiers, columns, on_duplicate_key, null_keys",
  });
  return plain;
}

function asSource(dbt: Dbt, { name, schema, description, tables }: DbtSource): Resource<SourceSpec> {
  return {
    name,
    spec: { name, schema, ...(description === "" ? {} : { description }), tables },
    file: dbt.manifest ?? "millrace.yml",
    at: () => dbt.at,
  };
}
