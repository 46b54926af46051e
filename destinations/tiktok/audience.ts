/** Streamed segments, for changes: several identifiers of a person in one request. */
import type { Batch, Context, Exchange, Outcome } from "millrace/destination";
import { all, defineObject, email, ensureNamed, normalizeEmailWithoutSpaces, phoneE164 } from "millrace/destination";
import { api, type Config } from "./api.ts";
import { common, deviceHash, list } from "./audiences.ts";

const schemas = { email: "EMAIL_SHA256", phone: "PHONE_SHA256", idfa: "IDFA_SHA256", aaid: "AAID_SHA256" };

/** A list a person, by the places of `id_schema`; `{}` where the person has no such id (facts A7). */
function* stream(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const { op, changes } = batch;
  const kinds = Object.entries(schemas).filter(([kind]) => changes.some(({ identifiers }) => kind in identifiers));
  const audience_ids = [ctx.remote.id];
  const response = yield* api.post(ctx, "segment/mapping/", {
    advertiser_ids: [ctx.config.advertiser_id],
    action: op === "remove" ? "delete" : "add",
    id_schema: kinds.map(([, schema]) => schema),
    batch_data: changes.map(({ identifiers }) =>
      kinds.map(([kind]) => (kind in identifiers ? { id: identifiers[kind], audience_ids } : {})),
    ),
  });
  return all(batch, api.outcome(response));
}

export const audience = defineObject<Config, keyof typeof schemas>({
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
