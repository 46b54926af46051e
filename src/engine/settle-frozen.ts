/** The end of a plan that was sent, by this run or by one that died: what its journal says, in the ledger, and the plan closed. */
import type { JournalContent } from "../ledger/journal.ts";
import { endingOf, held, type OpenedPlan } from "./close.ts";
import type { FrozenPlan } from "./frozen.ts";
import { keepJobs, openJobs } from "./jobs.ts";
import type { DeliveryRecord } from "./records.ts";
import { replacementOf } from "./replacement.ts";
import type { PlanSource } from "./rows.ts";
import { replacesTarget } from "./shape.ts";
import { settle, type SettleCounts, type SettleOptions } from "./settle.ts";
import { fileVerdicts } from "./verdicts.ts";

export interface SettleFrozenOptions extends OpenedPlan, Pick<SettleOptions, "now" | "doubtAt" | "horizon" | "render"> {
  /** At the desk that the ferry comes from. */
  readonly source: PlanSource;
  readonly frozen: FrozenPlan;
  readonly records: readonly DeliveryRecord[];
  /** The sync's serial when the plan was opened. */
  readonly serial: number;
  /** False where the ledger is known to remember no job of the sync. */
  readonly hadJobs?: boolean;
}

/** What a delivery wrote into its journal; nothing where the journal is lost. */
export const recordsOf = (journal: JournalContent | null): readonly DeliveryRecord[] =>
  (journal?.records ?? []) as unknown as readonly DeliveryRecord[];

/** Settles and closes a plan; done again after a crash it ends the same. */
export async function settleFrozen(options: SettleFrozenOptions): Promise<SettleCounts> {
  const { source, frozen, records, ledger, fence, runId, now, doubtAt, horizon, render } = options;
  const ferry = options.ferry.labelled({ sync: frozen.sync, run: runId });
  await fileVerdicts(ferry.desk, ferry.target, frozen.id, records);
  const replacement = replacesTarget(source.shape) ? replacementOf(records, horizon) : null;
  const opened = { ferry, ledger, fence, runId };
  const closing = { serial: options.serial, now, replaced: replacement !== null };
  const { parts, statements } = await endingOf(opened, frozen, closing);
  const jobs = openJobs(records);
  const kept = jobs.length === 0 && options.hadJobs === false ? [] : keepJobs(ledger, frozen.id, jobs);
  const settling: SettleOptions = {
    ferry,
    source,
    ledger,
    plan: frozen.plan,
    runId,
    fence,
    now,
    deliveredAt: frozen.deliveredAt,
    retry: frozen.retry,
    doubtAt,
    horizon,
    render,
    replacement,
    ending: { parts, statements: [...kept, ...statements] },
  };
  return held(frozen.sync, () => settle(settling));
}
