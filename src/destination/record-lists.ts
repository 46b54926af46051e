/** Being in a list of records, and records that belong to each other: memberships of what has an id at the platform. */
import type { Outcome } from "../core.ts";
import type { HttpResponse } from "./http.ts";
import type { Batch, Change, Exchange } from "./index.ts";
import { accepted, all, rejectedEach } from "./outcomes.ts";
import { remoteIdOf } from "./parts.ts";
import { recordIds, type Register } from "./records.ts";
import { only } from "./row-by-row.ts";

/** Puts records into a list or takes them out; the fate of each. */
type ChangeList = (way: "add" | "remove", ids: readonly string[]) => Exchange<(id: string) => Outcome>;

/**
 * Being in a list of records: who joins is written first, who leaves is only taken out, and who is not there has left.
 * `write`: its outcomes carry the ids of records that must still join.
 */
export function* listRecords(
  batch: Batch,
  register: Register,
  write: (batch: Batch) => Exchange<readonly Outcome[]>,
  change: ChangeList,
): Exchange<readonly Outcome[]> {
  if (batch.op === "remove") {
    const ids = yield* recordIds(batch.changes, register);
    if (!(ids instanceof Map)) return all(batch, register.broken(ids as HttpResponse));
    if (ids.size === 0) return all(batch, accepted());
    const left = yield* change("remove", [...new Set<string>(ids.values())]);
    return batch.changes.map((each) => (ids.has(each) ? left(ids.get(each)) : accepted()));
  }
  const written = yield* write(batch);
  const idOf = (outcome: Outcome) => (outcome.status === "accepted" ? outcome.remoteId : undefined);
  const ids = new Set(written.map(idOf).filter((id) => id !== undefined));
  if (ids.size === 0) return written;
  const joined = yield* change("add", [...ids]);
  return written.map((outcome) => {
    const id = idOf(outcome);
    return id === undefined ? outcome : joined(id);
  });
}

/** Ids of two records. */
export interface RecordPair {
  readonly from: string;
  readonly to: string;
}

/**
 * Which record belongs to which (decision 71): both ends are looked up, and a row without one of them is refused, or has
 * nothing to remove. The ledger keeps `from/to` as remote id, so that an address that changes later loses no pair.
 */
export function* pairRecords(
  batch: Batch,
  from: Register,
  to: Register,
  link: (batch: Batch, pairs: readonly RecordPair[]) => Exchange<readonly Outcome[]>,
): Exchange<readonly Outcome[]> {
  const pairs = new Map<Change, RecordPair>();
  for (const change of batch.changes) {
    const [one, other] = remoteIdOf(change)?.split("/") ?? [];
    if (one !== undefined && other !== undefined) pairs.set(change, { from: one, to: other });
  }
  const open = batch.changes.filter((change) => !pairs.has(change));
  const ones = yield* recordIds(open, from);
  if (!(ones instanceof Map)) return all(batch, from.broken(ones as HttpResponse));
  const others = yield* recordIds(open, to);
  if (!(others instanceof Map)) return all(batch, to.broken(others as HttpResponse));
  for (const change of open)
    if (ones.has(change) && others.has(change)) pairs.set(change, { from: ones.get(change), to: others.get(change) });
  const absent =
    batch.op === "remove" ? accepted() : rejectedEach("lookup_missed", "a record of the pair is not there");
  return yield* only(
    batch,
    (change) => (pairs.has(change) ? undefined : absent),
    function* (rest) {
      const wanted = rest.changes.map((change) => pairs.get(change) ?? { from: "", to: "" });
      const outcomes = yield* link(rest, wanted);
      return outcomes.map((outcome, place) =>
        outcome.status === "accepted" ? accepted(`${wanted[place]?.from}/${wanted[place]?.to}`) : outcome,
      );
    },
  );
}
