import { authHeaders, authQuery, withPath, withQuery, withSecret } from "../destination/index.ts";
import type { Context, Destination, Given, Session } from "../destination/index.ts";
import type { Clock, HttpCall, Random } from "../ports.ts";
import { Masker } from "../project/masker.ts";
import { TokenSource, type TokenProblem, type TokenSourceOptions } from "./token.ts";

export type Credentials = Readonly<Record<string, unknown>>;
export type Sign = NonNullable<Context["sign"]>;

/** Puts the secrets where the platform wants them, and nowhere else. */
export interface Authorizer {
  /** Gets what requests are authenticated with (an access token), where there is none yet or it ends soon. */
  ready(): Promise<TokenProblem | null>;
  /** The call with headers and parameters that prove who we are. */
  authorize(call: HttpCall): HttpCall;
  /** What the token came with. */
  readonly session: Session;
  /** Counts the credentials: name the one a refused request was sent with. */
  readonly generation: number;
  /** Gets newer credentials than those, once for all who were refused with them; false when there are none. */
  refresh(refused: number): Promise<boolean>;
  readonly sign?: Sign;
  /** The headers with a signature of this moment in place of an older one: a retry may leave minutes later. */
  resign(headers: Readonly<Record<string, string>>, body: string | Uint8Array): Readonly<Record<string, string>>;
  /** Hides the credentials, old and new, in a text. */
  redact(text: string): string;
}

export interface AuthorizerOptions {
  readonly definition: Pick<Destination, "auth" | "sign">;
  readonly config: unknown;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly random: Random;
  /** Reads the credentials again (rotated token files); null = nothing new. */
  renew?(): Promise<Credentials | null>;
  /** For `oauth2`: how tokens are fetched. */
  readonly tokens?: Pick<TokenSourceOptions, "http" | "hosts" | "baseUrl" | "keeper">;
}

export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { definition, clock, random } = options;
  const { auth } = definition;
  let { credentials } = options;
  let generation = 1;
  let renewing: Promise<boolean> | null = null;
  const masker = new Masker();
  const given = (): Given => ({ credentials, config: options.config, now: clock.now() });
  learn(masker, definition, given());
  const signed = new Map<string, string>();
  const tokens =
    auth.type === "oauth2" && options.tokens !== undefined
      ? new TokenSource({
          ...options.tokens,
          request: (now) => auth.token(now),
          given,
          clock,
          learn: (secret) => masker.add(secret),
        })
      : null;

  const refresh = async (): Promise<boolean> => {
    const token = await tokens?.renew();
    const fresh = tokens === null || token === null ? await options.renew?.() : undefined;
    const changed = fresh !== undefined && fresh !== null && JSON.stringify(fresh) !== JSON.stringify(credentials);
    if (changed) {
      credentials = fresh;
      learn(masker, definition, given());
    }
    if (!changed && !(token !== undefined && token !== null && "value" in token)) return false;
    generation += 1;
    return true;
  };

  const signNow = (id: string, body: string | Uint8Array): Readonly<Record<string, string>> => {
    const headers = definition.sign?.(credentials, { id, body, timestamp: Math.floor(clock.now() / 1000) }) ?? {};
    remember(signed, signatureOf(headers), id);
    return headers;
  };

  return {
    async ready() {
      const token = await tokens?.get();
      return token !== undefined && token !== null && "message" in token ? token : null;
    },
    authorize(call) {
      const url = withQuery(withPath(call.url, auth, credentials), authQuery(auth, credentials));
      const proof =
        auth.type === "signed"
          ? auth.sign({ ...call, url, nonce: random.hex(16) }, given())
          : authHeaders(auth, given(), tokens?.token?.value);
      const body = typeof call.body === "string" ? { body: withSecret(auth, credentials, call.body) } : {};
      return { ...call, ...body, url, headers: { ...call.headers, ...proof } };
    },
    get session() {
      return tokens?.token?.session ?? {};
    },
    get generation() {
      return generation;
    },
    async refresh(refused) {
      if (refused !== generation) return true;
      renewing ??= refresh().finally(() => (renewing = null));
      return await renewing;
    },
    ...(definition.sign ? { sign: ({ id, body }: Parameters<Sign>[0]) => signNow(id, body) } : {}),
    resign(headers, body) {
      for (const [signature, id] of signed) {
        const names = signature.split("\n").filter((_, index) => index % 2 === 0);
        if (signatureOf(pick(headers, names)) === signature) return { ...headers, ...signNow(id, body) };
      }
      return headers;
    },
    redact: (text) => masker.mask(text),
  };
}

/** Header values are secrets too: a Basic header holds them in another spelling. */
function learn(masker: Masker, { auth }: Pick<Destination, "auth">, given: Given): void {
  for (const secret of textsIn(given.credentials)) masker.add(secret);
  for (const value of Object.values(authHeaders(auth, given))) masker.add(value.replace(/^(Basic|Bearer) /i, ""));
  for (const value of Object.values(authQuery(auth, given.credentials))) masker.add(value);
  if (auth.type === "custom") masker.add(auth.path?.(given.credentials) ?? "");
}

/** Every text in a value: credentials are small trees. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** A few thousand requests under way at most; older signatures are never sent again. */
function remember(signed: Map<string, string>, signature: string, id: string): void {
  if (signature === "") return;
  signed.set(signature, id);
  const oldest = signed.size > 1000 ? signed.keys().next().value : undefined;
  if (oldest !== undefined) signed.delete(oldest);
}

const signatureOf = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers).toSorted().flat().join("\n");

const pick = (headers: Readonly<Record<string, string>>, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)));
