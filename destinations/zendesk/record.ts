/** What objects of users and organizations have in common. */
import type { Batch, Change, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, anyValue, only, remoteIdOf, rowByRow, skipped } from "millrace/destination";
import type { Config } from "./api.ts";
import { ifThere, type Kind, remove, update, upsertEach } from "./single.ts";

type Way = (batch: Batch, ctx: Context<Config>, kind: Kind) => Exchange<readonly Outcome[]>;

const updateEach: Way = (batch, ctx, kind) =>
  rowByRow(batch, (change) => ifThere(ctx, kind, change, skipped("not_found"), (id) => update(ctx, kind, change, id)));

const removeEach: Way = (batch, ctx, kind) =>
  rowByRow(batch, (change) => ifThere(ctx, kind, change, accepted(), (id) => remove(ctx, kind, id)));

/** Known by its id, a record takes changed identifiers in place; all others are upserted. */
function* write(batch: Batch, ctx: Context<Config>, kind: Kind, upsertAll: Way): Exchange<readonly Outcome[]> {
  const moved = new Map<Change, Outcome>();
  for (const change of batch.changes) {
    const id = remoteIdOf(change) === undefined ? change.before?.remoteId : undefined;
    const outcome = id === undefined ? undefined : yield* update(ctx, kind, change, id);
    if (outcome !== undefined) moved.set(change, outcome);
  }
  return yield* only(
    batch,
    (change) => moved.get(change),
    (rest) => upsertAll(rest, ctx, kind),
  );
}

/** Records of a kind. `upsertAll`: how many of them are upserted where there is a better way than one by one. */
export const recordsOf = (kind: Kind, upsertAll: Way = upsertEach) =>
  ({
    kind: "record",
    ops: ["add", "update", "remove"],
    delivery: "set",
    identify: "any",
    fields: kind.fields,
    openFields: anyValue({ describe: `Custom field of the ${kind.one}, by its key` }),
    // 100 users a job (spec, create_or_update_many); 200 requests a minute on the smallest plan (facts C7).
    limits: { rows: 100, rate: { requests: 200, perSeconds: 60 } },
    deliver(batch: Batch, ctx: Context<Config>) {
      if (batch.op === "remove") return removeEach(batch, ctx, kind);
      return ctx.mode === "update" ? updateEach(batch, ctx, kind) : write(batch, ctx, kind, upsertAll);
    },
  }) as const;
