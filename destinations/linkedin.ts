/**
 * LinkedIn matched audiences (DMP segments), streamed: people by hashed e-mail or device, companies by what is known of them.
 * LinkedIn answers row by row, in order.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Measured, Outcome } from "millrace/destination";
import { accepted, all, byIndex, defineDestination, defineObject, deferred } from "millrace/destination";
import { deviceId, domainName, email, ensureNamed, exact, jsonApi, networkSettings } from "millrace/destination";
import { normalField, normalizeCountry, normalizeEmailWithoutSpaces, oauthCredentials } from "millrace/destination";
import { refreshing, rejected, stop, text, unknown, wait } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  ad_account: z.string().regex(/^\d+$/, "an ad account id is digits").describe("Id of the ad account."),
  source_platform: z.string().min(1).describe("The sourcePlatform that LinkedIn granted your app."),
  api_version: z
    .string()
    .regex(/^\d{6}$/, "a version is YYYYMM")
    .default("202604")
    .describe("LinkedIn-Version; each lives twelve months."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const api = jsonApi<Config>({
  base: () => "https://api.linkedin.com/rest",
  headers: ({ api_version }) => ({ "linkedin-version": api_version, "x-restli-protocol-version": "2.0.0" }),
  fault: ({ status, body }) =>
    status >= 400 && typeof body?.message === "string" ? { code: body.code, message: body.message } : undefined,
  judge: ({ status }, fault) =>
    status === 403
      ? stop("permission", fault?.message ?? "HTTP 403", "it takes rw_dmp_segments and a role above viewer")
      : undefined,
});

/**
 * Sends rows. A new segment can be read before it can be filled, "404 for 1-2 min" (facts A8): while it can be read, the rows
 * are tried again.
 */
function* stream(ctx: Context<Config>, path: string, elements: readonly object[]): Exchange<HttpResponse | Outcome> {
  const segment = `dmpSegments/${ctx.remote.id}`;
  const headers = { "x-restli-method": "BATCH_CREATE" };
  for (const afterMs of [0, 5_000, 15_000, 40_000, 60_000]) {
    const response = yield* api.post(ctx, `${segment}/${path}`, { elements }, { headers, afterMs });
    if (response.status !== 404) return response;
    const found = yield* api.get(ctx, segment);
    if (found.body?.id === undefined) return api.broken(found);
  }
  return deferred("the segment is new and cannot be filled yet");
}

interface RowResult {
  readonly status?: number;
  readonly error?: { readonly message?: string };
}

function verdict({ status = Number.NaN, error }: RowResult, { op }: Change): Outcome | undefined {
  const words = String(error?.message ?? `HTTP ${status}`);
  if ((status >= 200 && status < 300) || (status === 404 && op === "remove")) return accepted();
  if (status === 401 || status === 409 || status === 429) return deferred(words);
  if (status >= 500) return unknown(words);
  return status >= 400 ? rejected(`http_${status}`, words) : undefined;
}

const streaming = (path: string, rowOf: (change: Change) => object) =>
  function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
    const action = batch.op === "remove" ? "REMOVE" : "ADD";
    const rows = batch.changes.map((change) => ({ action, ...rowOf(change) }));
    const answer = yield* stream(ctx, path, rows);
    if (!("text" in answer)) return all(batch, answer);
    const outcome = api.outcome(answer);
    return outcome.status === "accepted" ? byIndex(batch, answer.body?.elements, verdict) : all(batch, outcome);
  };

const idTypes: Readonly<Record<string, string>> = {
  email: "SHA256_EMAIL",
  email_sha512: "SHA512_EMAIL",
  google_aid: "GOOGLE_AID",
  apple_idfa: "APPLE_IDFA",
};

const person = ({ identifiers, fields }: Change): object => ({
  userIds: Object.entries(identifiers).map(([kind, idValue]) => ({ idType: idTypes[kind], idValue })),
  ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
});

interface Segment {
  readonly id: number | string;
  readonly name: string;
  readonly type: string;
  readonly status?: string;
  readonly description?: string;
}

function unfit({ type, status = "" }: Segment, wanted: string): string | undefined {
  if (!type.startsWith(wanted)) return `is of type ${type}`;
  // "EXPIRED, FAILED, ERROR not usable" (Matched Audiences FAQ).
  return ["EXPIRED", "FAILED", "ERROR"].includes(status) ? `is ${status}` : undefined;
}

const account = ({ ad_account }: Config): string => `urn:li:sponsoredAccount:${ad_account}`;
const segments = (config: Config): string => `dmpSegments?q=account&account=${encodeURIComponent(account(config))}`;

const ensureSegment = (type: "USER" | "COMPANY") =>
  ensureNamed<Config>({
    what: "segment",
    api,
    *find(_name, ctx) {
      // Without start and count the answer holds all of them (create-and-manage-segments, pagination).
      const response = yield* api.get(ctx, segments(ctx.config));
      const found: readonly Segment[] | undefined = response.body?.elements;
      if (!Array.isArray(found)) return response;
      return found.map((each: Segment) => ({
        id: String(each.id),
        name: each.name,
        description: each.description ?? "",
        unfit: unfit(each, type),
      }));
    },
    *create(name, ctx, marker) {
      const segment = {
        name,
        description: `Kept by millrace ${marker}`,
        sourcePlatform: ctx.config.source_platform,
        sourceSegmentId: marker,
        account: account(ctx.config),
        accessPolicy: "PRIVATE",
        type,
        destinations: [{ destination: "LINKEDIN" }],
      };
      const made = yield* api.post(ctx, "dmpSegments", segment, { once: true });
      // "You must wait 5 seconds" (create-and-manage-segment-users).
      if (made.status === 201) yield* wait(5_000);
      return made;
    },
    idOf: ({ headers, body }) => headers["x-linkedin-id"] ?? headers["x-restli-id"] ?? body?.id,
  });

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const { body } = yield* api.get(ctx, `dmpSegments/${ctx.remote.id}`);
  const { audienceSize: size, matchedCount: matched, inputCount: sent } = { ...body?.destinations?.[0], ...body };
  // Matched and sent: over the last seven days (Matched Audiences FAQ).
  const rate = matched >= 0 && sent > 0 ? { matchRate: Math.min(1, matched / sent) } : {};
  return typeof size === "number" ? { sizeLow: size, sizeHigh: size, ...rate } : rate;
}

const common = { kind: "membership", delivery: "set", identify: "any", measure } as const;
const name = text({ max: 35 });

const audience = defineObject<Config, "email" | "email_sha512" | "google_aid" | "apple_idfa">({
  ...common,
  describe: "People, by hashed e-mail or device id, with what helps to match them",
  ops: ["add", "update", "remove"],
  identifiers: {
    email: email({ hash: "sha256", normalize: normalizeEmailWithoutSpaces }),
    email_sha512: email({ hash: "sha512", normalize: normalizeEmailWithoutSpaces }),
    google_aid: deviceId(),
    apple_idfa: deviceId(),
  },
  // Names: at most 35 characters (facts A8).
  fields: {
    firstName: name,
    lastName: name,
    title: text({ describe: "Job title" }),
    company: text({ describe: "Employer" }),
    country: normalField(normalizeCountry, { describe: "Country, by code or English name" }),
  },
  // 5,000 rows a request; 600 requests a minute (facts A8).
  limits: { rows: 5_000, rate: { requests: 600, perSeconds: 60 } },
  ensure: ensureSegment("USER"),
  deliver: streaming("users", person),
});

const companyAudience = defineObject<Config, string>({
  ...common,
  describe: "Companies, by name, domain, page or organization",
  ops: ["add", "remove"],
  identifiers: {
    companyName: exact("Name of the company, sent as it is"),
    companyWebsiteDomain: domainName(),
    companyEmailDomain: { ...domainName(), describe: "Domain of its e-mail addresses" },
    companyPageUrl: exact("Address of its LinkedIn page, sent as it is"),
    organizationUrn: exact("Its URN, urn:li:organization:…, sent as it is"),
  },
  fields: {},
  // 300 requests a minute (create-and-manage-segment-companies).
  limits: { rows: 5_000, rate: { requests: 300, perSeconds: 60 } },
  ensure: ensureSegment("COMPANY"),
  deliver: streaming("companies", ({ identifiers }) => identifiers),
});

export default defineDestination<Config>({
  name: "linkedin",
  describe: "LinkedIn matched audiences of people and companies.",
  docs: "https://learn.microsoft.com/linkedin/marketing/matched-audiences/create-and-manage-segment-users",
  guide: {
    credentials:
      "LinkedIn must admit your app to the private Audiences programme (rw_dmp_segments); a member with a role above viewer in the ad account consents to it and r_ads. The refresh token lives a year.",
    refused: "LinkedIn answers row by row: a refused row is kept with its words, the others of the request are taken.",
    erasure: "Removing the person from every segment: LinkedIn keeps no row that could be read back.",
  },
  config: settings,
  credentials: z.strictObject(oauthCredentials),
  auth: refreshing("https://www.linkedin.com/oauth/v2/accessToken"),
  effects: ["http", "wait"],
  hosts: (config, session) => [...api.hosts(config, session), "www.linkedin.com"],
  // A conflict is another write under way: refused for now, not for good.
  classify: ({ status }) => (status === 409 ? "throttled" : undefined),
  *check({ config }) {
    const response = yield* api.get({ config }, `${segments(config)}&start=0&count=1`);
    return api.finding(response, `reads the segments of ad account ${config.ad_account}`);
  },
  objects: { audience, company_audience: companyAudience },
});
