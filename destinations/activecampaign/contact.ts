import type { Batch, Change, Context, Exchange, Outcome } from "millrace/destination";
import { defineObject, email, rowByRow, skipped } from "millrace/destination";
import { api, type Config, emailOf, limits } from "./api.ts";
import { contactOf, customField, ownFields } from "./contact-fields.ts";
import { find, gone, takeAway, upsert, written } from "./contacts.ts";
import { importAll } from "./import-job.ts";

/** A record: a changed e-mail changes the contact in place. */
function* writeContact(change: Change, ctx: Context<Config>): Exchange<Outcome> {
  const sent = contactOf(change, "single");
  const onlyKnown = ctx.mode === "update";
  const former = change.before?.ids.find(({ value }) => value !== emailOf(change))?.value;
  const wanted = onlyKnown ? emailOf(change) : former;
  const id = wanted === undefined ? undefined : yield* find(ctx, wanted);
  if (typeof id === "object") return api.broken(id);
  if (id !== undefined) return written(yield* api.put(ctx, `contacts/${id}`, { contact: sent }), "contact");
  return onlyKnown ? skipped("not_found") : yield* upsert(ctx, sent);
}

const deleteContact = (change: Change, ctx: Context<Config>): Exchange<Outcome> =>
  takeAway(ctx, change, function* (id) {
    return gone(yield* api.del(ctx, `contacts/${id}`));
  });

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  if (batch.op === "remove") return yield* rowByRow(batch, (change) => deleteContact(change, ctx));
  // An import can neither change an e-mail in place nor leave out those who are not there.
  const canImport = ctx.mode !== "update" && batch.op === "add";
  if (canImport && batch.changes.length > ctx.config.single_imports) return yield* importAll(batch, ctx, {});
  return yield* rowByRow(batch, (change) => writeContact(change, ctx));
}

/** Contacts as records. */
export const contact = defineObject<Config, "email">({
  describe: "A contact, known by its e-mail",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: ownFields,
  openFields: customField,
  limits,
  deliver,
});
