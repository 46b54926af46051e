import type { Batch, Context, Exchange, Outcome } from "millrace/destination";
import { all, defineObject, email, rejected } from "millrace/destination";
import { type Config, limits } from "./api.ts";
import { customField, ownFields } from "./contact-fields.ts";
import { importAll } from "./import-job.ts";
import { named } from "./named.ts";

const noLeaving = rejected("leaving_unsubscribes", "to leave a list is to unsubscribe: on_leave: keep, or use a tag");

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  if (batch.op === "remove") return all(batch, noLeaving);
  return yield* importAll(batch, ctx, { subscribe: [{ listid: ctx.remote.id }] });
}

/**
 * Lists. They know no leaving but unsubscribing, so that people are put into them but never taken out; and by imports alone,
 * since those subscribe nobody who has unsubscribed.
 */
export const list = defineObject<Config, "email">({
  describe: "Being subscribed to a list, unless one has unsubscribed; nobody is ever taken out (on_leave: keep)",
  kind: "membership",
  ops: ["add", "update"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: ownFields,
  openFields: customField,
  limits,
  // Lists are made by people, who word the reminder of why one is on it.
  ensure: named("list", "filters[name]"),
  deliver,
});
