import type { Diagnostic, Location } from "../../core.ts";
import type { Graph } from "../graph.ts";
import type { Project } from "../project.ts";

/** Why a sync may not read what dbt built above it (E250), or null: `dbt: require_success` and a parent that failed. */
export function unbuiltParent(
  project: Project,
  graph: Graph,
  sync: { readonly name: string; at(): Location },
): Diagnostic | null {
  const { dbt } = project;
  if (dbt === undefined) return null;
  const parents = [...graph.upstream(`sync:${sync.name}`)].toSorted();
  const nodes = parents.flatMap((id) => {
    const node = id.startsWith("model:") ? project.models.get(id.slice("model:".length))?.dbt : undefined;
    // A seed stands for it here: dbt's last run does not matter.
    return node === undefined || project.seeds.has(`dbt.${node.name}`) ? [] : [node];
  });
  const failed = nodes.find(({ uniqueId }) => dbt.failed.has(uniqueId));
  const because =
    nodes.length > 0 && dbt.unproven !== null
      ? dbt.unproven
      : failed === undefined
        ? null
        : `dbt ${failed.kind} "${failed.name}": ${dbt.failed.get(failed.uniqueId)}`;
  if (because === null) return null;
  return {
    code: "E250",
    severity: "error",
    message: `sync "${sync.name}" needs what dbt did not build: ${because}`,
    at: sync.at(),
    hint: "mend it and run dbt build; dbt: require_success in millrace.yml asks for that",
  };
}
