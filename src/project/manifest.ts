/** What a project is made of, with hashes: target/manifest.json, and the other side of `state:modified`. */
import { createHash } from "node:crypto";
import { templateOf, type Graph, type GraphNode } from "./graph.ts";
import type { Project } from "./project.ts";
import { callsOf } from "./template.ts";

export interface ManifestResource {
  /** `kind:name`. */
  readonly id: string;
  readonly file: string;
  /** Hash of everything below. */
  readonly hash: string;
  /** Hashes of what a selector may ask for: `where`, `mapping`, `sql`, `config`. */
  readonly parts: Readonly<Record<string, string>>;
  readonly depends_on: readonly string[];
}

export interface Manifest {
  readonly schema: "millrace/manifest/v1";
  readonly project: string;
  readonly environment: string;
  readonly resources: readonly ManifestResource[];
}

/** The manifest: hashes cover unrendered text and the values of the variables it uses, never as_of or the environment. */
export function manifestOf(project: Project, graph: Graph): Manifest {
  const resources = [...graph.nodes.values()].map((node): ManifestResource => {
    const parts = Object.fromEntries(
      Object.entries(partsOf(project, node)).map(([part, value]) => [part, hash(value)]),
    );
    return { id: node.id, file: node.file, hash: hash(parts), parts, depends_on: node.parents };
  });
  return {
    schema: "millrace/manifest/v1",
    project: project.name,
    environment: project.environment.name,
    resources: resources.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

/** The parts of `next` that differ from `before`; null when the resource is new. */
export function changedParts(before: Manifest, next: ManifestResource): readonly string[] | null {
  const old = before.resources.find(({ id }) => id === next.id);
  if (!old) return null;
  return Object.keys({ ...old.parts, ...next.parts }).filter((part) => old.parts[part] !== next.parts[part]);
}

function partsOf(project: Project, { kind, name }: GraphNode): Readonly<Record<string, unknown>> {
  switch (kind) {
    case "source":
      return { config: project.sources.get(name.split(".")[0] ?? "")?.spec };
    case "seed":
      return { config: project.files.get(project.seeds.get(name)?.path ?? "") ?? project.seeds.get(name) };
    case "model": {
      const model = project.models.get(name);
      return { sql: sqlPart(project, model?.sql ?? ""), config: model?.spec };
    }
    case "segment":
    case "audience": {
      const {
        where,
        sqlText,
        sql,
        sqlFile: _file,
        ...config
      } = (project.audiences.get(name) ?? project.segments.get(name))?.spec ?? {};
      return { where: sqlText === undefined ? where : [sql, sqlPart(project, sqlText)], config };
    }
    case "sync": {
      const { mappings, identifiers, key, nulls, ...config } = project.syncs.get(name)?.spec ?? {};
      return { mapping: { mappings, identifiers, key, nulls }, config };
    }
    case "destination": {
      const spec = project.destinations.get(name)?.spec;
      return {
        config: spec && { type: spec.type, label: spec.label, rate_limit: spec.rate_limit, requests: spec.requests },
      };
    }
  }
}

function sqlPart(project: Project, sql: string): unknown {
  const names = callsOf(templateOf(sql)).flatMap((call) =>
    call.word === "var" && call.name !== "as_of" ? [call.name] : [],
  );
  const text = sql
    .replaceAll("\r\n", "\n")
    .replaceAll(/[ \t]+$/gm, "")
    .trim();
  return { text, vars: Object.fromEntries(names.map((name) => [name, project.vars[name] ?? null])) };
}

/** SHA-256 over JSON with sorted keys, 16 hex. */
function hash(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex").slice(0, 16);
}

function canonical(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
}
