/**
 * Snapchat customer lists (SAM): hashed e-mails, phones and device ids, one kind a request. Snapchat answers for the request
 * as a whole; how many people it matched it tells later, as a size.
 */
import type { Batch, Context, Exchange, Measured, Outcome } from "millrace/destination";
import { all, defineDestination, defineObject, deviceId, email, ensureNamed, jsonApi } from "millrace/destination";
import {
  networkSettings,
  oauthCredentials,
  paged,
  phoneDigits,
  refreshing,
  stop,
  together,
} from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  ad_account: z.string().min(1).describe("Id of the ad account."),
  retention_days: z
    .int()
    .min(1)
    .max(9999)
    .default(9999)
    .describe("Days that a person stays in a list; 9999: for good."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const api = jsonApi<Config>({
  base: () => "https://adsapi.snapchat.com/v1",
  // Errors come with HTTP 200 too (facts A9).
  fault: ({ body }) =>
    String(body?.request_status).toUpperCase() === "ERROR"
      ? { code: body.error_code, message: body.display_message ?? body.debug_message }
      : undefined,
  judge: (_response, fault) =>
    fault?.code === "E3002"
      ? stop(
          "permission",
          fault.message ?? fault.code,
          "the token needs snapchat-marketing-api and a role in the ad account",
        )
      : undefined,
});

const schemas: Readonly<Record<string, string>> = {
  email: "EMAIL_SHA256",
  phone: "PHONE_SHA256",
  mobile_ad_id: "MOBILE_AD_ID_SHA256",
};

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const kind = batch.kind ?? "";
  // No identifier twice in a request (facts A9).
  const values = [...new Set(batch.changes.map(({ identifiers }) => identifiers[kind]))];
  const rows = { schema: [schemas[kind]], data: values.map((value) => [value]) };
  const path = `segments/${ctx.remote.id}/users`;
  const response =
    batch.op === "remove"
      ? yield* api.del(ctx, path, { users: [{ ...rows, id: ctx.remote.id }] })
      : yield* api.post(ctx, path, { users: [rows] });
  const status = response.body?.users?.[0]?.sub_request_status;
  return String(status).toUpperCase() === "SUCCESS" ? together(batch, response) : all(batch, api.broken(response));
}

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const response = yield* api.get(ctx, `segments/${ctx.remote.id}`);
  const people = response.body?.segments?.[0]?.segment?.approximate_number_users;
  return typeof people === "number" ? { sizeLow: people, sizeHigh: people } : {};
}

interface Segment {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
}

const audience = defineObject<Config, "email" | "phone" | "mobile_ad_id">({
  describe: "A customer list",
  kind: "membership",
  ops: ["add", "remove"],
  delivery: "set",
  identify: "each",
  identifiers: {
    email: email({ hash: "sha256" }),
    phone: phoneDigits({ hash: "sha256", loneZero: "drop" }),
    mobile_ad_id: deviceId({ hash: "sha256" }),
  },
  fields: {},
  // developers.snap.com/api/marketing-api/Ads-API/customer-lists: 100,000 identifiers a request.
  limits: { rows: 100_000, rate: { requests: 10, perSeconds: 1 } },
  ensure: ensureNamed<Config>({
    what: "customer list",
    api,
    longest: 375,
    find: (_name, ctx) =>
      paged(
        (next) => api.get(ctx, next ?? `adaccounts/${ctx.config.ad_account}/segments`),
        ({ body }) => body?.segments?.map(({ segment }: { segment: Segment }) => segment),
        ({ body }) => body?.paging?.next_link,
      ),
    create: (name, ctx, marker) =>
      api.post(ctx, `adaccounts/${ctx.config.ad_account}/segments`, {
        segments: [
          {
            name,
            description: `Kept by millrace ${marker}`,
            source_type: "FIRST_PARTY",
            retention_in_days: ctx.config.retention_days,
            ad_account_id: ctx.config.ad_account,
          },
        ],
      }),
    idOf: ({ body }) => body?.segments?.[0]?.segment?.id,
  }),
  deliver,
  measure,
});

export default defineDestination<Config>({
  name: "snapchat",
  describe: "Snapchat customer lists.",
  docs: "https://developers.snap.com/api/marketing-api/Ads-API/customer-lists",
  guide: {
    credentials:
      "Make an OAuth app in Business Manager, let a member of the ad account consent to snapchat-marketing-api, and keep the refresh token.",
    refused:
      "Snapchat answers for a whole request; a request that is refused is halved until the rows it is refused for are found.",
    erasure: "Removing the person from every list: Snapchat keeps no row that could be read back.",
  },
  config: settings,
  credentials: z.strictObject(oauthCredentials),
  auth: refreshing("https://accounts.snapchat.com/login/oauth2/access_token"),
  effects: ["http"],
  hosts: (config, session) => [...api.hosts(config, session), "accounts.snapchat.com"],
  *check({ config }) {
    const response = yield* api.get({ config }, `adaccounts/${config.ad_account}`);
    return api.finding(response, `reads ad account ${config.ad_account}`);
  },
  objects: { audience },
});
