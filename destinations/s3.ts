/**
 * Files of changes in a bucket of Amazon S3 or a store like it: `<prefix>/<sync>/<run>/`, one object per batch, the manifest
 * last. A batch written twice replaces its own object. While a run is open, `<prefix>/<sync>/.open/<run>` says so: the next
 * run gives the files of one that was killed their manifest.
 */
import type { Batch, Context, Exchange, HttpResponse, Outcome, Summary } from "millrace/destination";
import {
  all,
  anyValue,
  apiBase,
  awsSignature,
  byStatus,
  defineDestination,
  defineObject,
  del,
  digest,
} from "millrace/destination";
import {
  exact,
  get,
  manifestText,
  networkSettings,
  objectPath,
  paged,
  partName,
  partText,
  put,
  stop,
} from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  bucket: z.string().min(3).max(63).describe("The bucket, which must be there."),
  prefix: z.string().default("millrace").describe("What all keys begin with."),
  region: z.string().default("us-east-1").describe("The bucket's region; stores without regions take any."),
  format: z.enum(["jsonl", "csv"]).default("jsonl").describe("Form of the files."),
  path_style: z
    .boolean()
    .optional()
    .describe("The bucket stands in the path, not in the host name; default: only with base_url."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

/** The bucket's address; `base_url` with `path_style: false` names the bucket itself. */
function bucketUrl(config: Config): string {
  const { base_url, bucket, region, path_style = base_url !== undefined } = config;
  const vendor = `https://${path_style ? "" : `${bucket}.`}s3.${region}.amazonaws.com`;
  return `${apiBase(config, vendor)}${path_style ? `/${bucket}` : ""}`;
}

const keyOf = ({ prefix }: Config, ...parts: readonly string[]): string =>
  [prefix.replace(/^\/+|\/+$/g, ""), ...parts].filter((part) => part !== "").join("/");
const urlOf = (config: Config, key: string): string => `${bucketUrl(config)}/${objectPath(key)}`;

const part = (text: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
/** An error as S3 words it: `<Error><Code>NoSuchBucket</Code><Message>…`. */
const codeOf = ({ text }: HttpResponse): string => part(text, "Code") ?? "";

/** What an answer says of the whole request. */
function judge(response: HttpResponse): Outcome {
  const code = codeOf(response);
  const words = part(response.text, "Message") ?? `HTTP ${response.status}`;
  if (code === "NoSuchBucket") return stop("target_gone", `the bucket is not there: ${words}`);
  // A bucket of another region: HTTP 301 and 400, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  if (code === "PermanentRedirect" || code === "AuthorizationHeaderMalformed")
    return stop("redirected", `the bucket is elsewhere: ${words}`, "set `region` to the bucket's");
  return byStatus(response, words);
}

function* written(config: Config, key: string, content: string | Uint8Array, type: string): Exchange<Outcome> {
  // Beside the signed hash of the content: what the store compares what it wrote with.
  const md5 = Buffer.from(digest("md5", content), "hex").toString("base64");
  return judge(yield* put(urlOf(config, key), content, { headers: { "content-type": type, "content-md5": md5 } }));
}

const types = { jsonl: "application/x-ndjson", csv: "text/csv; charset=utf-8" } as const;

function* deliver(batch: Batch, { config, sync, runId }: Context<Config>): Exchange<readonly Outcome[]> {
  const opened = yield* written(config, keyOf(config, sync, ".open", runId), "", "text/plain");
  if (opened.status !== "accepted") return all(batch, opened);
  const key = keyOf(config, sync, runId, partName(batch, config.format));
  return all(batch, yield* written(config, key, partText(batch, config.format), types[config.format]));
}

/** Names of the objects directly under a key. */
function* listed(config: Config, folder: string): Exchange<readonly string[]> {
  const query = `list-type=2&delimiter=%2F&prefix=${encodeURIComponent(`${folder}/`)}`;
  const after = (cursor = ""): string => (cursor === "" ? "" : `&continuation-token=${encodeURIComponent(cursor)}`);
  const found = yield* paged(
    (cursor) => get(`${bucketUrl(config)}/?${query}${after(cursor)}`),
    ({ status, text }) =>
      status === 200 && text.includes("<ListBucketResult")
        ? [...text.matchAll(/<Key>[^<]*?([^</]+)<\/Key>/g)].map(([, name = ""]) => name)
        : undefined,
    ({ text }) => part(text, "NextContinuationToken"),
  );
  return "status" in found ? openStill(judge(found)) : found;
}

/** Rows are at the store, but readers wait for the manifest: the next run writes it. */
const openStill = ({ status }: Outcome): never =>
  stop("target", `the run's files have no manifest yet (${status})`, "the next `millrace sync` writes it");

/** Gives this run's files, and those of runs that were killed, their manifest. */
function* finish(ctx: Context<Config>, summary: Summary): Exchange<void> {
  const { config, sync } = ctx;
  const { format } = config;
  for (const run of yield* listed(config, keyOf(config, sync, ".open"))) {
    const folder = keyOf(config, sync, run);
    const files = (yield* listed(config, folder)).filter((name) => name.endsWith(`.${format}`)).toSorted();
    const text = manifestText(ctx, { run, files, format, layout: "changes", summary });
    const wrote = yield* written(config, `${folder}/manifest.json`, text, "application/json");
    if (wrote.status !== "accepted") openStill(wrote);
    yield* del(urlOf(config, keyOf(config, sync, ".open", run)));
  }
}

export default defineDestination<Config>({
  name: "s3",
  describe: "Files in a bucket of Amazon S3 or a store like it.",
  docs: "https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html",
  guide: {
    credentials:
      "An access key with s3:PutObject, s3:DeleteObject and s3:ListBucket on the prefix; session_token for temporary keys.",
    refused: "A store takes or refuses a file as a whole, so rows are never refused one by one.",
    erasure:
      "Delete the objects, or rewrite them without the person; look at old versions where the bucket keeps them.",
  },
  config: settings,
  credentials: z.strictObject({
    access_key_id: z.string().describe("The access key's id."),
    secret_access_key: z.string().describe("Its secret."),
    session_token: z.string().optional().describe("Of temporary credentials."),
  }),
  effects: ["http"],
  hosts: (config) => [new URL(bucketUrl(config)).hostname],
  auth: {
    type: "signed",
    sign: (request, { credentials, config, now }) =>
      awsSignature(request, {
        accessKeyId: String(credentials["access_key_id"]),
        secretAccessKey: String(credentials["secret_access_key"]),
        sessionToken: credentials["session_token"] as string | undefined,
        region: (config as Config).region,
        service: "s3",
        now,
      }),
  },
  classify(response) {
    const code = codeOf(response);
    if (["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"].includes(code)) return "auth";
    if (code === "SlowDown") return "throttled";
    // Damaged or cut off on the way; another writer at this moment.
    return ["RequestTimeout", "BadDigest", "OperationAborted"].includes(code) ? "retry" : undefined;
  },
  *check({ config }) {
    const key = keyOf(config, ".check");
    const wrote = yield* written(config, key, "", "text/plain");
    const ok = wrote.status === "accepted" && (yield* del(urlOf(config, key))).status < 300;
    return [{ ok, message: ok ? `writes to ${config.bucket}` : `cannot write to ${config.bucket} and delete again` }];
  },
  objects: {
    record: defineObject<Config, string>({
      describe: "A record with fields",
      kind: "record",
      ops: ["add", "update", "remove"],
      delivery: "set",
      identify: "key",
      identifiers: {},
      openIdentifiers: exact(),
      fields: {},
      openFields: anyValue({ describe: "Any column" }),
      // A single PUT takes 5 GB (facts D4); files stay of a size that readers like.
      limits: { rows: 50_000, bytes: 64_000_000, concurrency: 2 },
      passThrough: true,
      configure: ({ format }: Config) => ({ passThrough: format === "jsonl" }),
      deliver,
      finish,
    }),
  },
});
