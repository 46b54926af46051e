import type { Change, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, defineObject, ensureNamed, remoteIdOf, rowByRow, surestKind } from "millrace/destination";
import { api, away, type Config, done } from "./api.ts";
import { find, ofUsers, save } from "./user.ts";

/** Tags have no description to mark: one of exactly this name is taken (R43). */
const ensure = ensureNamed<Config>({
  what: "tag",
  api,
  *find(_name, ctx) {
    const response = yield* api.get(ctx, "tags");
    return Array.isArray(response.body?.data) ? response.body.data : response;
  },
  create: (name, ctx) => api.post(ctx, "tags", { name }),
  idOf: ({ body }) => body?.id,
});

function* add(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  const tagged = (contactId: string | undefined) => api.post(ctx, `contacts/${contactId}/tags`, { id: ctx.remote.id });
  const id = remoteIdOf(change) ?? (yield* find(ctx, change));
  if (typeof id === "object") return api.broken(id);
  if (id !== undefined) {
    const response = yield* tagged(id);
    // Of the two that a 404 may speak of, the user is made anew.
    const isGone = response.status === 404 && /user/i.test(api.words(response));
    if (!isGone) return done(response, id);
  }
  const made = yield* save(ctx, change.identifiers);
  return made.status === "accepted" ? done(yield* tagged(made.remoteId), made.remoteId) : made;
}

function* remove(ctx: Context<Config>, change: Change): Exchange<Outcome> {
  if (surestKind(change, ["external_id", "email"]) === undefined) return accepted();
  const id = remoteIdOf(change) ?? (yield* find(ctx, change));
  if (typeof id === "object") return api.broken(id);
  return id === undefined ? accepted() : yield* away(api.del(ctx, `contacts/${id}/tags/${ctx.remote.id}`));
}

/** `tag`: users that have a tag. */
export const tag = defineObject<Config, "email" | "external_id">({
  ...ofUsers,
  describe: "Having a tag; the user is made when absent",
  kind: "membership",
  ops: ["add", "remove"],
  fields: {},
  ensure,
  deliver: (batch, ctx) => rowByRow(batch, (change) => (batch.op === "remove" ? remove : add)(ctx, change)),
});
