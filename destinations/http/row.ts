import type { Change, Exchange, Op, Outcome, Values } from "millrace/destination";
import { accepted, pointer, rejected, skipped, unknown } from "millrace/destination";
import { bodyOf, idOf, judged, operationOf, rowValues, send, verdict } from "./operation.ts";
import type { Lookup, Where } from "./settings.ts";

/** A row's record there: without id where there is none; `kept` is what `find` keeps of its answer. */
interface Found {
  readonly id: string | undefined;
  readonly kept: Values;
}

/** Looks for the row's record; an outcome where the answer does not tell. */
function* lookFor(find: Lookup, change: Change, ctx: Where): Exchange<Found | Outcome> {
  const values = rowValues(change, ctx, undefined);
  const response = yield* send(find, ctx, values, bodyOf(find, ctx, values), { harmless: true });
  if (response.status === 404) return { id: undefined, kept: {} };
  const outcome = judged(response, find, ctx.config);
  if (outcome.status !== "accepted") return outcome;
  if (typeof response.body !== "object" || response.body === null)
    return unknown("broken answer: nothing to find in it");
  const id = idOf(response, find);
  const kept = Object.entries(find.keep).map(([name, at]) => [name, pointer(response.body, at)] as const);
  const lacking = kept.find(([, value]) => value === undefined);
  return id !== undefined && lacking !== undefined && change.op !== "remove"
    ? rejected("not_kept", `the record is there, but not what \`keep\` calls ${lacking[0]}`)
    : { id, kept: Object.fromEntries(kept) };
}

/** One row a request. With `find`, its record is looked for first where its id, or what is to be kept, is not known yet. */
export function* deliverRow(change: Change, ctx: Where): Exchange<Outcome> {
  const { find } = ctx.config;
  const known: Found = { id: change.before?.remoteId, kept: {} };
  if (find === undefined) return yield* act(change, ctx, change.op, known);
  const isKnown = known.id !== undefined && Object.keys(find.keep).length === 0;
  const found = isKnown ? known : yield* lookFor(find, change, ctx);
  if ("status" in found) return found;
  if (change.op === "remove") return found.id === undefined ? accepted() : yield* act(change, ctx, "remove", found);
  if (found.id !== undefined) return yield* act(change, ctx, "update", found);
  return ctx.mode === "update" ? skipped("not_found") : yield* act(change, ctx, "add", found);
}

/** Carries out an op, which need not be the change's own: what is there is updated. */
function* act(change: Change, ctx: Where, op: Op, { id: remoteId, kept }: Found): Exchange<Outcome> {
  const { find, update } = ctx.config;
  if (op === "update" && update === undefined && find !== undefined) return accepted(remoteId);
  const operation = operationOf(ctx, op);
  if (operation.path.includes("remote_id") && remoteId === undefined)
    return rejected("no_remote_id", "the record's id is not known: set `id` where it was made, or `find`");
  const values = rowValues(change, ctx, remoteId, kept);
  const once = find !== undefined && op === "add" ? ({ once: true } as const) : {};
  const response = yield* send(operation, ctx, values, bodyOf(operation, ctx, values), once);
  if (find !== undefined && response.status === 404 && change.before !== undefined) {
    // Deleted there since: looked for again, and made again.
    const { before: _, ...fresh } = change;
    return yield* deliverRow(fresh, ctx);
  }
  const outcome = verdict(response, operation, ctx.config);
  const isKept = outcome.status === "accepted" && outcome.remoteId === undefined && op !== "remove";
  return isKept ? accepted(remoteId) : outcome;
}
