/**
 * Mailchimp: members of one audience, its static segments, and its tags, which are such too. Nothing here changes the
 * subscription of somebody who is in the audience: a batch only makes those who are absent (`update_existing: true` would
 * overwrite statuses), and whoever it finds there already is written alone, where a status counts for new members only.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Measured, Outcome } from "millrace/destination";
import { accepted, all, anyValue, basicAuth, boolean, byKey, defineDestination, digest } from "millrace/destination";
import { defineObject, email, ensureNamed, jsonApi, mapValues, networkSettings, oneOf } from "millrace/destination";
import { only, pagedByOffset, rejected, rowByRow, skipped, text, unknown } from "millrace/destination";
import { z } from "zod";

const statuses = ["subscribed", "pending", "transactional", "unsubscribed"] as const;
const dataCentre = /^[a-z]+\d+$/;
const settings = z.strictObject({
  data_centre: z.string().regex(dataCentre).describe("What stands behind the hyphen of the API key: us21."),
  list_id: z.string().min(1).describe("Id of the audience (list)."),
  status_if_new: z
    .enum(statuses)
    .default("transactional")
    .describe("Subscription of members that are made; transactional: none. Nobody else's is ever touched."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const codeOf = (title: unknown): string => String(title).toLowerCase().replaceAll(" ", "_");
const api = jsonApi<Config>({
  base: ({ data_centre }) => `https://${data_centre}.api.mailchimp.com/3.0`,
  // RFC 7807; the title is the kind: Member In Compliance State, Forgotten Email Not Subscribed (facts B1).
  fault({ status, body }) {
    if (status < 400 || typeof body?.title !== "string") return undefined;
    const fields = Array.isArray(body.errors) ? body.errors.map((each: any) => `${each?.field}: ${each?.message}`) : [];
    return { code: codeOf(body.title), message: [body.detail ?? body.title, ...fields].join("; ") };
  },
});

const lower = (address: unknown): string => String(address).toLowerCase();
const emailOf = ({ identifiers }: Change): string => identifiers["email"] ?? "";
const list = ({ config }: Pick<Context<Config>, "config">): string => `lists/${encodeURIComponent(config.list_id)}`;
const segment = (ctx: Context<Config>): string => `${list(ctx)}/segments/${encodeURIComponent(ctx.remote.id)}`;
const member = (ctx: Context<Config>, change: Change, hash = digest("md5", emailOf(change))): string =>
  `${list(ctx)}/members/${hash}`;

/** What is written of a member, with the status that a new one gets under the key the call has for it; "" clears merge fields. */
function contentOf(
  { identifiers, fields }: Change,
  { config }: Context<Config>,
  as?: "status" | "status_if_new",
): object {
  const { status_if_new, language, vip, email_type, ...merge } = fields;
  const merge_fields = mapValues(merge, (value) => value ?? "");
  const kept = Object.entries({ language, vip, email_type }).filter(([, value]) => value != null);
  const status = as === undefined ? {} : { [as]: status_if_new ?? config.status_if_new };
  return { email_address: identifiers["email"], ...Object.fromEntries(kept), merge_fields, ...status };
}

const exists = "ERROR_CONTACT_EXISTS";

/** Makes those who are not in the audience; goes on with the rows of these fates, `skipped` being who was there already. */
function* makeMembers(
  batch: Batch,
  ctx: Context<Config>,
  goOn: readonly Outcome["status"][],
  rest: (batch: Batch) => Exchange<readonly Outcome[]>,
): Exchange<readonly Outcome[]> {
  const members = new Map(batch.changes.map((change) => [emailOf(change), contentOf(change, ctx, "status")]));
  const sent = { members: [...members.values()], update_existing: false, sync_tags: false };
  const response = yield* api.post(ctx, `${list(ctx)}?skip_merge_validation=true&skip_duplicate_check=true`, sent);
  const { new_members: made, errors } = response.body ?? {};
  if (response.status !== 200 || !Array.isArray(made) || !Array.isArray(errors))
    return all(batch, api.broken(response));
  const fates = new Map<string, Outcome>();
  for (const { id, email_address } of made) fates.set(lower(email_address), accepted(id));
  for (const { email_address, error, error_code: code, field_message: words } of errors)
    fates.set(lower(email_address), code === exists ? skipped(exists) : rejected(codeOf(code), String(words || error)));
  const fateOf = (change: Change): Outcome => fates.get(emailOf(change)) ?? unknown("no verdict for this address");
  return yield* only(batch, (change) => (goOn.includes(fateOf(change).status) ? undefined : fateOf(change)), rest);
}

/** A 404 is somebody who is not there, or an audience that is gone: that is looked up before anybody counts as absent. */
function* unlessAbsent(ctx: Context<Config>, response: HttpResponse, outcome: Outcome): Exchange<Outcome> {
  if (response.status !== 404) return api.broken(response);
  const audience = yield* api.get(ctx, `${list(ctx)}?fields=id`);
  return typeof audience.body?.id === "string" ? outcome : api.broken(audience);
}

/** Under the hash of the address of before, so that a changed address is changed in place. */
function* writeMember(change: Change, ctx: Context<Config>): Exchange<Outcome> {
  const path = `${member(ctx, change, change.before?.remoteId)}?skip_merge_validation=true`;
  const updates = ctx.mode === "update";
  const response: HttpResponse = updates
    ? yield* api.patch(ctx, path, contentOf(change, ctx))
    : yield* api.put(ctx, path, contentOf(change, ctx, "status_if_new"));
  const { id } = response.body ?? {};
  if (response.status === 200 && typeof id === "string") return accepted(id);
  return updates ? yield* unlessAbsent(ctx, response, skipped("not_found")) : api.broken(response);
}

function* archive(change: Change, ctx: Context<Config>): Exchange<Outcome> {
  const response = yield* api.del(ctx, member(ctx, change));
  if (response.status === 204) return accepted();
  if (response.status !== 405) return yield* unlessAbsent(ctx, response, accepted());
  // Who is archived already "cannot be removed" (unverified).
  const { body } = yield* api.get(ctx, `${member(ctx, change)}?fields=status`);
  return body?.status === "archived" ? accepted() : api.broken(response);
}

function deliverMembers(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  if (batch.op === "remove") return rowByRow(batch, (change) => archive(change, ctx));
  const write = (some: Batch) => rowByRow(some, (change) => writeMember(change, ctx));
  if (batch.op === "update") return write(batch);
  return makeMembers(batch, ctx, ["skipped"], write);
}

function* changeSegment(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const [way, done] = batch.op === "remove" ? ["remove", "removed"] : ["add", "added"];
  const emails = [...new Set(batch.changes.map(emailOf))];
  const response = yield* api.post(ctx, segment(ctx), { [`members_to_${way}`]: emails });
  if (response.status !== 200 || !Array.isArray(response.body?.[`members_${done}`]))
    return all(batch, api.broken(response));
  // Who is in it already, or not in it, may be named as an error, or not at all.
  const harmless = batch.op === "remove" ? /not (found|in|on|a member|exist)/i : /already/i;
  const refused = new Map<string, Outcome>();
  for (const { email_addresses, error } of response.body.errors ?? [])
    for (const address of harmless.test(error) ? [] : email_addresses)
      refused.set(lower(address), rejected("not_taken", String(error)));
  return byKey(batch, emailOf, refused, accepted());
}

const deliverSegment = (batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> =>
  batch.op === "remove"
    ? changeSegment(batch, ctx)
    : makeMembers(batch, ctx, ["accepted", "skipped"], (some) => changeSegment(some, ctx));

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const people = (yield* api.get(ctx, `${segment(ctx)}?fields=member_count`)).body?.member_count;
  return typeof people === "number" ? { sizeLow: people, sizeHigh: people } : {};
}

const status = oneOf(statuses, { describe: "Subscription of members that are made, instead of the setting" });
// 500 members a request, 10 connections an account (facts B1), of which others have two.
const common = {
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  limits: { rows: 500, concurrency: 8 },
} as const;

const membership = (what: string, describe: string) =>
  defineObject<Config, "email">({
    ...common,
    describe: `${describe}; the member is made when absent`,
    kind: "membership",
    ops: ["add", "remove"],
    fields: { status_if_new: status },
    ensure: ensureNamed<Config>({
      what,
      api,
      find: (_name, ctx) =>
        pagedByOffset(
          1000,
          (offset) => api.get(ctx, `${list(ctx)}/segments?count=1000&offset=${offset}`),
          ({ body }) =>
            body?.segments?.map(({ id, name, type }: any) => ({
              id: String(id),
              name,
              unfit: type === "static" ? undefined : "is filled by conditions",
            })),
        ),
      create: (name, ctx) => api.post(ctx, `${list(ctx)}/segments`, { name, static_segment: [] }),
      idOf: ({ body }) => body?.id,
    }),
    deliver: deliverSegment,
    measure,
  });

export default defineDestination<Config>({
  name: "mailchimp",
  describe: "Mailchimp members, segments and tags of one audience.",
  docs: "https://mailchimp.com/developer/marketing/api/",
  guide: {
    credentials:
      "Account, Extras, API keys: make a key; what stands behind its hyphen is the data centre. The audience's id is in its settings.",
    refused:
      "Batches name refused addresses and take the others. Members in a compliance state and forgotten addresses are refused by Mailchimp for good.",
    erasure:
      "on_leave: delete archives, and the address can come back. The action delete-permanent of a member erases for good: the API can never add that address again.",
  },
  config: settings,
  credentials: z.strictObject({ api_key: z.string().describe("API key, ending in its data centre: …-us21.") }),
  auth: basicAuth("millrace", "{api_key}"),
  effects: ["http"],
  hosts: api.hosts,
  *check(ctx) {
    return api.finding(yield* api.get(ctx, `${list(ctx)}?fields=id,name`), `reads audience ${ctx.config.list_id}`);
  },
  objects: {
    member: defineObject<Config, "email">({
      ...common,
      describe: "A member of the audience, by e-mail; on_leave: delete archives",
      kind: "record",
      ops: ["add", "update", "remove"],
      fields: { status_if_new: status, language: text(), vip: boolean(), email_type: oneOf(["html", "text"]) },
      openFields: anyValue({ describe: "Merge field, by its tag: FNAME" }),
      deliver: deliverMembers,
    }),
    segment: membership("segment", "Being in a static segment"),
    tag: membership("tag", "Having a tag"),
  },
});
