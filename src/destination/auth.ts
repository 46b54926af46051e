/** How a platform wants to be told who is asking. The engine does it; a destination's conversation never sees a secret. */

/** What the credentials and the configuration of an account are when a request is about to leave. */
export interface Given {
  readonly credentials: Readonly<Record<string, unknown>>;
  readonly config: unknown;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The form that is POSTed to get an access token (RFC 6749 §4). */
export interface TokenRequest {
  /** `base_url` of the configuration replaces its scheme and host too (decision 39). */
  readonly url: string;
  readonly form: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as it is about to leave, for auth that signs its content. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Hex that no other request has. */
  readonly nonce: string;
}

export type Auth =
  | { readonly type: "none" }
  | { readonly type: "bearer"; readonly secret: string }
  /** `value` may hold `{NAME}` placeholders of credentials: `Klaviyo-API-Key {api_key}`. */
  | { readonly type: "header"; readonly header: string; readonly value: string }
  /** Several optional ways, chosen by which credentials are set (webhook, http). */
  | {
      readonly type: "custom";
      headers(credentials: Readonly<Record<string, unknown>>): Readonly<Record<string, string>>;
      /** Parameters added to the address of every request (Meta's appsecret_proof); masked in every log like headers. */
      query?(credentials: Readonly<Record<string, unknown>>): Readonly<Record<string, string>>;
      /** The path of an address that is a secret as a whole (incoming webhooks); absent: as the conversation words it. */
      path?(credentials: Readonly<Record<string, unknown>>): string | undefined;
      /** The body with the secret in it, for APIs that take it nowhere else (JSON-RPC). */
      body?(credentials: Readonly<Record<string, unknown>>, body: string): string;
    }
  /**
   * An access token is fetched before the first request and again when it expires or is refused. What else the answer
   * says (`instance_url`, `api_domain`) is the session: `yield* session()` gives it.
   */
  | {
      readonly type: "oauth2";
      /** Null: the credentials hold an access token that is used as it is. */
      token(given: Given): TokenRequest | null;
      /** Headers of a request; default `Authorization: Bearer <token>`. */
      headers?(token: string, given: Given): Readonly<Record<string, string>>;
    }
  /** Every request is signed over its content (OAuth 1.0a, AWS Signature Version 4); gives the headers to add. */
  | { readonly type: "signed"; sign(request: SignedRequest, given: Given): Readonly<Record<string, string>> };

/** What a token's answer said besides the token: texts by name, without any secret. Empty for other kinds of auth. */
export type Session = Readonly<Record<string, string>>;

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

/** Headers for everything but signatures; `token`: what `oauth2` fetched, else the credential `access_token`. */
export function authHeaders(auth: Auth, given: Given, token?: string): Readonly<Record<string, string>> {
  const { credentials } = given;
  switch (auth.type) {
    case "none":
    case "signed":
      return {};
    case "bearer":
      return textOf(credentials[auth.secret]) ? { authorization: `Bearer ${textOf(credentials[auth.secret])}` } : {};
    case "header": {
      const value = auth.value.replaceAll(/\{(\w+)\}/g, (_, name: string) => textOf(credentials[name]));
      return { [auth.header.toLowerCase()]: value };
    }
    case "custom":
      return auth.headers(credentials);
    case "oauth2": {
      const held = token ?? textOf(credentials["access_token"]);
      return auth.headers?.(held, given) ?? { authorization: `Bearer ${held}` };
    }
  }
}

/** Parameters of the address. */
export const authQuery = (auth: Auth, credentials: Given["credentials"]): Readonly<Record<string, string>> =>
  auth.type === "custom" ? (auth.query?.(credentials) ?? {}) : {};

/** The body as it leaves. */
export const withSecret = (auth: Auth, credentials: Given["credentials"], body: string): string =>
  auth.type === "custom" && auth.body !== undefined ? auth.body(credentials, body) : body;

/** The address with its secret path, where auth has one: host and scheme stay those that were declared. */
export function withPath(url: string, auth: Auth, credentials: Given["credentials"]): string {
  const path = auth.type === "custom" ? auth.path?.(credentials) : undefined;
  return path === undefined ? url : `${new URL(url).origin}/${path.replace(/^\/+/, "")}`;
}

/** The address with those parameters. */
export function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const parameters = Object.entries(query);
  if (parameters.length === 0) return url;
  const address = new URL(url);
  for (const [name, value] of parameters) address.searchParams.set(name, value);
  return address.href;
}
