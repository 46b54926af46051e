import type { Json, Outcome } from "../core.ts";
import { type JobOptions, runJob } from "./job.ts";
import type { Batch, Context, Exchange } from "./index.ts";
import { accepted, all } from "./outcomes.ts";

export interface RowsJobOptions<State extends Json> {
  /**
   * Begins the job: its state, absent when every row was refused, and the rows that are not in it by their place; or one
   * outcome for all.
   */
  start(): Exchange<
    { readonly job?: State; readonly refused: ReadonlyMap<number, Outcome> } | { readonly outcome: Outcome }
  >;
  /** Looks at it after `afterMs`: the fate of the rows that are in it, otherwise as of {@link JobOptions}. */
  poll(job: State, afterMs: number): Exchange<Outcome | undefined | "forgotten">;
  /** As of {@link JobOptions}. */
  readonly polls?: JobOptions<State, Outcome>["polls"];
}

interface Kept<State extends Json> {
  readonly [name: string]: Json;
  /** None or one: the job. */
  readonly jobs: readonly State[];
  readonly refused: readonly (readonly [number, Outcome])[];
}

/** {@link runJob} for platforms that refuse some rows when a job begins and have one fate for those that are in it. */
export function* rowsJob<State extends Json>(
  batch: Batch,
  ctx: Pick<Context, "checkpoint">,
  { start, poll, polls }: RowsJobOptions<State>,
): Exchange<readonly Outcome[]> {
  const ended = yield* runJob<Kept<State>, readonly [Outcome, Kept<State>["refused"]]>(ctx, {
    *start() {
      const begun = yield* start();
      if ("outcome" in begun) return begun;
      return { job: { jobs: begun.job === undefined ? [] : [begun.job], refused: [...begun.refused] } };
    },
    *poll({ jobs: [job], refused }, afterMs) {
      const fate = job === undefined ? accepted() : yield* poll(job, afterMs);
      return typeof fate === "object" ? [fate, refused] : fate;
    },
    ...(polls === undefined ? {} : { polls }),
  });
  if ("outcome" in ended) return all(batch, ended.outcome);
  const [fate, refused] = ended.result;
  const outcomes = [...all(batch, fate)];
  for (const [row, outcome] of refused) outcomes[row] = outcome;
  return outcomes;
}
