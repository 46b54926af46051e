/** Words for destinations that authenticate with OAuth 1.0a (RFC 5849): every request is signed over its content. */
import { createHmac } from "node:crypto";
import { z } from "zod";
import type { Auth, SignedRequest } from "./auth.ts";

type Parameters = Readonly<Record<string, string>>;

/** Only what RFC 3986 calls unreserved stays as it is; encodeURIComponent spares five characters more (§3.6). */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

/** A form's fields are signed, any other body is not (§3.4.1.3.1). */
function formOf({ headers, body }: Pick<SignedRequest, "headers" | "body">): Iterable<[string, string]> {
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  return isForm && body !== undefined ? new URLSearchParams(Buffer.from(body).toString()) : [];
}

/**
 * The HMAC-SHA1 signature of a request, base64 (§3.4.2). `oauth`: the parameters of the Authorization header but
 * `oauth_signature` and `realm`.
 */
export function oauth1Signature(
  request: Pick<SignedRequest, "method" | "url" | "headers" | "body">,
  oauth: Parameters,
  secrets: { readonly consumer: string; readonly token?: string },
): string {
  const { origin, pathname, searchParams } = new URL(request.url);
  const normalized = [...searchParams, ...formOf(request), ...Object.entries(oauth)]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1))
    .map((pair) => pair.join("="))
    .join("&");
  const base = [request.method.toUpperCase(), origin + pathname, normalized].map(encode).join("&");
  const key = `${encode(secrets.consumer)}&${encode(secrets.token ?? "")}`;
  return createHmac("sha1", key).update(base).digest("base64");
}

/** Credentials of {@link signingOauth1}. */
export const oauth1Credentials = {
  consumer_key: z.string().describe("Key of the app (consumer key, API key)."),
  consumer_secret: z.string().describe("Secret of the app."),
  access_token: z.string().describe("Access token of the user the app acts for."),
  access_token_secret: z.string().describe("Secret of the access token."),
};

/** Auth by signatures, from {@link oauth1Credentials}. */
export const signingOauth1: Auth = {
  type: "signed",
  sign(request, { credentials, now }) {
    const oauth: Parameters = {
      oauth_consumer_key: String(credentials["consumer_key"]),
      oauth_nonce: request.nonce,
      oauth_signature_method: "HMAC-SHA1",
      oauth_timestamp: String(Math.floor(now / 1000)),
      oauth_token: String(credentials["access_token"]),
      oauth_version: "1.0",
    };
    const secrets = {
      consumer: String(credentials["consumer_secret"]),
      token: String(credentials["access_token_secret"]),
    };
    const signed = { ...oauth, oauth_signature: oauth1Signature(request, oauth, secrets) };
    const parts = Object.entries(signed).map(([name, value]) => `${name}="${encode(value)}"`);
    return { authorization: `OAuth ${parts.join(", ")}` };
  },
};
