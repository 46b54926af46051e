/**
 * Any HTTP endpoint: one POST per batch, as JSON or NDJSON, signed as Standard Webhooks when a secret is set.
 * The receiver must treat a batch id it has seen as done: a batch whose answer was lost is sent again under its id.
 */
import type { Batch, Context, Exchange, Outcome } from "millrace/destination";
import {
  accepted,
  all,
  anyValue,
  byIndex,
  byStatus,
  defineDestination,
  defineObject,
  deferred,
} from "millrace/destination";
import {
  exact,
  linesOf,
  ndjsonOf,
  networkSettings,
  post,
  rejected,
  standardWebhook,
  webAuth,
  webCredentials,
} from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("Where batches are posted."),
  format: z.enum(["json", "ndjson"]).default("json").describe("One JSON document per batch, or one change per line."),
  rows: z.int().min(1).max(10_000).default(1000).describe("Changes per request."),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe("Headers of every request; secrets belong in credentials."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const secrets = z.strictObject({
  secret: z
    .string()
    .optional()
    .describe("Standard Webhooks secret, whsec_…; two, separated by a space, while rotating."),
  ...webCredentials,
});

function address({ url, base_url }: Config): string {
  if (base_url === undefined) return url;
  const { pathname, search } = new URL(url);
  return new URL(pathname + search, base_url).href;
}

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const { config, sync, runId } = ctx;
  const ndjson = config.format === "ndjson";
  const head = JSON.stringify({ sync, run_id: runId, batch: batch.id, op: batch.op }).slice(0, -1);
  const body = ndjson ? ndjsonOf(batch) : `${head},"changes":[${linesOf(batch).join(",")}]}`;
  const headers = {
    "content-type": ndjson ? "application/x-ndjson" : "application/json",
    ...config.headers,
    ...(ndjson ? { "millrace-sync": sync, "millrace-batch": batch.id, "millrace-op": batch.op } : {}),
    ...ctx.sign?.({ id: batch.id, body }),
  };
  const response = yield* post(address(config), body, { headers });
  if (response.status === 207) return byIndex(batch, response.body?.results, verdict);
  // 410 Gone stops the sync, as 404 does: the endpoint wants no more.
  return all(batch, byStatus(response, response.body?.message));
}

/** A result by its word (`accepted`, `rejected`, `deferred`) or by an HTTP status. */
function verdict(result: { status?: unknown; code?: unknown; message?: unknown }): Outcome | undefined {
  const { status } = result;
  const message = typeof result.message === "string" ? result.message : "refused by the endpoint";
  if (status === "accepted" || (typeof status === "number" && status >= 200 && status < 300)) return accepted();
  if (status === "deferred" || status === 429 || status === 503) return deferred(message);
  if (status === "rejected" || (typeof status === "number" && status >= 400 && status < 500)) {
    return rejected(typeof result.code === "string" ? result.code : "rejected", message);
  }
  return undefined;
}

const common = {
  ops: ["add", "update", "remove"],
  delivery: "keyed",
  // A week: a daily run that stands still over a weekend still finds its batch ids remembered.
  windowMs: 7 * 24 * 3_600_000,
  refusal: "atomic",
  identify: "key",
  identifiers: {},
  openIdentifiers: exact(),
  fields: {},
  openFields: anyValue({ describe: "Any column" }),
  limits: { rows: 1000 },
  passThrough: true,
  configure: ({ rows }: Config) => ({ limits: { rows } }),
  deliver,
} as const;

export default defineDestination<Config>({
  name: "webhook",
  describe: "Any HTTP endpoint of your own.",
  docs: "https://www.standardwebhooks.com",
  config: settings,
  credentials: secrets,
  guide: {
    credentials:
      "A secret that both sides know signs every request (Standard Webhooks); headers, basic or bearer where the receiver asks for them.",
    refused:
      "Any 2xx accepts the batch; 207 with results in order gives each row its own outcome, other 4xx refuse the batch, which is then halved.",
    erasure: "A remove reaches the receiver like any other change; what it does with it is its own.",
  },
  effects: ["http"],
  hosts: (config) => [new URL(address(config)).hostname],
  auth: webAuth,
  sign: ({ secret }, parts) => (typeof secret === "string" ? standardWebhook(secret, parts) : {}),
  objects: {
    member: defineObject<Config, string>({ ...common, describe: "Being a member of the audience", kind: "membership" }),
    record: defineObject<Config, string>({ ...common, describe: "A record with fields", kind: "record" }),
  },
});
