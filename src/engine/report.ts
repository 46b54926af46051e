/** One sync's line of the run report, out of its plan, its delivery and its settlement. */
import type { Diagnostic, GuardResult, OpCounts, SyncedSync } from "../core.ts";
import type { Resource, SyncSpec } from "../project/project.ts";
import type { SettleCounts } from "./settle.ts";

export interface Settlement {
  readonly counts: SettleCounts;
  readonly requests: number;
  readonly durationMs: number;
  readonly refusals: SyncedSync["rejections"];
  /** Why sending ended early. */
  readonly stopped: Diagnostic | null;
}

const none: OpCounts = { add: 0, update: 0, remove: 0 };
const noOutcomes = { accepted: 0, rejected: 0, deferred: 0, skipped: 0, unsent: 0, unknown: 0 } as const;

/** A sync that sent nothing: unchanged, stopped by a guard, failed before sending, paused. */
export function quietReport(
  sync: Resource<SyncSpec>,
  status: "unchanged" | "stopped" | "failed" | "locked" | "skipped",
  more: {
    readonly planned?: OpCounts;
    readonly guards?: readonly GuardResult[];
    readonly error?: Diagnostic | null;
  } = {},
): SyncedSync {
  return {
    sync: sync.name,
    status,
    planned: more.planned ?? none,
    outcomes: noOutcomes,
    accepted: none,
    requests: 0,
    duration_ms: 0,
    rejections: [],
    guards: more.guards ?? [],
    error: more.error ?? null,
  };
}

/** A sync that was sent and settled. `partial`: some rows were refused, put off, or are in doubt. */
export function syncReport(
  sync: Resource<SyncSpec>,
  planned: OpCounts,
  guards: readonly GuardResult[],
  settlement: Settlement,
): SyncedSync {
  const { counts, requests, durationMs, refusals, stopped } = settlement;
  const { outcomes, accepted } = counts;
  const short = outcomes.rejected + outcomes.deferred + outcomes.unsent + outcomes.unknown > 0;
  const refused = refusedRows(sync, outcomes);
  const tooMany = refused?.severity === "error" ? refused : null;
  return {
    sync: sync.name,
    status: stopped !== null ? "failed" : short || tooMany !== null ? "partial" : "ok",
    planned,
    outcomes,
    accepted,
    requests,
    duration_ms: Math.round(durationMs),
    rejections: refusals,
    guards,
    error: stopped ?? tooMany,
    ...(refused?.severity === "warning" ? { warning: refused } : {}),
  };
}

/** E430 above `rejected_rows.fail`, W430 above `warn`, once there are enough rows to speak of a share (decision 65). */
function refusedRows(sync: Resource<SyncSpec>, outcomes: SettleCounts["outcomes"]): Diagnostic | null {
  const { warn, fail, min } = sync.spec.rejected_rows;
  const total = Object.values(outcomes).reduce((sum, rows) => sum + rows, 0);
  const share = total === 0 ? 0 : outcomes.rejected / total;
  const limit = share > fail ? fail : warn;
  if (outcomes.rejected < min || share <= limit) return null;
  const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
  return {
    ...(share > fail ? { code: "E430", severity: "error" } : { code: "W430", severity: "warning" }),
    message: `${outcomes.rejected} of ${total} rows were refused (${percent(share)}, limit ${percent(limit)})`,
    at: sync.at(["rejected_rows"]),
    hint: "look at them: millrace runs rejected",
  };
}
