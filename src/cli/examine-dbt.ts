/** doctor's look at dbt: how old the manifest is, what its last run left, and whether all that is used stands in the warehouse. */
import { MillraceError } from "../errors.ts";
import { openSession } from "../models/session.ts";
import type { Dbt } from "../project/dbt/dbt.ts";
import type { Project } from "../project/project.ts";
import { amount, span } from "./figures.ts";

export interface DbtFinding {
  readonly status: "ok" | "warning" | "failed";
  readonly message: string;
  readonly hint?: string;
}

interface World {
  readonly now: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function examineDbt(project: Project, dbt: Dbt, { now, env }: World): Promise<DbtFinding> {
  const used = [...project.models.values()].flatMap((model) => model.dbt ?? []);
  const whole =
    dbt.manifest === null || dbt.generatedAt === null
      ? "seeds/dbt stands for it in this environment"
      : `${dbt.manifest} ${dbt.version}, ${span(now - dbt.generatedAt)} old, ${amount(dbt.nodes.size, "node")}`;
  const missing = await firstMissing(
    project,
    env,
    used.map(({ name }) => name),
  );
  if (missing !== null) return { status: "failed", message: `${whole}; ${missing.message}`, ...missing.more };
  const failed = used.find(({ uniqueId }) => dbt.failed.has(uniqueId));
  const because =
    dbt.unproven ?? (failed === undefined ? null : `"${failed.name}": ${dbt.failed.get(failed.uniqueId)}`);
  if (because !== null)
    return { status: "warning", message: `${whole}; ${because}`, hint: "run dbt build: syncs below it wait (E250)" };
  return { status: "ok", message: `${whole}, ${used.length === 1 ? "the one" : `all ${used.length}`} used there` };
}

async function firstMissing(
  project: Project,
  env: World["env"],
  names: readonly string[],
): Promise<{ readonly message: string; readonly more: { readonly hint?: string } } | null> {
  const session = await openSession(project, { write: false, env });
  try {
    for (const name of names) session.relationOf({ dbt: name });
    return null;
  } catch (error) {
    const [first] = error instanceof MillraceError ? error.diagnostics : [];
    if (first === undefined) throw error;
    return { message: first.message, more: first.hint === undefined ? {} : { hint: first.hint } };
  } finally {
    await session.close();
  }
}
