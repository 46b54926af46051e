/** Meta (Facebook, Instagram): custom audiences, and events of the Conversions API. It answers for a request as a whole. */
import type { Batch, Change, Context, Exchange, HttpResponse, Json, Outcome } from "millrace/destination";
import { all, anyValue, deferred, defineDestination, defineObject, deviceId, email } from "millrace/destination";
import { ensureNamed, exact, externalId, hashed, hmacSha256, jsonApi, list } from "millrace/destination";
import { networkSettings, number, numberFrom, oneOf, only, paged, phoneDigits, sizeOf } from "millrace/destination";
import { skipped, stop, text, timestamp, unknown } from "millrace/destination";
import { z } from "zod";

const accountId = /^act_\d+$/;
const origins = ["USER_PROVIDED_ONLY", "PARTNER_PROVIDED_ONLY", "BOTH_USER_AND_PARTNER_PROVIDED"] as const;
const settings = z.strictObject({
  ad_account: z.string().regex(accountId, "an ad account id is act_ and digits").describe("Ad account, act_…."),
  api_version: z.string().startsWith("v").default("v25.0").describe("Version of the Graph API."),
  customer_file_source: z
    .enum(origins)
    .default(origins[0])
    .describe("Where the people's data comes from, as Meta asks."),
  event_days: z.int().min(1).default(7).describe("Older events are skipped: 7 days; Meta takes 62 from shops."),
  test_event_code: z.string().optional().describe("Shows events under Test events instead of counting them."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

/** Throttling that comes as HTTP 400: application, user and custom-audience limits. */
const throttled = new Set([4, 17, 32, 341, 613, 80003]);
/** Errors of Meta's own side, worth another try. */
const passing = new Set([1, 2, 5000]);
function classify({ body }: HttpResponse): "auth" | "throttled" | "retry" | undefined {
  const { code, is_transient: passes } = Object(body?.error);
  if (code === 190 || code === 102) return "auth";
  return throttled.has(code) ? "throttled" : passing.has(code) || passes === true ? "retry" : undefined;
}

const api = jsonApi<Config>({
  base: ({ api_version }) => `https://graph.facebook.com/${api_version}`,
  fault: ({ body }) =>
    body?.error && { code: `meta_${body.error.code}`, message: body.error.error_user_msg ?? body.error.message },
  judge(response, fault) {
    const { code, error_subcode: subcode } = Object(response.body?.error);
    const words = String(fault?.message);
    const kind = classify(response);
    if (kind === "auth") return stop("credentials", words, "renew access_token");
    if (kind !== undefined) return kind === "retry" ? unknown(words) : deferred(words);
    if (subcode === 1870090) return stop("permission", "custom audience terms not accepted", "accept them at Meta");
    if (code === 10 || (code >= 200 && code <= 299)) return stop("permission", words, "the token needs ads_management");
    if (code === 100 && subcode === 33) return stop("target_gone", words);
    if (subcode === 1713230) return stop("target_refused", "Meta flagged the audience", "see Audience Manager");
    return code === 2650 && subcode === 1870145 ? deferred(words) : undefined;
  },
});

// Normal forms: developers.facebook.com/documentation/ads-commerce/marketing-api/audiences/guides/custom-audiences
const contactPoints = { email: email({ hash: "sha256" }), phone: phoneDigits({ hash: "sha256" }), madid: deviceId() };
const kinds = ["email", "phone", "madid", "extern_id"] as const;
const place = { ct: hashed.city(), st: hashed.state(), country: hashed.country() };
const person = { fn: hashed.name("First name"), ln: hashed.name("Last name"), ...place };
const privacy = {
  data_processing_options: list({ describe: "Limited data use: LDU" }),
  data_processing_options_country: number({ describe: "1: United States, 0: let Meta find out", integer: true }),
  data_processing_options_state: number({ describe: "1000: California, 0: let Meta find out", integer: true }),
};
const birth = { doby: hashed.birthYear(), dobm: hashed.birthMonth(), dobd: hashed.birthDay() };
const more = { fi: hashed.initial(), zip: hashed.zip(), gen: hashed.gender() };
const audienceFields = { ...person, ...more, ...birth, ...privacy };
const fieldNames = Object.keys(audienceFields);
const audiencesOf = ({ config }: { config: Config }): string => `${config.ad_account}/customaudiences`;

/** One row per change over the columns that any of them has; "" where a row has none, as Meta asks. */
function payload(changes: readonly Change[]): { schema: readonly string[]; data: readonly (readonly unknown[])[] } {
  const used = kinds.filter((kind) => changes.some(({ identifiers }) => identifiers[kind] !== undefined));
  const names = fieldNames.filter((name) => changes.some(({ fields }) => (fields[name] ?? null) !== null));
  return {
    schema: [...used, ...names].map((name) => name.toUpperCase()),
    data: changes.map(({ identifiers, fields }) => [
      ...used.map((kind) => identifiers[kind] ?? ""),
      ...names.map((name) => fields[name] ?? (name === "data_processing_options" ? [] : "")),
    ]),
  };
}

// The ledger's exact differences, not `usersreplace`: that wants one session over all requests of a run, numbered and closed
// within 90 minutes (facts A1); these stand alone and may come again.
function* deliverAudience(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const total = { estimated_num_total: batch.changes.length };
  const session = { session_id: numberFrom(batch.id), batch_seq: 1, last_batch_flag: true, ...total };
  const call = batch.op === "remove" ? api.del : api.post;
  const response = yield* call(ctx, `${ctx.remote.id}/users`, { session, payload: payload(batch.changes) });
  const { num_received: received, num_invalid_entries: invalid } = Object(response.body);
  if (typeof received !== "number") return all(batch, api.broken(response));
  if (invalid > 0) yield { report: { name: "num_invalid_entries", value: Number(invalid) } };
  return all(batch, api.outcome(response));
}

const sources = "email website app phone_call chat physical_store system_generated business_messaging other".split(" ");
const eventFields = {
  event_name: text({ required: true, describe: "Purchase, Lead, or a name of your own" }),
  event_time: timestamp({ required: true, describe: "When it happened" }),
  event_id: text({ describe: "The same as in the browser, for events sent from both; default: an id of the row" }),
  action_source: oneOf(sources, { required: true }),
  event_source_url: text({ describe: "Page of a website event" }),
  ...privacy,
};
const browser = {
  client_ip_address: text({ describe: "IP address" }),
  client_user_agent: text({ describe: "Browser" }),
};
const userFields = { ...person, zp: hashed.zip(), ge: hashed.gender(), db: hashed.birthDate(), ...browser };
const browserIds = { fbc: exact("Click id, _fbc"), fbp: exact("Browser id, _fbp") };
const userKeys: Readonly<Record<string, string>> = { email: "em", phone: "ph" };

const secondsOf = ({ fields }: Change): number => Math.floor(Date.parse(String(fields["event_time"])) / 1000);

/** What is neither the event's nor the user's is custom data. */
function eventOf(change: Change): object {
  const [event, user, custom]: Record<string, Json>[] = [{ event_id: change.idempotencyKey }, {}, {}];
  for (const [kind, value] of Object.entries(change.identifiers)) user![userKeys[kind] ?? kind] = value;
  for (const [name, value] of Object.entries(change.fields))
    (name in eventFields ? event! : name in userFields ? user! : custom!)[name] = value;
  return { ...event, event_time: secondsOf(change), user_data: user, custom_data: custom };
}

function* deliverEvents(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const { event_days, test_event_code } = ctx.config;
  const oldest = ctx.asOf / 1000 - event_days * 86_400;
  const old = (change: Change) => (secondsOf(change) < oldest ? skipped("too_old") : undefined);
  return yield* only(batch, old, function* (rest) {
    const data = rest.changes.map(eventOf);
    const response = yield* api.post(ctx, `${ctx.remote.id}/events`, { data, test_event_code });
    // "Event too old": one such event refuses the whole request, which is halved until it stands alone (facts A2).
    if (response.body?.error?.error_subcode === 2804003 && data.length === 1) return all(rest, skipped("too_old"));
    return all(rest, response.body?.events_received === data.length ? api.outcome(response) : api.broken(response));
  });
}

export default defineDestination<Config>({
  name: "meta",
  describe: "Meta custom audiences and conversions (Facebook, Instagram).",
  docs: "https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences",
  config: settings,
  credentials: z.strictObject({
    access_token: z.string().describe("Long-lived or system-user token with ads_management."),
    app_secret: z.string().optional().describe("Adds appsecret_proof to every request."),
  }),
  guide: {
    credentials: "A system user's token with ads_management; accept the custom audience terms of the ad account once.",
    refused: "Meta refuses a request as a whole: it is halved until the rows it is refused for are found.",
    erasure: "Removing the person from every audience; Meta keeps no row that could be read back.",
  },
  effects: ["http"],
  hosts: api.hosts,
  auth: {
    type: "custom",
    headers: ({ access_token }) => ({ authorization: `Bearer ${String(access_token)}` }),
    query: ({ access_token, app_secret }): Record<string, string> =>
      typeof app_secret === "string" ? { appsecret_proof: hmacSha256(app_secret, String(access_token)) } : {},
  },
  classify,
  *check({ config }) {
    const response = yield* api.get({ config }, `${config.ad_account}?fields=name,account_status`);
    const ok = response.status === 200 && response.body?.error === undefined;
    const why = ok ? "" : `: ${api.words(response)}; the token needs ads_management`;
    return [{ ok, message: `${ok ? "reads" : "cannot read"} ad account ${config.ad_account}${why}` }];
  },
  objects: {
    audience: defineObject<Config, (typeof kinds)[number]>({
      describe: "A customer-file custom audience",
      kind: "membership",
      ops: ["add", "update", "remove"],
      delivery: "set",
      identify: "any",
      identifiers: {
        ...contactPoints,
        // Not `expiresMs`: it would send everybody again, though memberships by e-mail and phone do not lapse (facts A1).
        extern_id: exact("Your own id; Meta forgets it after 90 days: where it stands alone, set refresh: 60d"),
      },
      fields: audienceFields,
      // 10,000 rows a request; adds and removes of one audience in order, so one request at a time.
      limits: { rows: 10_000, concurrency: 1 },
      // "Changes take up to 24 h" (same guide): an unanswered request may still be worked off that late.
      lateMs: 24 * 3_600_000,
      ensure: ensureNamed<Config>({
        what: "audience",
        api,
        find: (_name, ctx) =>
          paged(
            (after = "") => api.get(ctx, `${audiencesOf(ctx)}?fields=id,name,description&limit=200${after}`),
            ({ body }) => body?.data?.map((found: any) => ({ description: "", ...found })),
            ({ body: { paging } }) => paging?.next && `&after=${encodeURIComponent(paging.cursors?.after)}`,
          ),
        create: (name, ctx, marker) => {
          const made = { name, subtype: "CUSTOM", description: `Kept by millrace ${marker}` };
          return api.post(ctx, audiencesOf(ctx), { ...made, customer_file_source: ctx.config.customer_file_source });
        },
        idOf: ({ body }) => body?.id,
      }),
      *measure(ctx) {
        const bounds = "approximate_count_lower_bound,approximate_count_upper_bound";
        const { body } = yield* api.get(ctx, `${ctx.remote.id}?fields=${bounds}`);
        return sizeOf(body?.approximate_count_lower_bound, body?.approximate_count_upper_bound);
      },
      deliver: deliverAudience,
    }),
    event: defineObject<Config, "email" | "phone" | "external_id" | "madid" | "fbc" | "fbp">({
      describe: "An event of the Conversions API",
      kind: "event",
      ops: ["add"],
      // Meta drops an event whose name and id it has had within 48 h (facts A2, unverified).
      delivery: "keyed",
      windowMs: 48 * 3_600_000,
      identify: "any",
      identifiers: { ...contactPoints, ...browserIds, external_id: { ...externalId(), hash: "sha256" } },
      fields: { ...eventFields, ...userFields },
      openFields: anyValue({ describe: "Custom data: value, currency, order_id, contents …" }),
      remote: z.object({ id: z.string().describe("Id of the dataset (pixel).") }),
      // 1,000 events a request (facts A2).
      limits: { rows: 1000 },
      deliver: deliverEvents,
    }),
  },
});
