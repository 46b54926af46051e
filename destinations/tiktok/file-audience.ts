/** Customer files, for many people at once: one kind of identifier a file, uploaded, then worked into the audience. */
import type { Batch, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, all, defineObject, digest, email, multipart } from "millrace/destination";
import { normalizeEmailWithoutTag, phoneDigits, stop } from "millrace/destination";
import { api, type Config } from "./api.ts";
import { common, deviceHash, files } from "./audiences.ts";

const calculateTypes: Readonly<Record<string, string>> = {
  email: "EMAIL_SHA256",
  phone: "PHONE_SHA256",
  idfa: "IDFA_SHA256",
  gaid: "GAID_SHA256",
};

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

export const fileAudience = defineObject<Config, "email" | "phone" | "idfa" | "gaid">({
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
