import type { Outcome } from "../core.ts";
import type { Batch, Change, Exchange } from "./index.ts";
import { unknown } from "./outcomes.ts";

/** Changes of a batch that cannot share a request, each group by itself, in the order of their first; outcomes in the batch's. */
export function* inGroups(
  batch: Batch,
  groupOf: (change: Change) => string,
  send: (group: Batch) => Exchange<readonly Outcome[]>,
): Exchange<readonly Outcome[]> {
  const groups = new Map<string, Change[]>();
  for (const change of batch.changes) {
    const group = groupOf(change);
    if (groups.get(group)?.push(change) === undefined) groups.set(group, [change]);
  }
  const fates = new Map<Change, Outcome>();
  for (const changes of groups.values()) {
    const outcomes = yield* send({ ...batch, changes });
    for (const [index, change] of changes.entries()) fates.set(change, outcomes[index] ?? unknown("no outcome"));
  }
  return batch.changes.map((change) => fates.get(change) ?? unknown("no outcome"));
}
