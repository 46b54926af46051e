/**
 * Pinterest customer lists: hashed e-mails and device ids, sent as one text a request. Pinterest answers for the request as a
 * whole and counts what it was sent, not whom it knew; people are targeted through an audience over the list.
 */
import type { Batch, Context, Effect, Exchange, HttpResponse, Measured, Outcome, Summary } from "millrace/destination";
import { accepted, all, defineDestination, defineObject, deviceId, email, jsonApi } from "millrace/destination";
import { madeByFirstRows, networkSettings, oauthCredentials, paged, stop } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  ad_account: z.string().regex(/^\d+$/, "an ad account id is digits").describe("Id of the ad account."),
  list_type: z.enum(["EMAIL", "IDFA", "MAID"]).default("EMAIL").describe("Type of the lists that we make."),
  make_audience: z.boolean().default(true).describe("Make an audience over the list, by which it can be targeted."),
  batch_rows: z.int().min(1).max(100_000).default(10_000).describe("People of a request; Pinterest names no maximum."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;
type Place = { readonly config: Config };

const api = jsonApi<Config>({
  base: () => "https://api.pinterest.com/v5",
  fault({ status, body }) {
    // A list that was changed may bear what went wrong with it (spec, CustomerList.exceptions).
    const { code, message } = (status < 300 ? body?.exceptions : body) ?? {};
    return code === undefined ? undefined : { code: `pinterest_${code}`, message: String(message ?? `code ${code}`) };
  },
  judge: ({ status }, fault) =>
    status === 403
      ? stop("permission", fault?.message ?? "HTTP 403", "the token needs ads:read and ads:write for the ad account")
      : undefined,
});

const of = ({ ad_account }: Config, edge: string): string => `ad_accounts/${ad_account}/${edge}`;

/** All items of an edge of the ad account. */
const every = <T>(ctx: Place, edge: string): Exchange<readonly T[] | HttpResponse> =>
  paged<T>(
    (bookmark) => {
      const from = bookmark === undefined ? "" : `&bookmark=${encodeURIComponent(bookmark)}`;
      return api.get(ctx, `${of(ctx.config, edge)}?page_size=250${from}`);
    },
    ({ body }) => body?.items,
    ({ body }) => body?.bookmark ?? undefined,
  );

/** "Records are required" (spec, CustomerListRequest): a list is made with its first rows. */
const lists = madeByFirstRows<Config>({ what: "customer list", api, list: (ctx) => every(ctx, "customer_lists") });

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const { config } = ctx;
  const target = yield* lists.target(ctx);
  if ("status" in target) return all(batch, api.broken(target));
  if ("make" in target && batch.op === "remove") return all(batch, accepted());

  const records = [...new Set(batch.changes.flatMap(({ identifiers }) => Object.values(identifiers)))].join(",");
  const path = of(config, "customer_lists");
  const response =
    "id" in target
      ? yield* api.patch(ctx, `${path}/${target.id}`, {
          operation_type: batch.op === "remove" ? "REMOVE" : "ADD",
          records,
        })
      : yield* api.post(ctx, path, { name: target.make, list_type: config.list_type, records }, { once: true });
  if (typeof response.body?.id !== "string") return all(batch, api.broken(response));
  const outcome = api.outcome(response);
  return all(batch, "make" in target ? yield* lists.appeared(ctx, outcome) : outcome);
}

interface Audience {
  readonly rule?: { readonly customer_list_id?: string };
  readonly size?: number | null;
}

/** The list's id and the audience over it, where both are there. */
function* overlaid(ctx: Context<Config>): Exchange<{ readonly id: string; readonly audience?: Audience } | undefined> {
  const target = yield* lists.target(ctx);
  const found = "id" in target ? yield* every<Audience>(ctx, "audiences") : undefined;
  if (!("id" in target) || found === undefined || "status" in found) return undefined;
  const audience = found.find(({ rule }) => rule?.customer_list_id === target.id);
  return audience === undefined ? { id: target.id } : { id: target.id, audience };
}

/** Makes the audience where a run changed the list; one that could not is followed by one that does. Quiet runs ask nothing. */
function* finish(ctx: Context<Config>, { accepted: { add, remove } }: Summary): Exchange<void> {
  if (!ctx.config.make_audience || add + remove === 0) return;
  const { id, audience } = (yield* overlaid(ctx)) ?? {};
  if (id === undefined || audience !== undefined) return;
  const name = String(ctx.remoteConfig["name"] ?? ctx.sync);
  const overlay = { name, audience_type: "CUSTOMER_LIST", rule: { customer_list_id: id } };
  const made = yield* api.post(ctx, of(ctx.config, "audiences"), overlay, { once: true });
  if (typeof made.body?.id !== "string") yield { report: { name: "audiences_not_made", value: 1 } } satisfies Effect;
}

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const size = (yield* overlaid(ctx))?.audience?.size;
  return typeof size === "number" ? { sizeLow: size, sizeHigh: size } : {};
}

const audience = defineObject<Config, "email" | "mobile_ad_id">({
  describe: "A customer list, and the audience over it",
  kind: "membership",
  ops: ["add", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email({ hash: "sha256" }), mobile_ad_id: deviceId({ hash: "sha256" }) },
  fields: {},
  // One request after another: the first makes the list.
  limits: { rows: 10_000, concurrency: 1 },
  configure: ({ batch_rows }) => ({ limits: { rows: batch_rows, concurrency: 1 } }),
  ensure: lists.ensure,
  deliver,
  finish,
  measure,
});

const basic = ({ client_id, client_secret }: Readonly<Record<string, unknown>>): string =>
  `Basic ${Buffer.from(`${String(client_id)}:${String(client_secret)}`).toString("base64")}`;

export default defineDestination<Config>({
  name: "pinterest",
  describe: "Pinterest customer lists.",
  docs: "https://developers.pinterest.com/docs/api/v5/customer_lists-create",
  guide: {
    credentials:
      "Make an app, let a user of the ad account consent to ads:read and ads:write, and keep the refresh token; the app's id and secret are client_id and client_secret.",
    refused:
      "Pinterest answers for a whole request; one that is refused is halved until the rows it is refused for are found. A list that matches fewer than 100 people cannot be targeted.",
    erasure: "Removing the person from every list: Pinterest deletes what was sent once it is matched.",
  },
  config: settings,
  credentials: z.strictObject(oauthCredentials),
  auth: {
    type: "oauth2",
    token({ credentials }) {
      const { refresh_token } = credentials;
      if (typeof refresh_token !== "string") return null;
      return {
        url: "https://api.pinterest.com/v5/oauth/token",
        form: { grant_type: "refresh_token", refresh_token },
        headers: { authorization: basic(credentials) },
      };
    },
  },
  effects: ["http", "wait"],
  hosts: api.hosts,
  classify: ({ status, body }) => (status < 300 && body?.exceptions?.code !== undefined ? "reject" : undefined),
  *check({ config }) {
    const response = yield* api.get({ config }, `${of(config, "customer_lists")}?page_size=1`);
    return api.finding(response, `reads the customer lists of ad account ${config.ad_account}`);
  },
  objects: { audience },
});
