import type { AudienceSpec, Project, SegmentSpec } from "./project.ts";
import type { Rule } from "./schema/rule.ts";
import { callsOf, parseTemplate, type Template } from "./template.ts";

export type NodeKind = "source" | "seed" | "model" | "segment" | "audience" | "sync" | "destination";

/** A resource in the graph; `id` is `kind:name`, sources are `source:name.table`. */
export interface GraphNode {
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
  readonly file: string;
  /** Ids of what it reads (a destination: the syncs that feed it). */
  readonly parents: readonly string[];
  readonly children: readonly string[];
}

/** What depends on what, in the direction the data flows: source -> model -> audience -> sync -> destination. */
export interface Graph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** Parents first; nodes of cycles stand at the end. */
  readonly order: readonly string[];
  /** Each cycle once, as the ids along it. */
  readonly cycles: readonly (readonly string[])[];
  /** Everything it depends on, itself left out; `depth` limits the steps. */
  upstream(id: string, depth?: number): ReadonlySet<string>;
  downstream(id: string, depth?: number): ReadonlySet<string>;
}

const templates = new Map<string, Template>();

/** The parsed template of a text, remembered. */
export function templateOf(sql: string): Template {
  const known = templates.get(sql);
  if (known) return known;
  const template = parseTemplate(sql);
  if (templates.size > 5_000) templates.clear();
  templates.set(sql, template);
  return template;
}

/** Id of what `ref('name')` means: models, seeds, segments and audiences share one namespace (decision 27); null when unknown. */
export function resolveRef(project: Project, name: string): string | null {
  if (project.models.has(name)) return `model:${name}`;
  if (project.seeds.has(name) && !name.includes(".")) return `seed:${name}`;
  if (project.segments.has(name)) return `segment:${name}`;
  return project.audiences.has(name) ? `audience:${name}` : null;
}

/** Builds the graph; unknown names are left out (rules report them). */
export function buildGraph(project: Project): Graph {
  const edges = new Map<string, { kind: NodeKind; name: string; file: string; parents: Set<string> }>();
  const add = (kind: NodeKind, name: string, file: string, parents: Iterable<string | null> = []): void => {
    edges.set(`${kind}:${name}`, { kind, name, file, parents: new Set([...parents].filter((id) => id !== null)) });
  };
  for (const source of project.sources.values())
    for (const table of source.spec.tables) add("source", `${source.name}.${table.name}`, source.file);
  for (const seed of project.seeds.values()) if (!seed.name.includes(".")) add("seed", seed.name, seed.path);
  for (const model of project.models.values())
    add("model", model.name, model.sqlFile, parentsOfSql(project, model.sql));
  for (const segment of project.segments.values())
    add("segment", segment.name, segment.file, parentsOfSegment(project, segment.spec));
  for (const audience of project.audiences.values()) {
    add("audience", audience.name, audience.file, [
      ...parentsOfSegment(project, audience.spec),
      ...audience.spec.exclude.map((name) => resolveRef(project, name)),
    ]);
  }
  for (const sync of project.syncs.values())
    add("sync", sync.name, sync.file, [resolveRef(project, sync.spec.audience ?? sync.spec.model ?? "")]);
  for (const destination of project.destinations.values()) {
    add(
      "destination",
      destination.name,
      destination.file,
      [...project.syncs.values()]
        .filter(({ spec }) => spec.destination === destination.name)
        .map(({ name }) => `sync:${name}`),
    );
  }
  return finish(edges);
}

function parentsOfSql(project: Project, sql: string): readonly (string | null)[] {
  return callsOf(templateOf(sql)).map((call) => {
    if (call.word === "ref") return resolveRef(project, call.name);
    if (call.word !== "source") return null;
    return project.sources.get(call.source)?.spec.tables.some(({ name }) => name === call.table)
      ? `source:${call.source}.${call.table}`
      : null;
  });
}

function parentsOfSegment(project: Project, spec: SegmentSpec | AudienceSpec): readonly (string | null)[] {
  const fromRule = spec.where ? namesInRule(spec.where).map(({ kind, name }) => referenced(project, kind, name)) : [];
  return [
    resolveRef(project, spec.model),
    ...fromRule,
    ...(spec.sqlText === undefined ? [] : parentsOfSql(project, spec.sqlText)),
  ];
}

function referenced(project: Project, kind: RuleName["kind"], name: string): string | null {
  if (kind === "segment") return project.segments.has(name) ? `segment:${name}` : null;
  if (kind === "audience") return project.audiences.has(name) ? `audience:${name}` : null;
  return resolveRef(project, name);
}

export interface RuleName {
  readonly kind: "model" | "segment" | "audience";
  readonly name: string;
  /** Where it stands inside the tree. */
  readonly path: readonly (string | number)[];
}

/** Every name a rule tree mentions, with its path. */
export function namesInRule(rule: Rule, path: readonly (string | number)[] = []): readonly RuleName[] {
  if ("all" in rule) return rule.all.flatMap((inner, index) => namesInRule(inner, [...path, "all", index]));
  if ("any" in rule) return rule.any.flatMap((inner, index) => namesInRule(inner, [...path, "any", index]));
  if ("not" in rule) return namesInRule(rule.not, [...path, "not"]);
  if ("in_segment" in rule) return [{ kind: "segment", name: rule.in_segment, path: [...path, "in_segment"] }];
  if ("in_audience" in rule) return [{ kind: "audience", name: rule.in_audience, path: [...path, "in_audience"] }];
  const where = "where" in rule && rule.where ? namesInRule(rule.where, [...path, "where"]) : [];
  if ("event" in rule) return [{ kind: "model", name: rule.event, path: [...path, "event"] }, ...where];
  if ("related" in rule) return [{ kind: "model", name: rule.related, path: [...path, "related"] }, ...where];
  return [];
}

type Edges = ReadonlyMap<string, { kind: NodeKind; name: string; file: string; parents: ReadonlySet<string> }>;

function finish(edges: Edges): Graph {
  const children = new Map<string, string[]>([...edges.keys()].map((id) => [id, []]));
  for (const [id, { parents }] of edges) for (const parent of parents) children.get(parent)?.push(id);
  const nodes = new Map<string, GraphNode>();
  for (const [id, { parents, ...rest }] of edges)
    nodes.set(id, { id, ...rest, parents: [...parents].toSorted(), children: (children.get(id) ?? []).toSorted() });
  const walk = (id: string, next: (node: GraphNode) => readonly string[], depth = Infinity): ReadonlySet<string> => {
    const seen = new Set<string>();
    let edge: readonly string[] = [id];
    for (let step = 0; step < depth && edge.length > 0; step++) {
      edge = edge
        .flatMap((from) => {
          const node = nodes.get(from);
          return node ? next(node) : [];
        })
        .filter((to) => to !== id && !seen.has(to) && seen.add(to));
    }
    return seen;
  };
  return {
    nodes,
    ...sortNodes(nodes),
    upstream: (id, depth) => walk(id, (node) => node.parents, depth),
    downstream: (id, depth) => walk(id, (node) => node.children, depth),
  };
}

/** Parents first, ties by id; what is left over holds the cycles. */
function sortNodes(nodes: ReadonlyMap<string, GraphNode>): Pick<Graph, "order" | "cycles"> {
  const waiting = new Map([...nodes.values()].map(({ id, parents }) => [id, parents.length]));
  const ready = [...waiting]
    .filter(([, count]) => count === 0)
    .map(([id]) => id)
    .toSorted();
  const order: string[] = [];
  for (let index = 0; index < ready.length; index++) {
    const id = ready[index];
    if (id === undefined) continue;
    order.push(id);
    for (const child of nodes.get(id)?.children ?? []) {
      const left = (waiting.get(child) ?? 0) - 1;
      waiting.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  const stuck = new Set([...waiting].filter(([, count]) => count > 0).map(([id]) => id));
  return {
    order: [...order, ...[...stuck].toSorted()],
    cycles: findCycles((id) => nodes.get(id)?.parents ?? [], stuck),
  };
}

/** Each cycle once, found by walking back along parents that are stuck themselves. */
export function findCycles(
  parentsOf: (id: string) => readonly string[],
  stuck: ReadonlySet<string>,
): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const done = new Set<string>();
  for (const start of [...stuck].toSorted()) {
    const path: string[] = [];
    for (
      let id: string | undefined = start;
      id !== undefined && !done.has(id);
      id = parentsOf(id).find((parent) => stuck.has(parent))
    ) {
      const seen = path.indexOf(id);
      if (seen >= 0) {
        cycles.push([...path.slice(seen), id].toReversed());
        break;
      }
      path.push(id);
    }
    for (const id of path) done.add(id);
  }
  return cycles;
}
