/** The part of a project's lineage that something is made of, or that is made of it: nodes and edges, in the order they were met. */
import type { Location } from "../core.ts";
import { columnOf, type How, type RelationLineage } from "../models/lineage.ts";
import { buildGraph, type Graph } from "../project/graph.ts";
import type { Project } from "../project/project.ts";
import type { Lineage } from "./lineage.ts";

/** A column, or with `column: null` a relation as a whole: who is in it. */
export interface LineageNode {
  /** `model:customers.email`, `sync:vip_to_crm:email`; of a whole relation `audience:vip`. */
  readonly id: string;
  readonly relation: string;
  readonly column: string | null;
  readonly how: How;
  /** False of a source's or seed's. */
  readonly made: boolean;
  /** False: nobody can say what it is made of. */
  readonly known: boolean;
}

export interface LineageEdge {
  readonly from: string;
  readonly to: string;
  readonly use: "value" | "filters";
  readonly how: string | null;
}

export interface UnknownPart {
  readonly relation: string;
  readonly reason: string;
  readonly at: Location | null;
}

export interface LineageGraph {
  /** What was asked for: columns, after the relation itself when it was meant whole. */
  readonly subject: readonly string[];
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  readonly unknown: readonly UnknownPart[];
}

export interface Subject {
  readonly relation: string;
  readonly column: string | null;
}

/** `sync:name:field` of a sync, whose fields may hold dots; else `kind:name.column`. */
export function nodeId({ relation, column }: Subject): string {
  if (column === null) return relation;
  return relation.startsWith("sync:") ? `${relation}:${column}` : `${relation}.${column}`;
}

/** Everything that the subject's values, and with a whole relation its rows, come from. */
export async function upstreamOf(lineage: Lineage, subject: Subject): Promise<LineageGraph> {
  const drawing = draw();
  const subjects = await whole(lineage, subject);
  const waiting = [...subjects];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const relation = await lineage.relation(next.relation);
    if (!drawing.add(next, relation)) continue;
    const inputs =
      next.column === null
        ? relation.filters.map(({ how, ...input }) => ({ ...input, use: "filters" as const, how }))
        : (columnOf(relation, next.column)?.inputs ?? []).map((input) => ({
            ...input,
            use: "value" as const,
            how: null,
          }));
    for (const { use, how, ...input } of inputs) {
      drawing.join({ from: nodeId(input), to: nodeId(next), use, how });
      waiting.push(input);
    }
  }
  return drawing.done(subjects);
}

/** Everything that reads the subject, at whatever remove; a whole relation is all of its columns, and its members. */
export async function downstreamOf(project: Project, lineage: Lineage, subject: Subject): Promise<LineageGraph> {
  const dependencies = buildGraph(project);
  const relations = await Promise.all(readers(project, dependencies).map((id) => lineage.relation(id)));
  const uses = new Map<string, (Subject & { readonly edge: Omit<LineageEdge, "from"> })[]>();
  const use = (read: Subject, by: Subject, edge: Pick<LineageEdge, "use" | "how">): void => {
    const key = nodeId(read).toLowerCase();
    uses.set(key, [...(uses.get(key) ?? []), { ...by, edge: { ...edge, to: nodeId(by) } }]);
  };
  for (const { id, columns, filters } of relations) {
    for (const { name, inputs } of columns)
      for (const input of inputs ?? []) use(input, { relation: id, column: name }, { use: "value", how: null });
    for (const { how, ...read } of filters) use(read, { relation: id, column: null }, { use: "filters", how });
  }
  const drawing = draw();
  const subjects = await whole(lineage, subject);
  const waiting = [...subjects];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (!drawing.add(next, await lineage.relation(next.relation))) continue;
    for (const { edge, ...by } of uses.get(nodeId(next).toLowerCase()) ?? []) {
      drawing.join({ ...edge, from: nodeId(next) });
      waiting.push(by);
    }
  }
  const graph = drawing.done(subjects);
  const reached = new Set(graph.nodes.map(({ relation }) => relation));
  const blind = relations.filter(({ id, doubts, reads }) => {
    const named = [...reads, ...(dependencies.nodes.get(id)?.parents ?? [])];
    // Of a query that cannot even be parsed, and that dbt keeps, nobody knows what it reads: maybe this.
    return doubts.length > 0 && (named.length === 0 || named.some((read) => reached.has(read)));
  });
  return { ...graph, unknown: blind.flatMap(reasons) };
}

/** What may read something: all that has a query, rules or mappings. */
function readers(project: Project, { order }: Graph): readonly string[] {
  const ids = order.filter((id) => /^(model|segment|audience|sync):/.test(id));
  return [...new Set([...[...(project.dbt?.nodes.keys() ?? [])].map((name) => `model:${name}`), ...ids])];
}

async function whole(lineage: Lineage, subject: Subject): Promise<readonly Subject[]> {
  if (subject.column !== null) return [subject];
  const { columns } = await lineage.relation(subject.relation);
  return [subject, ...columns.map(({ name }) => ({ relation: subject.relation, column: name }))];
}

const reasons = ({ id, doubts, at }: RelationLineage): readonly UnknownPart[] =>
  doubts.map((reason) => ({ relation: id, reason, at }));

interface Drawing {
  /** False: it was there. */
  add(subject: Subject, relation: RelationLineage): boolean;
  join(edge: LineageEdge): void;
  done(subjects: readonly Subject[]): LineageGraph;
}

function draw(): Drawing {
  const nodes = new Map<string, LineageNode>();
  const edges = new Map<string, LineageEdge>();
  const unknown = new Map<string, readonly UnknownPart[]>();
  const spelled = (id: string): string => nodes.get(id.toLowerCase())?.id ?? id;
  return {
    add(subject, relation) {
      const key = nodeId(subject).toLowerCase();
      if (nodes.has(key)) return false;
      const column = subject.column === null ? undefined : columnOf(relation, subject.column);
      const name = column?.name ?? subject.column;
      const known =
        subject.column === null
          ? relation.doubts.length === 0
          : column === undefined
            ? !relation.made
            : column.inputs !== null;
      const { relation: id } = subject;
      nodes.set(key, {
        id: nodeId({ relation: id, column: name }),
        relation: id,
        column: name,
        how: column?.how ?? null,
        made: relation.made,
        known,
      });
      if (!known) unknown.set(id, reasons(relation));
      return true;
    },
    join(edge) {
      edges.set(JSON.stringify([edge.from, edge.to, edge.use, edge.how]).toLowerCase(), edge);
    },
    done(subjects) {
      return {
        subject: subjects.map((subject) => spelled(nodeId(subject))),
        nodes: [...nodes.values()],
        edges: [...edges.values()].map((edge) => ({ ...edge, from: spelled(edge.from), to: spelled(edge.to) })),
        unknown: [...unknown.values()].flat(),
      };
    },
  };
}
