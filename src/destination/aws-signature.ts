/**
 * AWS Signature Version 4, as Amazon S3 and stores like it check it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
import { createHmac, hash } from "node:crypto";
import type { SignedRequest } from "./auth.ts";

export interface AwsScope {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
  readonly region: string;
  readonly service: string;
  /** Milliseconds since the epoch; stores refuse clocks that are more than 15 minutes off. */
  readonly now: number;
}

const algorithm = "AWS4-HMAC-SHA256";
/** What proxies rewrite on the way. */
const unsigned: ReadonlySet<string> = new Set(["user-agent", "accept", "accept-encoding", "connection"]);
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** RFC 3986: what `encodeURIComponent` leaves alone beyond the unreserved characters is escaped too. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** An object's key as it stands in an address: every character but the slashes escaped, as the signature has it. */
export const objectPath = (key: string): string => key.split("/").map(escaped).join("/");

function canonicalQuery(parameters: URLSearchParams): string {
  const pairs = [...parameters].map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  return pairs.toSorted().join("&");
}

/**
 * The headers that sign a request: content hash, time, authorization. The headers given are signed with it. The path must be
 * escaped as {@link objectPath} does: it is signed as it stands, which S3 asks for and other services of AWS do not.
 */
export function awsSignature({ method, url, headers, body = "" }: SignedRequest, scope: AwsScope) {
  const { host, pathname, searchParams } = new URL(url);
  const stamp = new Date(scope.now).toISOString().replace(/[-:]|\.\d+/g, "");
  const added: Readonly<Record<string, string>> = {
    "x-amz-content-sha256": hash("sha256", body),
    "x-amz-date": stamp,
    ...(scope.sessionToken === undefined ? {} : { "x-amz-security-token": scope.sessionToken }),
  };
  const signed = Object.entries({ ...headers, host, ...added })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, " ")] as const)
    .filter(([name]) => !unsigned.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(";");
  const canonical = [
    method,
    pathname,
    canonicalQuery(searchParams),
    ...signed.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    added["x-amz-content-sha256"],
  ].join("\n");
  const place = [stamp.slice(0, 8), scope.region, scope.service, "aws4_request"];
  const key = place.reduce<string | Buffer>(hmac, `AWS4${scope.secretAccessKey}`);
  const text = [algorithm, stamp, place.join("/"), hash("sha256", canonical)].join("\n");
  const signature = hmac(key, text).toString("hex");
  const credential = `${scope.accessKeyId}/${place.join("/")}`;
  return {
    ...added,
    authorization: `${algorithm} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}
