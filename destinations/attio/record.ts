import type { Change, Exchange, Outcome } from "millrace/destination";
import { accepted, defineObject, remoteIdOf, rowByRow, skipped } from "millrace/destination";
import { api, common, type Config, gone, recordsPath, type Where } from "./api.ts";
import { assert, find, move } from "./matched.ts";
import { valuesOf } from "./values.ts";

function* write(change: Change, ctx: Where): Exchange<Outcome> {
  const former = remoteIdOf(change) === undefined ? change.before?.remoteId : undefined;
  const moved = former === undefined ? undefined : yield* move(change, former, ctx);
  if (moved !== undefined) return moved;
  if (ctx.mode === "update") {
    const there = yield* find(change, ctx);
    if (typeof there !== "string") return there ?? skipped("not_found");
  }
  return yield* assert(change, valuesOf(change), ctx);
}

function* remove(change: Change, ctx: Where): Exchange<Outcome> {
  const id = remoteIdOf(change) ?? (yield* find(change, ctx));
  return typeof id === "string" ? gone(yield* api.del(ctx, recordsPath(ctx, id))) : (id ?? accepted());
}

/** `record`: records of the object that the sync's `remote:` names. */
export const record = defineObject<Config, "email_addresses" | "domains">({
  ...common,
  describe: "A record of an object, found by a unique attribute",
  kind: "record",
  deliver: (batch, ctx) => rowByRow(batch, (change) => (batch.op === "remove" ? remove : write)(change, ctx)),
});
