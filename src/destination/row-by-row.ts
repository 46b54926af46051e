import type { Outcome } from "../core.ts";
import type { Batch, Change, Exchange } from "./index.ts";

/** For platforms that take one row a request: each change's own conversation, in order. */
export function* rowByRow(batch: Batch, one: (change: Change) => Exchange<Outcome>): Exchange<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const change of batch.changes) outcomes.push(yield* one(change));
  return outcomes;
}

/** Outcomes of the changes that `keep` passes, put back among the others', which have one already. */
export function* only(
  batch: Batch,
  settled: (change: Change) => Outcome | undefined,
  rest: (batch: Batch) => Exchange<readonly Outcome[]>,
): Exchange<readonly Outcome[]> {
  const known = batch.changes.map(settled);
  const changes = batch.changes.filter((_, index) => known[index] === undefined);
  if (changes.length === 0) return known.filter((outcome) => outcome !== undefined);
  const outcomes = yield* rest({ ...batch, changes });
  let next = 0;
  return known.map((outcome) => outcome ?? outcomes[next++] ?? { status: "unknown", message: "no outcome" });
}
