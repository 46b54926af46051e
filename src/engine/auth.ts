import type { Auth, Destination } from "../destination/index.ts";
import type { Clock } from "../ports.ts";
import { redactor, stringsIn } from "./redact.ts";

export type Credentials = Readonly<Record<string, unknown>>;
export type Sign = (parts: { readonly id: string; readonly body: string }) => Readonly<Record<string, string>>;

/** Puts the secrets where the platform wants them, and nowhere else. */
export interface Authorizer {
  /** Headers of one request. */
  headers(): Readonly<Record<string, string>>;
  /** The address with the parameters that prove who we are, where the platform wants them there. */
  address(url: string): string;
  /** Counts the credentials: name the one a refused request was sent with. */
  readonly generation: number;
  /** Gets newer credentials than those, once for all who were refused with them; false when there are none. */
  refresh(refused: number): Promise<boolean>;
  readonly sign?: Sign;
  /** The headers with a signature of this moment in place of an older one: a retry may leave minutes later. */
  resign(headers: Readonly<Record<string, string>>, body: string): Readonly<Record<string, string>>;
  /** Hides the credentials, old and new, in a text. */
  redact(text: string): string;
}

/** `renew` reads or exchanges the credentials again (rotated token files, OAuth); null = nothing new. */
export function createAuthorizer(
  definition: Pick<Destination, "auth" | "sign">,
  initial: Credentials,
  clock: Clock,
  renew?: () => Promise<Credentials | null>,
): Authorizer {
  let credentials = initial;
  let generation = 1;
  let renewing: Promise<boolean> | null = null;
  const secrets = new Set<string>();
  let hide = learn(secrets, definition.auth, initial);
  const signed = new Map<string, string>();

  const refresh = async (): Promise<boolean> => {
    const fresh = await renew?.();
    if (!fresh || JSON.stringify(fresh) === JSON.stringify(credentials)) return false;
    hide = learn(secrets, definition.auth, fresh);
    credentials = fresh;
    generation += 1;
    return true;
  };

  const signNow = (id: string, body: string): Readonly<Record<string, string>> => {
    const headers = definition.sign?.(credentials, { id, body, timestamp: Math.floor(clock.now() / 1000) }) ?? {};
    remember(signed, signatureOf(headers), id);
    return headers;
  };

  return {
    headers: () => headersOf(definition.auth, credentials),
    address(url) {
      const parameters = Object.entries(queryOf(definition.auth, credentials));
      if (parameters.length === 0) return url;
      const address = new URL(url);
      for (const [name, value] of parameters) address.searchParams.set(name, value);
      return address.href;
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
    redact: (text) => hide(text),
  };
}

function headersOf(auth: Auth, credentials: Credentials): Readonly<Record<string, string>> {
  switch (auth.type) {
    case "none":
      return {};
    case "bearer":
      return textOf(credentials[auth.secret]) ? { authorization: `Bearer ${textOf(credentials[auth.secret])}` } : {};
    case "header":
      return {
        [auth.header.toLowerCase()]: auth.value.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
          textOf(credentials[name]),
        ),
      };
    case "custom":
      return auth.headers(credentials);
  }
}

const queryOf = (auth: Auth, credentials: Credentials): Readonly<Record<string, string>> =>
  auth.type === "custom" ? (auth.query?.(credentials) ?? {}) : {};

/** Header values are secrets too: a Basic header holds them in another spelling. */
function learn(secrets: Set<string>, auth: Auth, credentials: Credentials): (text: string) => string {
  for (const secret of stringsIn(credentials)) secrets.add(secret);
  for (const value of Object.values(headersOf(auth, credentials))) secrets.add(value.replace(/^(Basic|Bearer) /i, ""));
  for (const value of Object.values(queryOf(auth, credentials))) secrets.add(value);
  return redactor(secrets);
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

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";
