import { findCycles } from "../graph.ts";
import { report, type ValidationRule } from "./rule.ts";

/** Models, segments and audiences that depend on themselves; syncs that wait for each other. */
export const cycles: ValidationRule = {
  code: "E210",
  severity: "error",
  *check({ project, graph }) {
    for (const cycle of graph.cycles) {
      const names = cycle.map((id) => id.slice(id.indexOf(":") + 1));
      const first = graph.nodes.get(cycle[0] ?? "");
      const place = project.audiences.get(names[0] ?? "") ?? project.segments.get(names[0] ?? "");
      const at =
        first?.kind === "model" || !place
          ? { file: first?.file ?? "millrace.yml", line: 1, column: 1 }
          : place.at(["name"]);
      yield report(cycles, `a cycle: ${names.join(" -> ")}`, at, "take one of these references out");
    }
    const after = (name: string): readonly string[] => project.syncs.get(name)?.spec.after ?? [];
    for (const cycle of findCycles(after, waitingForever(after, project.syncs.keys()))) {
      const sync = project.syncs.get(cycle[0] ?? "");
      if (sync)
        yield report(
          cycles,
          `syncs wait for each other: ${cycle.join(" -> ")}`,
          sync.at(["after"]),
          "take one of these after: out",
        );
    }
  },
  valid: { "models/a.sql": "select * from {{ ref('b') }}", "models/b.sql": "select 1 as x" },
  invalid: { "models/a.sql": "select * from {{ ref('b') }}", "models/b.sql": "select * from {{ ref('a') }}" },
};

/** Names that are never free: each waits, at some remove, for one that waits for it. */
function waitingForever(after: (name: string) => readonly string[], names: Iterable<string>): ReadonlySet<string> {
  const waiting = new Set(names);
  for (let before = -1; before !== waiting.size;) {
    before = waiting.size;
    for (const name of waiting) if (!after(name).some((parent) => waiting.has(parent))) waiting.delete(name);
  }
  return waiting;
}
