import type { Batch, Context, Exchange, Outcome } from "millrace/destination";
import { all, defineObject, email, ensureNamed, paged, sizeOf } from "millrace/destination";
import { api, type Config, limits } from "./api.ts";
import { customField, ownFields } from "./contact-fields.ts";
import { takeAway } from "./contact-ids.ts";
import { writeContacts } from "./write-contacts.ts";

/** Of the status of such a job SendGrid says nothing: its 202 is the last word. */
function* leave(some: Batch, ctx: Context<Config>, ids: string): Exchange<readonly Outcome[]> {
  const response = yield* api.del(ctx, `marketing/lists/${ctx.remote.id}/contacts?contact_ids=${ids}`);
  return all(some, typeof response.body?.job_id === "string" ? api.outcome(response) : api.broken(response));
}

/** Lists. Leaving one only leaves the list: suppressions and unsubscribe groups are never touched. */
export const list = defineObject<Config, "email">({
  describe: "Being in a list; the contact is made when absent, consent is not touched",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: ownFields,
  openFields: customField,
  limits,
  // Lists have no description to mark: one of exactly this name is taken (R43). Names of 100 characters (spec).
  ensure: ensureNamed<Config>({
    what: "list",
    api,
    longest: 100,
    find: (_name, ctx) =>
      paged(
        (next) => api.get(ctx, `marketing/lists?page_size=1000${next === undefined ? "" : `&page_token=${next}`}`),
        ({ body }) => body?.result,
        ({ body }) => new URL(body._metadata?.next ?? "x:").searchParams.get("page_token") ?? undefined,
      ),
    create: (name, ctx) => api.post(ctx, "marketing/lists", { name }),
    idOf: ({ body }) => body?.id,
  }),
  deliver: (batch, ctx) =>
    batch.op === "remove" ? takeAway(batch, ctx, leave) : writeContacts(batch, ctx, [ctx.remote.id]),
  *measure(ctx) {
    const response = yield* api.get(ctx, `marketing/lists/${ctx.remote.id}/contacts/count`);
    return sizeOf(response.body?.contact_count);
  },
});
