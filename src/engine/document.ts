/** The plan as a document (millrace/plan/v1) out of plans, summaries and guards. */
import type { Diagnostic, GuardResult, LedgerWithoutSync, PlanDocument, PlannedRow, PlannedSync } from "../core.ts";
import type { EngineOptions } from "./api.ts";
import { costsOf } from "./cost.ts";
import { stops } from "./gates.ts";
import type { Planned, Plans } from "./plan-all.ts";
import type { SyncPlan } from "./plan-sync.ts";
import type { Summary } from "./summary.ts";
import type { Workspace } from "./workspace.ts";

/** A sync that was planned, counted and looked at by its guards. */
export interface Judged {
  readonly plan: SyncPlan;
  readonly summary: Summary;
  readonly guards: readonly GuardResult[];
  readonly sample: readonly PlannedRow[];
}

export interface DocumentInput {
  readonly workspace: Workspace;
  readonly options: EngineOptions;
  readonly id: string;
  readonly plans: Plans;
  readonly judged: ReadonlyMap<string, Judged>;
  readonly expiresAt: number | null;
  readonly withoutSync: readonly LedgerWithoutSync[];
}

export const iso = (ms: number): string => new Date(ms).toISOString();

export function planDocument(input: DocumentInput): PlanDocument {
  const { workspace, options, id, plans, judged, expiresAt, withoutSync } = input;
  const costs = costsOf(plans, workspace.project.environment.warehouse);
  const syncs = plans.planned.map((each) => {
    const { name } = each.sync;
    return plannedSync(each, judged.get(name), costs.get(name) ?? null);
  });
  const bases = [...judged].map(([name, { plan }]) => [name, plan.state.serial] as const);
  const why = (name: string): readonly string[] => options.whySelected?.get(name) ?? [];
  return {
    schema: "millrace/plan/v1",
    id,
    environment: workspace.project.environment.name,
    as_of: workspace.asOf.text,
    created_at: iso(options.ports.clock.now()),
    expires_at: expiresAt === null ? null : iso(expiresAt),
    git: options.git,
    bases: Object.fromEntries(bases.toSorted(byName)),
    changes: syncs.some(({ status }) => status === "changes"),
    audiences: [...plans.audiences.values()]
      .map(({ delta }) => ({ ...delta, why_selected: why(delta.name) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    syncs: syncs.toSorted((a, b) => (a.sync < b.sync ? -1 : 1)),
    ...(withoutSync.length === 0 ? {} : { ledgers_without_sync: withoutSync }),
    diagnostics: [...workspace.session.warnings, ...diagnosticsOf(plans, judged)],
  };
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

function plannedSync(planned: Planned, judged: Judged | undefined, cost: PlannedSync["cost"]): PlannedSync {
  const { spec, name } = planned.sync;
  const named = { sync: name, destination: spec.destination, object: spec.object, mode: spec.mode };
  if (judged === undefined) {
    const error =
      "problems" in planned ? planned.problems.map(({ code, message }) => `${code}: ${message}`).join("; ") : null;
    const none = {
      planned: { add: 0, update: 0, remove: 0 },
      skipped: [],
      in_doubt: 0,
      retrying: 0,
      remapped: 0,
      requests_estimate: 0,
    };
    return { ...named, status: "stopped", ...none, guards: [], cost: null, sample: [], error };
  }
  const { plan, summary, guards, sample } = judged;
  const { add, update, remove } = summary.planned;
  const moves = add + update + remove > 0 || plan.reprinted > 0 || plan.assumes;
  return {
    ...named,
    status: stops(guards) ? "stopped" : moves ? "changes" : "unchanged",
    planned: summary.planned,
    skipped: summary.skipped,
    in_doubt: summary.inDoubt,
    retrying: summary.retrying,
    remapped: plan.reprinted,
    requests_estimate: summary.requests,
    guards,
    cost,
    sample,
    error: null,
  };
}

function diagnosticsOf(plans: Plans, judged: ReadonlyMap<string, Judged>): readonly Diagnostic[] {
  const problems = plans.planned.flatMap((each) => ("problems" in each ? each.problems : []));
  const copies = [...judged.values()].flatMap(({ plan }): Diagnostic[] =>
    plan.rows.collapsed === 0
      ? []
      : [
          {
            code: "W521",
            severity: "warning",
            message: `${plan.rows.collapsed} exact copies of rows of sync "${plan.sync.name}" were collapsed`,
            at: plan.sync.at(),
          },
        ],
  );
  const edits = [...plans.audiences.values()].flatMap(({ problem }) => problem ?? []);
  return [...problems, ...edits, ...copies];
}
