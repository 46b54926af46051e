import type { Change, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, defineObject, email, remoteIdOf, rowByRow } from "millrace/destination";
import { api, type Config, limits } from "./api.ts";
import { contactOf, customField, ownFields } from "./contact-fields.ts";
import { gone, takeAway, upsert, written } from "./contacts.ts";
import { named } from "./named.ts";

/** The contact is made when absent. What is kept is the id of its having the tag, by which the tag is taken off. */
function* putOn(change: Change, ctx: Context<Config>): Exchange<Outcome> {
  const made = yield* upsert(ctx, contactOf(change, "single"));
  if (made.status !== "accepted") return made;
  const contactTag = { contact: Number(made.remoteId), tag: Number(ctx.remote.id) };
  return written(yield* api.post(ctx, "contactTags", { contactTag }), "contactTag");
}

function* takeOff(change: Change, ctx: Context<Config>): Exchange<Outcome> {
  const known = remoteIdOf(change);
  if (known !== undefined) return gone(yield* api.del(ctx, `contactTags/${known}`));
  return yield* takeAway(ctx, change, function* (contact) {
    const response = yield* api.get(ctx, `contacts/${contact}/contactTags`);
    if (!Array.isArray(response.body?.contactTags)) return api.broken(response);
    const had = response.body.contactTags.find((one: any) => String(one?.tag) === ctx.remote.id);
    return had === undefined ? accepted() : gone(yield* api.del(ctx, `contactTags/${had.id}`));
  });
}

/** Tags of contacts. */
export const tag = defineObject<Config, "email">({
  describe: "Having a tag; the contact is made when absent",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: ownFields,
  openFields: customField,
  limits,
  ensure: named("tag", "search", {
    create: (name, ctx, marker) =>
      api.post(ctx, "tags", { tag: { tag: name, tagType: "contact", description: `Kept by millrace ${marker}` } }),
    idOf: ({ body }) => body?.tag?.id,
  }),
  deliver: (batch, ctx) =>
    rowByRow(batch, (change) => (change.op === "remove" ? takeOff(change, ctx) : putOn(change, ctx))),
});
