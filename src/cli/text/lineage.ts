/** Lineage as a tree, two spaces a step: `model:customers.email  (expression)`. */
import type { LineageEdge, LineageGraph, LineageNode } from "../../engine/lineage-graph.ts";
import type { Terminal } from "../terminal.ts";

/** What a thing is made of, or is read by, stands below it; what was shown already, and has more below, ends in `…`. */
export function lineageText(
  graph: LineageGraph,
  direction: "upstream" | "downstream",
  paint: Terminal["paintOut"],
): string {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const next = new Map<string, LineageEdge[]>();
  const [near, far] = direction === "upstream" ? (["to", "from"] as const) : (["from", "to"] as const);
  for (const edge of graph.edges) next.set(edge[near], [...(next.get(edge[near]) ?? []), edge]);
  // Made of nothing else: a constant, count(*).
  const bare = (id: string): boolean => {
    const node = nodes.get(id);
    return direction === "upstream" && node !== undefined && node.made && node.column !== null && !next.has(id);
  };
  const shown = new Set<string>();
  const lines: string[] = [];
  const tell = (id: string, step: number, edges: readonly LineageEdge[]): void => {
    const below = byEnd(next.get(id) ?? [], far);
    const again = shown.has(id) && below.size > 0;
    shown.add(id);
    const line = `${"  ".repeat(step)}${before(edges, paint)}${id}${after(nodes.get(id), edges, bare(id))}${again ? "  …" : ""}`;
    lines.push(step === 0 ? paint("bold", line) : line);
    if (!again) for (const [end, several] of below) tell(end, step + 1, several);
  };
  const [first, ...columns] = graph.subject;
  if (first === undefined) return "";
  // A whole relation: its columns first, then what decides about its rows.
  const whole = nodes.get(first)?.column === null;
  if (whole) {
    lines.push(paint("bold", first));
    shown.add(first);
    for (const column of columns) tell(column, 1, []);
    for (const [end, several] of byEnd(next.get(first) ?? [], far)) tell(end, 1, several);
  } else tell(first, 0, []);
  return lines.join("\n");
}

/** Edges to one node are one line. */
function byEnd(edges: readonly LineageEdge[], end: "from" | "to"): ReadonlyMap<string, readonly LineageEdge[]> {
  const groups = new Map<string, LineageEdge[]>();
  for (const edge of edges) groups.set(edge[end], [...(groups.get(edge[end]) ?? []), edge]);
  return groups;
}

const filters = (edges: readonly LineageEdge[]): readonly LineageEdge[] => edges.filter(({ use }) => use === "filters");

function before(edges: readonly LineageEdge[], paint: Terminal["paintOut"]): string {
  return filters(edges).length === 0 ? "" : paint("dim", "filters ");
}

/** The clauses and rules that read it; else how its value comes about. */
function after(node: LineageNode | undefined, edges: readonly LineageEdge[], bare: boolean): string {
  const rules = [...new Set(filters(edges).flatMap(({ how }) => how ?? []))];
  const made = node === undefined || node.how === "copy" || rules.length > 0 ? null : node.how;
  const words = [
    ...rules,
    ...(made === null ? [] : [made]),
    ...(node?.known === false ? ["unknown"] : bare ? ["no column"] : []),
  ];
  return words.length === 0 ? "" : `  (${words.join(", ")})`;
}
