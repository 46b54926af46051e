import type { Change, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, defineObject, remoteIdOf, rowByRow, skipped, text } from "millrace/destination";
import { api, away, type Config } from "./api.ts";
import { type Attributes, bodyOf, customAttribute, seconds, whole } from "./attributes.ts";
import { find, ofUsers, save } from "./user.ts";

const fields: Attributes = { name: text(), phone: text(), avatar: text(), signed_up_at: seconds, owner_id: whole };

function* write(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  // A record that has other identifiers now is changed in place, by its id.
  const id = change.before?.remoteId ?? (yield* find(ctx, change));
  if (typeof id === "object") return api.broken(id);
  return yield* save(ctx, bodyOf(fields, change), id, ctx.mode === "update" ? skipped("not_found") : undefined);
}

function* remove(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  const id = remoteIdOf(change) ?? (yield* find(ctx, change));
  if (typeof id === "object") return api.broken(id);
  return id === undefined ? accepted() : yield* away(api.post(ctx, `contacts/${id}/archive`));
}

/** `contact`: users with their attributes. Subscriptions are never touched. */
export const contact = defineObject<Config, "email" | "external_id">({
  ...ofUsers,
  describe: "A user, known by external id or e-mail",
  kind: "record",
  ops: ["add", "update", "remove"],
  fields,
  openFields: customAttribute,
  deliver: (batch, ctx) => rowByRow(batch, (change) => (batch.op === "remove" ? remove : write)(ctx, change)),
});
