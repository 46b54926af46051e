/** Words for destinations that authenticate with OAuth 2. */
import { createSign } from "node:crypto";
import { z } from "zod";
import type { Auth } from "./auth.ts";

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * A JWT signed with RS256 (RFC 7515, RFC 7523), for token endpoints that take an assertion in place of a password. Times in
 * seconds since the epoch; `key` is a private key in PEM. Throws where the key cannot be read.
 */
export function jwtAssertion(
  key: string,
  claims: Readonly<Record<string, string | number>>,
  header: Readonly<Record<string, string>> = {},
): string {
  const signed = `${part({ alg: "RS256", typ: "JWT", ...header })}.${part(claims)}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key, "base64url")}`;
}

/** The form of the JWT bearer grant (RFC 7523 §2.1). */
export const jwtGrant = (assertion: string): Readonly<Record<string, string>> => ({
  grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
  assertion,
});

/** The form of a refresh-token grant (RFC 6749 §6), from credentials of the usual names. */
export const refreshGrant = (credentials: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> => ({
  grant_type: "refresh_token",
  ...Object.fromEntries(
    ["client_id", "client_secret", "refresh_token"].flatMap((name) =>
      typeof credentials[name] === "string" ? [[name, credentials[name]]] : [],
    ),
  ),
});

/**
 * The form that the credentials are enough for: with `private_key` a JWT of these claims, with `refresh_token` that one, else
 * client credentials (RFC 6749 §4.4).
 */
export function grantOf(
  credentials: Readonly<Record<string, unknown>>,
  claims: Parameters<typeof jwtAssertion>[1],
): Readonly<Record<string, string>> {
  const { private_key, refresh_token, client_id, client_secret } = credentials;
  if (typeof private_key === "string") return jwtGrant(jwtAssertion(private_key, claims));
  if (refresh_token !== undefined) return refreshGrant(credentials);
  return { grant_type: "client_credentials", client_id: String(client_id), client_secret: String(client_secret) };
}

/** Credentials of {@link refreshing}: an app and a refresh token, or an access token alone. */
export const oauthCredentials = {
  client_id: z.string().optional().describe("Id of the app."),
  client_secret: z.string().optional().describe("Secret of the app."),
  refresh_token: z.string().optional().describe("Refresh token; access tokens are fetched with it."),
  access_token: z.string().optional().describe("Instead of the others: a token that is used as it is until it ends."),
};

/** Auth by refresh token at `url`, or by an access token of the credentials. `more`: further keys of the form (`scope`). */
export const refreshing = (
  url: string,
  how: Pick<Extract<Auth, { type: "oauth2" }>, "headers"> & { readonly more?: Readonly<Record<string, string>> } = {},
): Auth => ({
  type: "oauth2",
  token: ({ credentials }) =>
    typeof credentials["refresh_token"] === "string"
      ? { url, form: { ...refreshGrant(credentials), ...how.more } }
      : null,
  ...(how.headers === undefined ? {} : { headers: how.headers }),
});
