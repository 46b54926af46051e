/** How one talks to S3 and stores like it: settings, addresses of objects, errors, writing and listing. */
import type { Exchange, HttpResponse, Outcome } from "millrace/destination";
import { apiBase, byStatus, del, digest, get, networkSettings, objectPath } from "millrace/destination";
import { paged, put, stop } from "millrace/destination";
import { z } from "zod";

/** What an S3 destination is configured with. */
export const settings = z.strictObject({
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
export type Config = z.output<typeof settings>;

/** The bucket's address; `base_url` with `path_style: false` names the bucket itself. */
export function bucketUrl(config: Config): string {
  const { base_url, bucket, region, path_style = base_url !== undefined } = config;
  const vendor = `https://${path_style ? "" : `${bucket}.`}s3.${region}.amazonaws.com`;
  return `${apiBase(config, vendor)}${path_style ? `/${bucket}` : ""}`;
}

/** The key of an object under the prefix. */
export const keyOf = ({ prefix }: Config, ...parts: readonly string[]): string =>
  [prefix.replace(/^\/+|\/+$/g, ""), ...parts].filter((part) => part !== "").join("/");

const urlOf = (config: Config, key: string): string => `${bucketUrl(config)}/${objectPath(key)}`;

/** The text of an element of an answer. */
const textOf = (xml: string, element: string): string | undefined =>
  new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];

/** An error as S3 words it: `<Error><Code>NoSuchBucket</Code><Message>…`. */
const codeOf = ({ text }: HttpResponse): string => textOf(text, "Code") ?? "";

/** What an answer says of the whole request. */
function judge(response: HttpResponse): Outcome {
  const code = codeOf(response);
  const words = textOf(response.text, "Message") ?? `HTTP ${response.status}`;
  if (code === "NoSuchBucket") return stop("target_gone", `the bucket is not there: ${words}`);
  // A bucket of another region: HTTP 301 and 400, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  if (code === "PermanentRedirect" || code === "AuthorizationHeaderMalformed")
    return stop("redirected", `the bucket is elsewhere: ${words}`, "set `region` to the bucket's");
  return byStatus(response, words);
}

/** What errors mean where the status misleads. */
export function classify(response: HttpResponse): "auth" | "throttled" | "retry" | undefined {
  const code = codeOf(response);
  if (["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"].includes(code)) return "auth";
  if (code === "SlowDown") return "throttled";
  // Damaged or cut off on the way; another writer at this moment.
  return ["RequestTimeout", "BadDigest", "OperationAborted"].includes(code) ? "retry" : undefined;
}

/** Writes an object, or replaces the one of this key. */
export function* write(config: Config, key: string, content: string | Uint8Array, type: string): Exchange<Outcome> {
  // Beside the signed hash of the content: what the store compares what it wrote with.
  const md5 = Buffer.from(digest("md5", content), "hex").toString("base64");
  return judge(yield* put(urlOf(config, key), content, { headers: { "content-type": type, "content-md5": md5 } }));
}

/** Deletes an object. */
export const remove = (config: Config, key: string): Exchange<HttpResponse> => del(urlOf(config, key));

/** Names of the objects directly under a key; the outcome where they cannot be read. */
export function* list(config: Config, folder: string): Exchange<readonly string[] | Outcome> {
  const query = `list-type=2&delimiter=%2F&prefix=${encodeURIComponent(`${folder}/`)}`;
  const after = (cursor = ""): string => (cursor === "" ? "" : `&continuation-token=${encodeURIComponent(cursor)}`);
  const found = yield* paged(
    (cursor) => get(`${bucketUrl(config)}/?${query}${after(cursor)}`),
    ({ status, text }) =>
      status === 200 && text.includes("<ListBucketResult")
        ? [...text.matchAll(/<Key>[^<]*?([^</]+)<\/Key>/g)].map(([, name = ""]) => name)
        : undefined,
    ({ text }) => textOf(text, "NextContinuationToken"),
  );
  return "status" in found ? judge(found) : found;
}
