import { newestOfSources } from "../models/freshness.ts";
import { openSession } from "../models/session.ts";
import type { Project } from "../project/project.ts";
import type { SourceAge } from "./metrics.ts";

/** How old each source with `freshness:` is, counted from the run's as_of; empty where no source has it. */
export async function sourceAges(
  project: Project,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly SourceAge[]> {
  const declared = [...project.sources.values()].some(
    ({ spec }) => spec.freshness !== undefined || spec.tables.some((table) => table.freshness !== undefined),
  );
  if (!declared) return [];
  const session = await openSession(project, { write: false, env });
  try {
    const now = Date.parse(String(project.vars["as_of"]));
    const newest = await newestOfSources(project, session);
    return newest.map(({ subject, newestAt }) => ({ source: subject, seconds: Math.round((now - newestAt) / 1000) }));
  } finally {
    await session.close();
  }
}
