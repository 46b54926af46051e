/**
 * TikTok custom audiences, two ways: streamed segments for changes, customer files for many people at once. TikTok answers for
 * a request as a whole, always under HTTP 200: its own code tells.
 */
import type { Batch, Context, Exchange, HttpResponse, Measured, NamedTarget, Outcome } from "millrace/destination";
import { accepted, all, defineDestination, defineObject, deferred, deviceId, digest } from "millrace/destination";
import { email, ensureNamed, jsonApi, madeByFirstRows, multipart, networkSettings } from "millrace/destination";
import { normalizeEmailWithoutSpaces, normalizeEmailWithoutTag, paged } from "millrace/destination";
import { phoneDigits, phoneE164, stop, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  advertiser_id: z.string().regex(/^\d+$/, "an advertiser id is digits").describe("Id of the advertiser account."),
  retention_days: z.int().min(1).max(365).default(365).describe("Days that people stay in a file audience we make."),
  batch_rows: z.int().min(1).max(10_000).default(1000).describe("People of a streamed request."),
  api_version: z.string().startsWith("v").default("v1.3").describe("Version of the Business API."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Place = { readonly config: Config };

const codeOf = ({ body }: HttpResponse): number => (typeof body?.code === "number" ? body.code : 0);

/** 40100: too fast; 40105: bad token; from 50000: TikTok's own side (facts A7; all codes but 40002 unverified). */
function kindOf(code: number): "throttled" | "auth" | "retry" | "reject" | undefined {
  if (code === 40100) return "throttled";
  if (code === 40105) return "auth";
  if (code >= 50_000) return "retry";
  return code === 0 ? undefined : "reject";
}

const api = jsonApi<Config>({
  base: ({ api_version }) => `https://business-api.tiktok.com/open_api/${api_version}`,
  fault(response) {
    const code = codeOf(response);
    return code === 0
      ? undefined
      : { code: `tiktok_${code}`, message: String(response.body.message ?? `code ${code}`) };
  },
  judge(response, fault) {
    if (response.status < 300 && typeof response.body?.code !== "number") return unknown("broken answer: no code");
    const code = codeOf(response);
    const words = fault?.message ?? "";
    const kind = kindOf(code);
    if (kind === "throttled") return deferred(words);
    if (kind === "retry") return unknown(words);
    if (kind === "auth") return stop("credentials", words, "renew access_token");
    if (code === 40001) return stop("permission", words, "the token needs Audience Management for this advertiser");
    if (/audience.*(not exist|not found|deleted)/i.test(words)) return stop("target_gone", words);
    // Files that would leave fewer than 1,000 people, or come while another is worked off, are no row's fault.
    return /(less|fewer) than 1,?000|unfinished/i.test(words) ? deferred(words) : undefined;
  },
});

interface Audience extends NamedTarget {
  readonly size: unknown;
}

const listing = ({ advertiser_id }: Config, page: string, size: number): string =>
  `dmp/custom_audience/list/?advertiser_id=${advertiser_id}&page=${page}&page_size=${size}`;

/** All audiences of the advertiser. */
const list = (ctx: Place): Exchange<readonly Audience[] | HttpResponse> =>
  paged(
    (page = "1") => api.get(ctx, listing(ctx.config, page, 100)),
    ({ body }) => body?.data?.list?.map((each: any) => ({ ...each, id: each.audience_id, size: each.cover_num })),
    ({ body }) => {
      const { page, total_page: pages } = body?.data?.page_info ?? {};
      return page < pages ? String(page + 1) : undefined;
    },
  );

const streamed = { email: "EMAIL_SHA256", phone: "PHONE_SHA256", idfa: "IDFA_SHA256", aaid: "AAID_SHA256" };

/** A list a person, by the places of `id_schema`; `{}` where the person has no such id (facts A7). */
function* stream({ op, changes }: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const kinds = Object.entries(streamed).filter(([kind]) => changes.some(({ identifiers }) => kind in identifiers));
  const audience_ids = [ctx.remote.id];
  const response = yield* api.post(ctx, "segment/mapping/", {
    advertiser_ids: [ctx.config.advertiser_id],
    action: op === "remove" ? "delete" : "add",
    id_schema: kinds.map(([, schema]) => schema),
    batch_data: changes.map(({ identifiers }) =>
      kinds.map(([kind]) => (kind in identifiers ? { id: identifiers[kind], audience_ids } : {})),
    ),
  });
  const outcome = api.outcome(response);
  return changes.map(() => outcome);
}

const files = madeByFirstRows<Config>({ what: "audience", api, list, longest: 128 });
const calculateTypes: Readonly<Record<string, string>> = { ...streamed, gaid: "GAID_SHA256" };

/** "All three fail if the result has under 1,000 members" (facts A7, TT-SDK). */
const fewest = 1000;

/** A file of hashes, and what is to be done with it: never the default, which replaces everybody. */
function* upload(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const { kind = "", op, changes } = batch;
  const { advertiser_id, retention_days: retention_in_days } = ctx.config;
  const values = [...new Set(changes.map(({ identifiers }) => identifiers[kind]))];
  const target = yield* files.target(ctx);
  if ("status" in target) return all(batch, api.broken(target));
  if ("make" in target && op === "remove") return all(batch, accepted());
  if ("make" in target && values.length < fewest)
    return stop("target", `TikTok makes no audience of fewer than ${fewest} people, and there are ${values.length}`);

  const content = `${values.join("\n")}\n`;
  const calculate_type = calculateTypes[kind] ?? "";
  const file = { name: `${batch.id}.csv`, content };
  const form = multipart({ advertiser_id, calculate_type, file_signature: digest("md5", content), file });
  const uploaded = yield* api.post(ctx, "dmp/custom_audience/file/upload/", form.body, { headers: form.headers });
  const path: unknown = uploaded.body?.data?.file_path;
  if (typeof path !== "string") return all(batch, api.broken(uploaded));

  const work = { advertiser_id, file_paths: [path] };
  if ("id" in target) {
    const action = op === "remove" ? "REMOVE" : "APPEND";
    const change = { ...work, custom_audience_id: target.id, action };
    return all(batch, api.outcome(yield* api.post(ctx, "dmp/custom_audience/update/", change)));
  }
  const audience = { ...work, custom_audience_name: target.make, calculate_type, retention_in_days };
  const made = yield* api.post(ctx, "dmp/custom_audience/create/", audience, { once: true });
  return all(batch, yield* files.appeared(ctx, api.outcome(made)));
}

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const target = yield* files.target(ctx);
  const found = yield* list(ctx);
  if ("status" in found || !("id" in target)) return {};
  const people = found.find(({ id }) => id === target.id)?.size;
  return typeof people === "number" ? { sizeLow: people, sizeHigh: people } : {};
}

const common = { kind: "membership", ops: ["add", "remove"], delivery: "set", fields: {}, measure } as const;
const deviceHash = deviceId({ hash: "sha256" });

const audience = defineObject<Config, keyof typeof streamed>({
  ...common,
  describe: "A streamed segment, for changes",
  identify: "any",
  identifiers: {
    email: email({ hash: "sha256", normalize: normalizeEmailWithoutSpaces }),
    phone: phoneE164({ hash: "sha256" }),
    idfa: deviceHash,
    aaid: deviceHash,
  },
  // Connectors send 1,000; TikTok names no maximum (facts A7).
  limits: { rows: 1000 },
  configure: ({ batch_rows }) => ({ limits: { rows: batch_rows } }),
  ensure: ensureNamed<Config>({
    what: "audience",
    api,
    longest: 70,
    find: (_name, ctx) => list(ctx),
    create(name, ctx) {
      const { advertiser_id } = ctx.config;
      const segment = { advertiser_id, action: "create", custom_audience_name: name };
      return api.post(ctx, "segment/audience/", segment, { once: true });
    },
    idOf: ({ body }) => body?.data?.audience_id,
  }),
  deliver: stream,
});

const fileAudience = defineObject<Config, "email" | "phone" | "idfa" | "gaid">({
  ...common,
  describe: "A customer file audience, for many people at once; never fewer than 1,000",
  identify: "each",
  // Other forms than streaming: no +tag, no plus (ads.tiktok.com/help, customer file).
  identifiers: {
    email: email({ hash: "sha256", normalize: normalizeEmailWithoutTag }),
    phone: phoneDigits({ hash: "sha256" }),
    idfa: deviceHash,
    gaid: deviceHash,
  },
  // One file after another: the first makes the audience.
  limits: { rows: 100_000, concurrency: 1 },
  configure: ({ retention_days }) => ({ expiresMs: retention_days * 86_400_000 }),
  ensure: files.ensure,
  deliver: upload,
});

export default defineDestination<Config>({
  name: "tiktok",
  describe: "TikTok custom audiences, streamed or by customer file.",
  docs: "https://business-api.tiktok.com/portal/docs",
  guide: {
    credentials:
      "Make an app in TikTok for Business with Audience Management, let the advertiser authorize it, and keep the long-lived access token.",
    refused:
      "TikTok answers for a whole request; one that is refused is halved until the rows it is refused for are found. Files that would leave fewer than 1,000 people wait.",
    erasure: "Removing the person from every audience: TikTok keeps no row that could be read back.",
  },
  config: settings,
  credentials: z.strictObject({ access_token: z.string().describe("Long-lived access token of the app.") }),
  auth: { type: "header", header: "Access-Token", value: "{access_token}" },
  effects: ["http", "wait"],
  hosts: api.hosts,
  classify: (response) => kindOf(codeOf(response)),
  *check({ config }) {
    const response = yield* api.get({ config }, listing(config, "1", 1));
    return api.finding(response, `reads the audiences of advertiser ${config.advertiser_id}`);
  },
  objects: { audience, file_audience: fileAudience },
});
