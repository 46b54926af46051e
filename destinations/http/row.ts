import type { Change, Exchange, Op, Outcome } from "millrace/destination";
import { accepted, rejected, skipped, unknown } from "millrace/destination";
import { bodyOf, idOf, judged, operationOf, rowValues, send, verdict } from "./operation.ts";
import type { Operation, Where } from "./settings.ts";

/** The id of the row's record there; undefined where there is none, an outcome where the answer tells neither. */
function* lookFor(find: Operation, change: Change, ctx: Where): Exchange<string | Outcome | undefined> {
  const values = rowValues(change, ctx, undefined);
  const response = yield* send(find, ctx, values, bodyOf(find, ctx, values));
  if (response.status === 404) return undefined;
  const outcome = judged(response, find, ctx.config);
  if (outcome.status !== "accepted") return outcome;
  if (typeof response.body !== "object" || response.body === null)
    return unknown("broken answer: nothing to find in it");
  return idOf(response, find);
}

/** One row a request. With `find`, its record is looked for first where its id is not known yet. */
export function* deliverRow(change: Change, ctx: Where): Exchange<Outcome> {
  const { find } = ctx.config;
  const known = change.before?.remoteId;
  if (find === undefined) return yield* act(change, ctx, change.op, known);
  const remoteId = known ?? (yield* lookFor(find, change, ctx));
  if (typeof remoteId === "object") return remoteId;
  if (change.op === "remove") return remoteId === undefined ? accepted() : yield* act(change, ctx, "remove", remoteId);
  if (remoteId !== undefined) return yield* act(change, ctx, "update", remoteId);
  return ctx.mode === "update" ? skipped("not_found") : yield* act(change, ctx, "add", undefined);
}

/** Carries out an op, which need not be the change's own: what is there is updated. */
function* act(change: Change, ctx: Where, op: Op, remoteId: string | undefined): Exchange<Outcome> {
  const { find, update } = ctx.config;
  if (op === "update" && update === undefined && find !== undefined) return accepted(remoteId);
  const operation = operationOf(ctx, op);
  if (operation.path.includes("remote_id") && remoteId === undefined)
    return rejected("no_remote_id", "the record's id is not known: set `id` where it was made, or `find`");
  const values = rowValues(change, ctx, remoteId);
  const once = find !== undefined && op === "add";
  const response = yield* send(operation, ctx, values, bodyOf(operation, ctx, values), { once });
  if (find !== undefined && response.status === 404 && change.before !== undefined) {
    // Deleted there since: looked for again, and made again.
    const { before: _, ...fresh } = change;
    return yield* deliverRow(fresh, ctx);
  }
  const outcome = verdict(response, operation, ctx.config);
  const isKept = outcome.status === "accepted" && outcome.remoteId === undefined && op !== "remove";
  return isKept ? accepted(remoteId) : outcome;
}
