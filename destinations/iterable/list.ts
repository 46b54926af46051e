import type { Batch, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, defineObject, ensureNamed, paged } from "millrace/destination";
import { api, type Config } from "./api.ts";
import { configure, limits, sendAll } from "./bulk.ts";
import { identifiers, keyOf, type Kind, knownOnly } from "./identity.ts";
import { userField, userFields, userOf } from "./user-item.ts";

const join = (batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> =>
  sendAll(batch, ctx, {
    path: "lists/subscribe",
    rows: "subscribers",
    itemOf: userOf,
    beside: ({ remote }) => ({ listId: Number(remote.id), updateExistingUsersOnly: false }),
  });

/** Says `channelUnsubscribe: false` outright: without it people would be unsubscribed from the whole channel. */
function* leave(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const outcomes = yield* sendAll(batch, ctx, {
    path: "lists/unsubscribe",
    rows: "subscribers",
    itemOf: keyOf,
    beside: ({ remote }) => ({ listId: Number(remote.id), channelUnsubscribe: false }),
  });
  return outcomes.map((outcome) => (isOfNobody(outcome) ? accepted() : outcome));
}

/** Whether a row was refused because there is no such user. */
const isOfNobody = (outcome: Outcome): boolean =>
  outcome.status === "rejected" && /^(notFound|forgotten)/.test(outcome.code);

/** Iterable's static lists. */
export const list = defineObject<Config, Kind>({
  describe: "Being in a static list; the user is made when absent, subscriptions are not touched",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers,
  fields: userFields,
  openFields: userField,
  limits,
  configure,
  ensure: ensureNamed<Config>({
    what: "list",
    api,
    find: (_name, ctx) =>
      paged(
        () => api.get(ctx, "lists"),
        ({ body }) =>
          body?.lists?.map(({ id, name, listType }: any) => ({
            id: String(id),
            name,
            unfit: listType === "Dynamic" ? "is filled by a rule" : undefined,
          })),
        () => undefined,
      ),
    create: (name, ctx) => api.post(ctx, "lists", { name }),
    idOf: ({ body }) => body?.listId,
  }),
  deliver: knownOnly((batch, ctx) => (batch.op === "remove" ? leave(batch, ctx) : join(batch, ctx))),
});
