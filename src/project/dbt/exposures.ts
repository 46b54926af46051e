/** Audiences and syncs as exposures of dbt: who uses its models, and where that ends. */
import { stringify } from "yaml";
import type { Graph } from "../graph.ts";
import type { AudienceSpec, Project, Resource } from "../project.ts";

/** https://docs.getdbt.com/reference/exposure-properties */
export interface Exposure {
  readonly name: string;
  readonly label: string;
  readonly type: "application";
  readonly description: string;
  readonly depends_on: readonly string[];
  readonly owner: { readonly name: string; readonly email?: string };
}

/** The first line of a file that millrace may write over. */
export const exposuresMark = "# Written by millrace dbt exposures: edits are lost.";

/** Every audience and sync that reads dbt, through models and segments too, sorted by name; a sync called as an audience gets `_sync` at its end. */
export function exposuresOf(project: Project, graph: Graph): readonly Exposure[] {
  const names = new Set(project.audiences.keys());
  const syncName = (name: string): string => (names.has(name) ? syncName(`${name}_sync`) : name);
  const exposures: Exposure[] = [];
  for (const audience of project.audiences.values()) {
    const { label, description, model } = audience.spec;
    exposures.push({
      name: audience.name,
      label: plain(label ?? audience.name.replaceAll("_", " ")),
      type: "application",
      description: plain(description ?? `Audience of ${model}.`),
      depends_on: readOfDbt(project, graph, `audience:${audience.name}`),
      owner: ownerOf(project, audience),
    });
  }
  for (const sync of project.syncs.values()) {
    const { audience, model, destination, object, mode } = sync.spec;
    const type = project.destinations.get(destination)?.spec.type;
    const what = audience === undefined ? `model ${model}` : `audience ${audience}`;
    exposures.push({
      name: syncName(sync.name),
      label: plain(`${(audience ?? model ?? "").replaceAll("_", " ")} to ${destination.replaceAll("_", " ")}`),
      type: "application",
      description: plain(
        `Sync of ${what} to ${destination} (${type === undefined ? "" : `${type}, `}${object}, ${mode}).`,
      ),
      depends_on: readOfDbt(project, graph, `sync:${sync.name}`),
      owner: ownerOf(project, project.audiences.get(audience ?? "")),
    });
  }
  return exposures.filter(({ depends_on }) => depends_on.length > 0).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The exposures as a file of dbt's models/ folder. */
export function exposuresYaml(exposures: readonly Exposure[]): string {
  return `${exposuresMark}\n${stringify({ version: 2, exposures }, { lineWidth: 120 })}`;
}

/** The calls of dbt for what a resource reads of it: `ref('customers')`, `source('app', 'orders')`. */
function readOfDbt(project: Project, graph: Graph, id: string): readonly string[] {
  const calls = [...graph.upstream(id)].flatMap((above) => {
    const [kind = "", name = ""] = [above.slice(0, above.indexOf(":")), above.slice(above.indexOf(":") + 1)];
    if (kind === "model") return project.models.get(name)?.dbt?.ref ?? [];
    const [source = "", table = ""] =
      kind === "source" ? [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)] : [];
    const ofDbt = project.sources
      .get(source)
      ?.spec.tables.some((one) => one.name === table && one.relation !== undefined);
    return ofDbt === true ? `source('${source}', '${table}')` : [];
  });
  return calls.toSorted();
}

/** dbt asks for an owner with a name or an address; without one, the project. */
function ownerOf(project: Project, audience: Resource<AudienceSpec> | undefined): Exposure["owner"] {
  const { name, email } = audience?.spec.owner ?? {};
  return { name: plain(name ?? email ?? project.name), ...(email === undefined ? {} : { email: plain(email) }) };
}

/** dbt renders these texts as templates: an opening brace pair is taken apart. */
function plain(text: string): string {
  return text.replaceAll(/\{(?=[{%#])/g, "{ ");
}
