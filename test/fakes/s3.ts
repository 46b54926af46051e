import { createHash } from "node:crypto";
import { awsSignature } from "../../src/destination/aws-signature.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface S3State {
  /** Keys, as they read unescaped, and their content. */
  readonly objects: Map<string, string>;
}

export interface S3Account {
  readonly access_key_id: string;
  readonly secret_access_key: string;
}

const xml = { "content-type": "application/xml" };
const failed = (status: number, code: string, message: string): FakeAnswer => ({
  status,
  headers: xml,
  body: `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});

/** Two keys a page, so that listing must turn pages. */
const pageSize = 2;

/** One bucket of an S3-compatible store, path style, that checks signatures and content hashes. */
export function startFakeS3(bucket: string, account: S3Account): Promise<Fake<S3State>> {
  const state: S3State = { objects: new Map() };
  return startFake(state, (request) => {
    const { pathname, searchParams } = new URL(request.path, "http://fake");
    if (!signed(request, account)) return failed(403, "SignatureDoesNotMatch", "The request signature does not match.");
    const [, name, ...rest] = pathname.split("/");
    if (name !== bucket) return failed(404, "NoSuchBucket", "The specified bucket does not exist");
    const key = rest.map(decodeURIComponent).join("/");
    if (request.method === "GET") return listing(state, searchParams);
    if (request.method === "DELETE") state.objects.delete(key);
    if (request.method === "DELETE") return { status: 204 };
    const md5 = createHash("md5").update(request.text).digest("base64");
    if (request.headers["content-md5"] !== md5) return failed(400, "BadDigest", "The Content-MD5 did not match.");
    state.objects.set(key, request.text);
    return { status: 200 };
  });
}

function signed({ method, path, headers, text }: FakeRequest, account: S3Account): boolean {
  const [, region = "", names = ""] =
    /Credential=[^/]+\/\d+\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+),/.exec(headers["authorization"] ?? "") ??
    [];
  const now = Date.parse((headers["x-amz-date"] ?? "").replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
  const own = new Set(["host", "x-amz-content-sha256", "x-amz-date"]);
  const given = Object.fromEntries(
    names.split(";").flatMap((name) => (own.has(name) ? [] : [[name, headers[name] ?? ""]])),
  );
  if (Number.isNaN(now)) return false;
  const { authorization } = awsSignature(
    { method, url: `http://${headers["host"]}${path}`, headers: given, nonce: "", body: text },
    { accessKeyId: account.access_key_id, secretAccessKey: account.secret_access_key, region, service: "s3", now },
  );
  return authorization === headers["authorization"];
}

/** ListObjectsV2 with a delimiter: keys directly under the prefix, in order. */
function listing({ objects }: S3State, query: URLSearchParams): FakeAnswer {
  const prefix = query.get("prefix") ?? "";
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && !key.slice(prefix.length).includes("/"));
  const from = Number(query.get("continuation-token") ?? 0);
  const page = keys.toSorted().slice(from, from + pageSize);
  const more = from + pageSize < keys.length;
  const next = more ? `<NextContinuationToken>${from + pageSize}</NextContinuationToken>` : "";
  const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join("");
  return {
    status: 200,
    headers: xml,
    body: `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents}</ListBucketResult>`,
  };
}
