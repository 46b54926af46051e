/** OAuth 2 where a program may sign in as itself (a service account) instead of for a user who consented. */
import { z } from "zod";
import type { Auth, Given, TokenRequest } from "./auth.ts";
import { jwtAssertion, jwtGrant, oauthCredentials, refreshGrant } from "./oauth.ts";
import { stop } from "./stop.ts";

/** Credentials of {@link signedIn}. */
export const serviceAccountCredentials = {
  ...oauthCredentials,
  service_account: z
    .string()
    .optional()
    .describe("Instead of the others: the key file of a service account, as it was downloaded (JSON)."),
};

/** What of a key file is needed. */
const keyFile = z.object({ client_email: z.string(), private_key: z.string(), private_key_id: z.string().optional() });

/**
 * Tokens at `url` for `scope`: with the key of a service account, a refresh token, or an access token as it is. `headers`:
 * what a request carries besides the token.
 */
export const signedIn = (
  url: string,
  scope: string,
  headers: (given: Given) => Readonly<Record<string, string>> = () => ({}),
): Auth =>
  ({
    type: "oauth2",
    token(given) {
      const { credentials } = given;
      if (typeof credentials["service_account"] === "string")
        return { url, form: jwtGrant(assertionOf(credentials["service_account"], url, scope, given)) };
      return typeof credentials["refresh_token"] === "string" ? { url, form: refreshGrant(credentials) } : null;
    },
    headers: (token, given) => ({ authorization: `Bearer ${token}`, ...headers(given) }),
  }) satisfies Auth;

/** Good for an hour, the longest that Google takes: developers.google.com/identity/protocols/oauth2/service-account */
function assertionOf(key: string, url: TokenRequest["url"], scope: string, { now }: Given): string {
  const read = keyFile.safeParse(parsed(key));
  if (!read.success)
    return stop(
      "credentials",
      "service_account is no key file of a service account",
      "set it to the whole JSON file: ${file:PATH}",
    );
  const { client_email: email, private_key: secret, private_key_id: id } = read.data;
  const issued = Math.floor(now / 1000);
  const claims = { iss: email, scope, aud: url, iat: issued, exp: issued + 3600 };
  return jwtAssertion(secret, claims, id === undefined ? {} : { kid: id });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
