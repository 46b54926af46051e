/** Puts a planned sync before its guards: numbers from the plan, tests and freshness from upstream. */
import type { GuardResult, TestResult } from "../core.ts";
import { isReal } from "../project/rules/real-destinations.ts";
import type { Limit } from "../project/project.ts";
import { integer } from "../warehouse/row.ts";
import { checkGuards, mergeGuards, type GuardFacts } from "./guards.ts";
import type { SyncPlan } from "./plan-sync.ts";

import type { Summary } from "./summary.ts";
import type { Workspace } from "./workspace.ts";

export interface GateOptions {
  /** First runs were confirmed (`--yes`, or a person said so). */
  readonly confirmed: boolean;
  readonly maxRemove?: Limit;
  readonly overrides: readonly { readonly guard: string; readonly sync?: string; readonly reason: string }[];
  readonly actor: string;
  /** Results of tests and freshness that concern this sync. */
  readonly tests: readonly TestResult[];
}

export async function gate(
  workspace: Workspace,
  plan: SyncPlan,
  summary: Summary,
  options: GateOptions,
): Promise<readonly GuardResult[]> {
  const { project } = workspace;
  const { sync, shape } = plan;
  const audience = sync.spec.audience === undefined ? undefined : project.audiences.get(sync.spec.audience);
  const override = options.maxRemove === undefined ? {} : { remove: options.maxRemove };
  const spec = mergeGuards(
    override,
    project.environment.guards,
    sync.spec.guards,
    audience?.spec.guards ?? {},
    shape.destination.spec.guards ?? {},
    project.guards,
  );
  const failed = options.tests.filter(({ status }) => status === "failed" || status === "errored");
  const facts: GuardFacts = {
    // Events too old to be sent are still there: a model that lost them is what guards look for.
    wanted: plan.rows.keyed + plan.late,
    held: plan.held,
    adds: summary.planned.add,
    removes: summary.planned.remove,
    removedToday: plan.first ? 0 : (workspace.known.removed.get(sync.name) ?? 0),
    first: plan.first,
    real: isReal(shape.destination),
    confirmed: options.confirmed,
    addsMatter: shape.policy.delivery === "once" || shape.policy.mode === "append",
    stale: failed.filter(({ kind }) => kind === "freshness").map(({ name }) => name),
    failedTests: failed.filter(({ kind }) => kind !== "freshness").map(({ name }) => name),
    nullShares: spec.null_share === undefined ? {} : await nullShares(workspace, plan, Object.keys(spec.null_share)),
  };
  return checkGuards(spec, facts).map((guard) => overridden(guard, sync.name, options));
}

export const stops = (guards: readonly GuardResult[]): boolean =>
  guards.some(({ ok, overridden: passed }) => !ok && passed === undefined);

function overridden(guard: GuardResult, sync: string, { overrides, actor }: GateOptions): GuardResult {
  if (guard.ok) return guard;
  const match = overrides.find((one) => one.guard === guard.code && (one.sync === undefined || one.sync === sync));
  return match === undefined ? guard : { ...guard, overridden: { actor, reason: match.reason } };
}

/** Share of the wanted rows without an identifier of the kind: NULL in the model. */
async function nullShares(
  workspace: Workspace,
  plan: SyncPlan,
  kinds: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const { warehouse } = workspace;
  const shares: Record<string, number> = {};
  for (const kind of kinds) {
    const identifier = plan.shape.identifiers.find((one) => one.kind === kind);
    if (identifier === undefined) continue;
    const column = warehouse.dialect.quote(identifier.column);
    const [row] = await warehouse.rows(
      `SELECT count(*) AS total, count(${column}) AS filled FROM ${plan.rows.relation}`,
    );
    const rows = integer(row, "total");
    shares[kind] = rows === 0 ? 0 : 1 - integer(row, "filled") / rows;
  }
  return shares;
}
