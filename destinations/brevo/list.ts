import type { Batch, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, all, chunks, defineObject, email, ensureNamed } from "millrace/destination";
import { pagedByOffset, rowByRow, sizeOf } from "millrace/destination";
import { api, type Config, emailOf, limits } from "./api.ts";
import { attribute } from "./attributes.ts";
import { importAll } from "./import-job.ts";
import { upsert } from "./upsert.ts";

/** Takes addresses out, 150 a call (facts B7, unverified); `failure` names those that are no members. */
function* leave(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const addresses = [...new Set(batch.changes.map(emailOf))];
  for (const emails of chunks(addresses, 150)) {
    const response = yield* api.post(ctx, `contacts/lists/${ctx.remote.id}/contacts/remove`, { emails });
    const { success = [], failure = [] } = response.body?.contacts ?? {};
    // HTTP 400 where none is a member: "Contact already removed from list and/or does not exist".
    const noneIsMember = response.status === 400 && /does not exist/.test(String(response.body?.message));
    if (!noneIsMember && success.length + failure.length !== emails.length) return all(batch, api.broken(response));
  }
  return all(batch, accepted());
}

function join(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const id = Number(ctx.remote.id);
  if (batch.changes.length > ctx.config.single_imports) return importAll(batch, ctx, id);
  return rowByRow(batch, (change) => upsert(ctx, change, [id]));
}

/** Lists. Leaving one only leaves the list: the blocklists of e-mail and SMS are never written. */
export const list = defineObject<Config, "email">({
  describe: "Being in a list; the contact is made when absent, consent is not touched",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: {},
  openFields: attribute,
  limits,
  // Lists have no description to mark: one of exactly this name is taken (R43).
  ensure: ensureNamed<Config>({
    what: "list",
    api,
    find: (_name, ctx) =>
      pagedByOffset(
        50,
        (offset) => api.get(ctx, `contacts/lists?limit=50&offset=${offset}&sort=asc`),
        ({ body }) => body?.lists?.map(({ id, name }: any) => ({ id: String(id), name })),
      ),
    create: (name, ctx) => api.post(ctx, "contacts/lists", { name, folderId: ctx.config.folder }),
    idOf: ({ body }) => body?.id,
  }),
  deliver: (batch, ctx) => (batch.op === "remove" ? leave(batch, ctx) : join(batch, ctx)),
  *measure(ctx) {
    const response = yield* api.get(ctx, `contacts/lists/${ctx.remote.id}`);
    return sizeOf(response.body?.uniqueSubscribers);
  },
});
