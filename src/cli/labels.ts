import type { Project } from "../project/project.ts";

/** `high_value_fr -> meta_ads`; the sync's name where the project knows it no more. */
export function syncLabel(project: Project, sync: string): string {
  const found = project.syncs.get(sync);
  return found === undefined ? sync : `${found.spec.audience ?? found.spec.model} -> ${found.spec.destination}`;
}
