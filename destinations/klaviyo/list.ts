import type { Context, Exchange, Outcome } from "millrace/destination";
import {
  accepted,
  chunks,
  defineObject,
  email,
  ensureNamed,
  listRecords,
  phoneField,
  text,
} from "millrace/destination";
import { api, type Config } from "./api.ts";
import { customProperty, profileFields } from "./attributes.ts";
import { profiles } from "./profiles.ts";
import { profileLimits, writeProfiles } from "./write-profiles.ts";

/** Puts profiles into the list or takes them out. */
const changeList = (ctx: Context<Config>) =>
  function* (way: "add" | "remove", ids: readonly string[]): Exchange<(id: string) => Outcome> {
    const path = `lists/${encodeURIComponent(ctx.remote.id)}/relationships/profiles`;
    // spec, add_profiles_to_list: 1,000 a call.
    for (const some of chunks(ids, 1000)) {
      const data = some.map((id) => ({ type: "profile", id }));
      const response = way === "add" ? yield* api.post(ctx, path, { data }) : yield* api.del(ctx, path, { data });
      if (response.status !== 204) return () => api.broken(response);
    }
    return way === "add" ? accepted : () => accepted();
  };

/** Klaviyo's lists. Leaving one only leaves it: no subscription or consent call is ever made. */
export const list = defineObject<Config, "email">({
  describe: "Being in a list; the profile is made when absent, consent is not touched",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: { ...profileFields, phone_number: phoneField({ unreadable: "null" }), external_id: text() },
  openFields: customProperty,
  limits: profileLimits,
  // Lists have no description to mark: one of exactly this name is taken (R43).
  ensure: ensureNamed<Config>({
    what: "list",
    api,
    *find(wanted, ctx) {
      const named = encodeURIComponent(`equals(name,${JSON.stringify(wanted)})`);
      const response = yield* api.get(ctx, `lists?filter=${named}`);
      return response.body?.data?.map(({ id, attributes }: any) => ({ id, name: attributes?.name })) ?? response;
    },
    create: (name, ctx) => api.post(ctx, "lists", { data: { type: "list", attributes: { name } } }),
    idOf: ({ body }) => body?.data?.id,
  }),
  deliver: (batch, ctx) =>
    listRecords(batch, profiles(ctx), (joining) => writeProfiles(joining, ctx, ctx.remote.id), changeList(ctx)),
});
