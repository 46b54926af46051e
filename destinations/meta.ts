/**
 * Custom audiences of Meta (Facebook, Instagram): rows of several hashed keys, added and removed as sets.
 * Meta answers per request, with counts of entries it could not read; which rows those were it does not say.
 */
import type { Batch, Change, Context, Effect, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { all, byStatus, deferred, rejected, stop, unknown } from "millrace/destination";
import {
  apiBase,
  get,
  hmacSha256,
  networkSettings,
  numberFrom,
  post,
  request,
  sourceMarker,
} from "millrace/destination";
import { defineDestination, defineObject, deviceId, email, externalId, phoneDigits } from "millrace/destination";
import { hashedField, list, normalizeBirthDay, normalizeBirthMonth, normalizeBirthYear } from "millrace/destination";
import {
  normalizeCity,
  normalizeCountry,
  normalizeGender,
  normalizeInitial,
  normalizeName,
} from "millrace/destination";
import { normalizeState, normalizeZip, number } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  ad_account: z
    .string()
    .regex(/^act_\d+$/, "an ad account id is act_ and digits")
    .describe("Ad account, act_….."),
  api_version: z
    .string()
    .regex(/^v\d+\.\d+$/)
    .default("v25.0")
    .describe("Version of the Marketing API."),
  customer_file_source: z
    .enum(["USER_PROVIDED_ONLY", "PARTNER_PROVIDED_ONLY", "BOTH_USER_AND_PARTNER_PROVIDED"])
    .default("USER_PROVIDED_ONLY")
    .describe("Where the people's data comes from, as Meta asks when an audience is made."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const api = (config: Config, path: string): string =>
  `${apiBase(config, "https://graph.facebook.com")}/${config.api_version}/${path}`;

/** Throttling that comes as HTTP 400: application, user and custom-audience limits. */
const throttled = new Set([4, 17, 32, 341, 613, 80003]);
/** An error of Meta's own side, worth another try. */
const passing = new Set([1, 2, 5000]);

function refused(response: HttpResponse): Outcome {
  const error = response.body?.error;
  if (error === undefined || error === null) return byStatus(response);
  const { code, error_subcode: subcode } = error;
  const words = String(error.error_user_msg ?? error.message ?? `error ${code}`);
  if (throttled.has(code)) return deferred(words);
  if (passing.has(code) || error.is_transient === true) return unknown(words);
  if (code === 190 || code === 102) return stop("credentials", words, "renew access_token");
  if (subcode === 1870090)
    return stop("permission", "the custom audience terms are not accepted", "accept them in the ad account");
  if (code === 10 || (code >= 200 && code <= 299))
    return stop("permission", words, "the token needs ads_management for this ad account");
  if (code === 100 && subcode === 33) return stop("target_gone", words);
  if (subcode === 1713230) return stop("target_refused", "Meta flagged the audience", "look at it in Audience Manager");
  if (code === 2650 && subcode === 1870145) return deferred(words);
  return rejected(`meta_${code}`, words);
}

const identifierColumns = [
  ["email", "EMAIL"],
  ["phone", "PHONE"],
  ["madid", "MADID"],
  ["extern_id", "EXTERN_ID"],
] as const;
const fieldNames = ["fn", "ln", "fi", "ct", "st", "zip", "country", "gen", "doby", "dobm", "dobd"] as const;
const privacyNames = [
  "data_processing_options",
  "data_processing_options_country",
  "data_processing_options_state",
] as const;

/** One row per change over the columns that any of them has; "" where a row has none, as Meta asks. */
function payload(changes: readonly Change[]): { schema: readonly string[]; data: readonly (readonly unknown[])[] } {
  const kinds = identifierColumns.filter(([kind]) =>
    changes.some(({ identifiers }) => identifiers[kind] !== undefined),
  );
  const names = [...fieldNames, ...privacyNames].filter((name) =>
    changes.some(({ fields }) => (fields[name] ?? null) !== null),
  );
  return {
    schema: [...kinds.map(([, column]) => column), ...names.map((name) => name.toUpperCase())],
    data: changes.map(({ identifiers, fields }) => [
      ...kinds.map(([kind]) => identifiers[kind] ?? ""),
      ...names.map((name) => fields[name] ?? (name === "data_processing_options" ? [] : "")),
    ]),
  };
}

function* deliver(batch: Batch, { config, remote }: Context<Config>): Exchange<readonly Outcome[]> {
  const session = {
    session_id: numberFrom(batch.id),
    batch_seq: 1,
    last_batch_flag: true,
    estimated_num_total: batch.changes.length,
  };
  const response = yield* request({
    method: batch.op === "remove" ? "DELETE" : "POST",
    url: api(config, `${remote.id}/users`),
    body: { session, payload: payload(batch.changes) },
  });
  const { body } = response;
  if (response.status !== 200 || body?.error) return all(batch, refused(response));
  if (typeof body?.num_received !== "number") return all(batch, unknown("broken answer: no num_received"));
  if (body.num_invalid_entries > 0) {
    yield { report: { name: "num_invalid_entries", value: Number(body.num_invalid_entries) } } satisfies Effect;
  }
  return all(batch, byStatus(response));
}

interface Found {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
}

function* audiences(config: Config): Exchange<readonly Found[]> {
  const found: Found[] = [];
  for (let after: string | undefined = ""; after !== undefined;) {
    const cursor: string = after === "" ? "" : `&after=${encodeURIComponent(after)}`;
    const url = api(config, `${config.ad_account}/customaudiences?fields=id,name,description&limit=200${cursor}`);
    const response: HttpResponse = yield* get(url);
    if (!Array.isArray(response.body?.data)) {
      refused(response);
      return stop("target", `cannot list audiences: HTTP ${response.status}`);
    }
    found.push(...response.body.data);
    after = response.body.paging?.next === undefined ? undefined : response.body.paging.cursors?.after;
  }
  return found;
}

/** By our marker in the description, so that a crash between making and remembering makes no second one (R43). */
function* ensure(ctx: Omit<Context<Config>, "remote">): Exchange<{ readonly id: string }> {
  const { config, remoteConfig } = ctx;
  if (remoteConfig["id"] !== undefined) return { id: String(remoteConfig["id"]) };
  const name = String(remoteConfig["name"] ?? ctx.sync);
  const marker = sourceMarker(ctx);
  const named = (yield* audiences(config)).filter((audience) => audience.name === name);
  const ours = named.filter(({ description }) => description?.includes(marker));
  const [first] = ours;
  if (ours.length > 1)
    return stop("target", `${ours.length} audiences are called "${name}" and marked ${marker}`, "set remote: { id }");
  if (first !== undefined) return { id: first.id };
  if (named.length > 0)
    return stop("target", `an audience "${name}" exists that this sync did not make`, "set remote: { id } to take it");
  if (remoteConfig["create"] === false)
    return stop("target", `there is no audience "${name}"`, "set remote: { create: true }");
  const created = yield* post(api(config, `${config.ad_account}/customaudiences`), {
    name,
    subtype: "CUSTOM",
    description: `Kept by millrace ${marker}`,
    customer_file_source: config.customer_file_source,
  });
  if (typeof created.body?.id === "string") return { id: created.body.id };
  refused(created);
  return stop(
    "target",
    `Meta did not make the audience: ${String(created.body?.error?.message ?? `HTTP ${created.status}`)}`,
  );
}

const audience = defineObject<Config, "email" | "phone" | "madid" | "extern_id">({
  describe: "A customer-file custom audience",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  // Normal forms: developers.facebook.com/documentation/ads-commerce/marketing-api/audiences/guides/custom-audiences
  identifiers: {
    email: email({ hash: "sha256" }),
    phone: phoneDigits({ hash: "sha256" }),
    madid: deviceId(),
    extern_id: externalId(),
  },
  fields: {
    fn: hashedField(normalizeName, { describe: "First name" }),
    ln: hashedField(normalizeName, { describe: "Last name" }),
    fi: hashedField(normalizeInitial, { describe: "First initial" }),
    ct: hashedField(normalizeCity, { describe: "City" }),
    st: hashedField(normalizeState, { describe: "State" }),
    zip: hashedField(normalizeZip, { describe: "Postal code" }),
    country: hashedField(normalizeCountry, { describe: "Country" }),
    gen: hashedField(normalizeGender, { describe: "Gender, f or m" }),
    doby: hashedField(normalizeBirthYear, { describe: "Year of birth" }),
    dobm: hashedField(normalizeBirthMonth, { describe: "Month of birth" }),
    dobd: hashedField(normalizeBirthDay, { describe: "Day of birth" }),
    data_processing_options: list({ describe: "Limited data use: LDU" }),
    data_processing_options_country: number({ describe: "1: United States, 0: let Meta find out", integer: true }),
    data_processing_options_state: number({ describe: "1000: California, 0: let Meta find out", integer: true }),
  },
  // 10,000 rows a request; adds and removes of one audience in order, so one request at a time.
  limits: { rows: 10_000, concurrency: 1 },
  // "Changes take up to 24 h" (same guide): an unanswered request may still be worked off that late.
  lateMs: 24 * 3_600_000,
  ensure,
  deliver,
});

export default defineDestination<Config>({
  name: "meta",
  describe: "Meta custom audiences (Facebook, Instagram).",
  docs: "https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences",
  config: settings,
  credentials: z.strictObject({
    access_token: z.string().describe("Long-lived or system-user token with ads_management."),
    app_secret: z.string().optional().describe("Adds appsecret_proof to every request."),
  }),
  guide: {
    credentials:
      "Make a system user in Business settings, give it the ad account and a token with ads_management; accept the custom audience terms in the ad account once.",
    refused:
      "Meta answers for a request as a whole and only counts entries it could not read; a refused request is halved until the rows it is refused for are found.",
    erasure: "Removing the person from every audience; Meta keeps no row that could be read back.",
  },
  effects: ["http"],
  hosts: (config) => [new URL(apiBase(config, "https://graph.facebook.com")).hostname],
  auth: {
    type: "custom",
    headers: ({ access_token }) => ({ authorization: `Bearer ${String(access_token)}` }),
    query: ({ access_token, app_secret }): Record<string, string> =>
      typeof app_secret === "string" ? { appsecret_proof: hmacSha256(app_secret, String(access_token)) } : {},
  },
  classify({ body }) {
    const code = body?.error?.code;
    if (code === 190 || code === 102) return "auth";
    if (throttled.has(code)) return "throttled";
    return passing.has(code) || body?.error?.is_transient === true ? "retry" : undefined;
  },
  *check({ config }) {
    const response = yield* get(api(config, `${config.ad_account}?fields=name,account_status`));
    const ok = response.status === 200 && response.body?.error === undefined;
    const words = String(response.body?.error?.message ?? `HTTP ${response.status}`);
    return [
      {
        ok,
        message: ok ? `reads ad account ${config.ad_account}` : `cannot read ad account ${config.ad_account}: ${words}`,
      },
    ];
  },
  objects: { audience },
});
