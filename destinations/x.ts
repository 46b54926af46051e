/**
 * X (Twitter) custom audiences: users by hashed identifiers, several of a person in one operation. X takes a request as a
 * whole or not at all; where it names the operations it minds, the others are sent again without them.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Measured, Outcome } from "millrace/destination";
import { defineDestination, defineObject, deviceId, email, ensureNamed, exact, jsonApi } from "millrace/destination";
import { networkSettings, normalizeHandle, oauth1Credentials, paged, phoneE164, rejected } from "millrace/destination";
import { signingOauth1, stop, unknown, withoutSpoilers } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  ad_account: z.string().min(1).describe("Id of the ads account, 18ce54d4x5t."),
  api_version: z.string().regex(/^\d+$/, "a version is digits").default("12").describe("Version of the Ads API."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

interface Problem {
  readonly code?: string;
  readonly message?: string;
  readonly index?: number;
}

const api = jsonApi<Config>({
  base: ({ api_version }) => `https://ads-api.x.com/${api_version}`,
  fault: ({ body }) => (Array.isArray(body?.errors) ? (body.errors[0] ?? undefined) : undefined),
  judge: ({ status }, fault) =>
    status === 403
      ? stop("permission", fault?.message ?? "HTTP 403", "X must admit the app to the Ads API and its audiences")
      : undefined,
});

const audiences = ({ ad_account }: Config): string => `accounts/${ad_account}/custom_audiences`;

/** Thirteen months is X's own default (custom-audience-users, expires_at); thirty days each, so that no month is too short. */
const lastsMs = 13 * 30 * 86_400_000;
const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const operation = ({ op, identifiers }: Change, asOf: number): object => {
  const users = [Object.fromEntries(Object.entries(identifiers).map(([kind, value]) => [kind, [value]]))];
  return op === "remove"
    ? { operation_type: "Delete", params: { users } }
    : {
        operation_type: "Update",
        params: { effective_at: instant(asOf), expires_at: instant(asOf + lastsMs), users },
      };
};

/** The operations that X minds: a list for each in their order, or problems that name their place. */
const minded = ({ body }: HttpResponse): readonly (readonly [number, Outcome])[] =>
  (Array.isArray(body?.operation_errors) ? body.operation_errors : []).flatMap(
    (each: Problem | readonly Problem[] | null, place: number) =>
      [each].flat().flatMap((problem) => {
        const index = problem?.index ?? (Array.isArray(each) ? place : undefined);
        if (problem === null || index === undefined) return [];
        return [[index, rejected(problem.code ?? "refused", problem.message ?? "X names no reason")] as const];
      }),
  );

/** All of them were taken, or how many X counts. "Not equal: treat as an error, retry" (custom-audience-users). */
function taken(response: HttpResponse, operations: number): Outcome {
  const { success_count: done, total_count: total } = response.body?.data ?? {};
  if (done === undefined) return api.broken(response);
  const outcome = api.outcome(response);
  if (outcome.status !== "accepted" || (done === operations && total === operations)) return outcome;
  return unknown(`X counts ${done} of ${total} users, not ${operations}`);
}

function* deliver({ changes }: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const path = `${audiences(ctx.config)}/${ctx.remote.id}/users`;
  const send = (some: readonly Change[]): Exchange<HttpResponse> =>
    api.post(
      ctx,
      path,
      some.map((change) => operation(change, ctx.asOf)),
    );
  const { response, refused } = yield* withoutSpoilers(changes, send, minded);
  const rest = response === undefined ? unknown("") : taken(response, changes.length - refused.size);
  return changes.map((_, place) => refused.get(place) ?? rest);
}

interface Audience {
  readonly id: string;
  readonly name: string;
  readonly description?: string | null;
  readonly audience_type?: string;
}

const audience = defineObject<
  Config,
  "email" | "phone_number" | "handle" | "twitter_id" | "device_id" | "partner_user_id"
>({
  describe: "A custom audience, people by any of their identifiers; X works changes off every 6 to 8 hours",
  kind: "membership",
  ops: ["add", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: {
    email: email({ hash: "sha256" }),
    // X does not say which form of a phone it hashes: E.164, as most platforms do (facts, identifier matrix, unverified).
    phone_number: phoneE164({ hash: "sha256" }),
    handle: { ...exact("X handle, without @"), normalize: normalizeHandle, hash: "sha256" },
    twitter_id: { ...exact("X user id"), hash: "sha256" },
    device_id: deviceId({ hash: "sha256" }),
    partner_user_id: exact("Your own user id, known to X by id sync, sent as it is"),
  },
  fields: {},
  // 2,500 operations, 5,000,000 bytes, 1,500 requests a minute (custom-audience-users); a tenth is left for what wraps a row.
  limits: { rows: 2_500, bytes: 4_500_000, rate: { requests: 1_500, perSeconds: 60 } },
  // "Batches that run every 6-8 hours" (audiences, processing times).
  lateMs: 8 * 3_600_000,
  expiresMs: lastsMs,
  ensure: ensureNamed<Config>({
    what: "custom audience",
    api,
    longest: 255,
    find: (name, ctx) =>
      paged(
        (cursor) => {
          const query = new URLSearchParams({ q: name, count: "1000", ...(cursor === undefined ? {} : { cursor }) });
          return api.get(ctx, `${audiences(ctx.config)}?${query.toString()}`);
        },
        ({ body }) => body?.data?.map((each: Audience) => ({ ...each, description: each.description ?? "" })),
        ({ body }) => body?.next_cursor ?? undefined,
      ),
    create(name, ctx, marker) {
      const query = new URLSearchParams({ name, description: `Kept by millrace ${marker}` });
      return api.post(ctx, `${audiences(ctx.config)}?${query.toString()}`, undefined, { once: true });
    },
    idOf: ({ body }) => body?.data?.id,
  }),
  deliver,
  *measure(ctx): Exchange<Measured> {
    const response = yield* api.get(ctx, `${audiences(ctx.config)}/${ctx.remote.id}`);
    const size = response.body?.data?.audience_size;
    return typeof size === "number" ? { sizeLow: size, sizeHigh: size } : {};
  },
});

export default defineDestination<Config>({
  name: "x",
  describe: "X (Twitter) custom audiences.",
  docs: "https://docs.x.com/x-ads-api/audiences/reference",
  guide: {
    credentials:
      "X must admit your app to the Ads API and its audience endpoints; take the app's key and secret, and an access token with its secret of a user who may change the ads account.",
    refused:
      "X takes a request as a whole or not at all: rows whose operation it names are kept with its words, the others are sent again without them. A name of a deleted audience cannot be used again.",
    erasure: "Removing the person from every audience: X keeps no row that could be read back.",
  },
  config: settings,
  credentials: z.strictObject(oauth1Credentials),
  auth: signingOauth1,
  effects: ["http"],
  hosts: api.hosts,
  *check({ config }) {
    const response = yield* api.get({ config }, `${audiences(config)}?count=1`);
    return api.finding(response, `reads the custom audiences of account ${config.ad_account}`);
  },
  objects: { audience },
});
