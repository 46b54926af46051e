/** Customer Match lists: being a member, by e-mail, phone or address. */
import type { Change, Context, Exchange, Measured } from "millrace/destination";
import { consentOf, customerMatch, defineObject, ensureNamed, paged } from "millrace/destination";
import { api, type Config, day, rate, userLists } from "./api.ts";
import { person, personOf, word } from "./person.ts";
import { settle } from "./request.ts";

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const { body } = yield* api.get(ctx, `${userLists(ctx.config)}/${ctx.remote.id}`);
  const sizes = Object.values(body?.sizeInfo ?? {}).map(Number);
  return sizes.length === 0 ? {} : { sizeLow: Math.min(...sizes), sizeHigh: Math.max(...sizes) };
}

export const audience = defineObject<Config, keyof typeof customerMatch.identifiers>({
  describe: "A Customer Match list of contacts; leaving goes by e-mail and phone, not by address",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: customerMatch.identifiers,
  fields: person,
  // devguides/limits: members a request.
  limits: { rows: 10_000, rate },
  // devguides/diagnostics: a request may be worked on for a day.
  lateMs: day,
  ...customerMatch.lifetime,
  ensure: ensureNamed<Config>({
    what: "user list",
    api,
    find: (_name, { config }) =>
      paged(
        (next) => api.get({ config }, userLists(config) + (next === undefined ? "" : `?pageToken=${next}`)),
        // The key is left out where there are none; a list in place of the answer is broken.
        ({ body }) =>
          (body && !body.error && !Array.isArray(body) ? (body.userLists ?? []) : undefined)?.map(
            ({ id, displayName: name, description = "" }: any) => ({ id, name, description }),
          ),
        ({ body }) => body?.nextPageToken && encodeURIComponent(body.nextPageToken),
      ),
    create: (displayName, { config }, marker) =>
      api.post({ config }, userLists(config), {
        displayName,
        description: `Kept by millrace ${marker}`,
        membershipDuration: `${config.membership_days * 86_400}s`,
        ingestedUserListInfo: {
          uploadKeyTypes: ["CONTACT_ID"],
          contactIdInfo: { dataSourceType: "DATA_SOURCE_TYPE_FIRST_PARTY" },
        },
      }),
    idOf: ({ body }) => body?.id,
  }),
  deliver(batch, ctx) {
    const members = (some: readonly Change[]) => ({ audienceMembers: some.map(personOf) });
    if (batch.op === "remove") return settle(batch, ctx, "audienceMembers:remove", members);
    const termsOfService = { customerMatchTermsOfServiceStatus: ctx.config.accept_terms ? "ACCEPTED" : "REJECTED" };
    const common = { ...consentOf(ctx.config, word), termsOfService };
    return settle(batch, ctx, "audienceMembers:ingest", (some) => ({ ...members(some), ...common }));
  },
  measure,
});
