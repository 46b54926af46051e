import type { Json, Outcome } from "../core.ts";
import { checkpoint } from "./http.ts";
import type { Context, Exchange } from "./index.ts";
import { unknown } from "./outcomes.ts";

export interface JobOptions<State extends Json, Result> {
  /** Begins the job; what comes back is remembered and given to `poll`, or ends the batch with one outcome for all. */
  start(): Exchange<{ readonly job: State } | { readonly outcome: Outcome }>;
  /** Looks at it after `afterMs`: its result, undefined while it runs, or `"forgotten"` where the platform knows no such job. */
  poll(job: State, afterMs: number): Exchange<Result | undefined | "forgotten">;
  /** Times to look before the next run takes over; default 60: half an hour at the longest wait. */
  readonly polls?: number;
}

/** 1 s, 2 s, 4 s … 30 s. */
const waitMs = (poll: number): number => Math.min(1000 * 2 ** poll, 30_000);

/**
 * A job at the platform, from where an earlier process left it to its result. Its state is journalled before the first look,
 * so that a run that dies, or ends before the job does, is followed by one that goes on with it; until then the rows are in
 * doubt. Platforms forget jobs after a while: one of an earlier process that is forgotten is begun anew.
 */
export function* runJob<State extends Json, Result>(
  ctx: Pick<Context, "checkpoint">,
  { start, poll, polls = 60 }: JobOptions<State, Result>,
): Exchange<{ readonly result: Result } | { readonly outcome: Outcome }> {
  let state = (ctx.checkpoint as { readonly job: State } | undefined)?.job;
  let resumed = state !== undefined;
  for (let look = 0; look < polls; look++) {
    if (state === undefined) {
      const begun = yield* start();
      if ("outcome" in begun) return begun;
      state = begun.job;
      yield* checkpoint({ job: state });
    }
    const result = yield* poll(state, waitMs(look));
    if (result === "forgotten") {
      if (!resumed) return { outcome: unknown("the platform does not know the job it began") };
      [state, resumed] = [undefined, false];
    } else if (result !== undefined) return { result };
  }
  return { outcome: unknown("the platform is still working on the job: the next run asks again") };
}
