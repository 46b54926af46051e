/** Customer Match lists: being a member, by e-mail, phone or address. */
import type { Context, Exchange, Measured } from "millrace/destination";
import { customerMatch, defineObject, ensureNamed, rowsJob } from "millrace/destination";
import { api, type Config, isAnswer, search } from "./api.ts";
import { begin, fateOf } from "./job.ts";

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const found = yield* search(
    ctx,
    `SELECT user_list.size_for_display, user_list.size_for_search FROM user_list WHERE user_list.id = ${ctx.remote.id}`,
  );
  const { sizeForDisplay, sizeForSearch } = isAnswer(found) ? {} : (found[0]?.userList ?? {});
  const sizes = [sizeForDisplay, sizeForSearch].filter((size) => size !== undefined).map(Number);
  return sizes.length === 0 ? {} : { sizeLow: Math.min(...sizes), sizeHigh: Math.max(...sizes) };
}

export const audience = defineObject<Config, keyof typeof customerMatch.identifiers>({
  describe: "A Customer Match list of contacts; leaving goes by e-mail and phone, not by address",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: customerMatch.identifiers,
  fields: customerMatch.address,
  // A job takes any number; one at a time works on a list (facts A4).
  limits: { rows: 100_000, concurrency: 1 },
  // Jobs take up to two days (facts A4, unverified).
  lateMs: 48 * 3_600_000,
  ...customerMatch.lifetime,
  ensure: ensureNamed<Config>({
    what: "user list",
    api,
    *find(name, ctx) {
      const quoted = name.replace(/['\\]/g, "\\$&");
      const query = `SELECT user_list.id, user_list.name, user_list.description FROM user_list WHERE user_list.name = '${quoted}'`;
      const found = yield* search(ctx, query);
      return isAnswer(found)
        ? found
        : found.map(({ userList: { description = "", ...list } }) => ({ ...list, description }));
    },
    create: (name, ctx, marker) =>
      api.post(ctx, "userLists:mutate", {
        operations: [
          {
            create: {
              name,
              description: `Kept by millrace ${marker}`,
              membershipLifeSpan: String(ctx.config.membership_days),
              crmBasedUserList: { uploadKeyType: "CONTACT_INFO", dataSourceType: "FIRST_PARTY" },
            },
          },
        ],
      }),
    idOf: ({ body }) => /\/userLists\/(\d+)$/.exec(String(body?.results?.[0]?.resourceName))?.[1],
  }),
  deliver: (batch, ctx) =>
    rowsJob<string>(batch, ctx, {
      polls: ctx.config.status_polls,
      start: () => begin(batch, ctx),
      poll: (id, afterMs) => fateOf(id, ctx, afterMs),
    }),
  measure,
});
