/** Gets access tokens (OAuth 2) for one account: before the first request, when they expire, when one is refused. */
import type { Given, Session, TokenRequest } from "../destination/index.ts";
import { HttpFault, type Clock, type Http, type HttpAnswer } from "../ports.ts";
import { hostOf, isDeclared } from "./hosts.ts";
import { parseJson } from "./reply.ts";

export interface Token {
  readonly value: string;
  readonly session: Session;
  /** Monotonic milliseconds; infinite where the answer names no end. */
  readonly until: number;
}

/** Why there is no token. `passing`: nobody refused; the next try may get one. */
export interface TokenProblem {
  readonly message: string;
  readonly passing: boolean;
}

/** Where a refresh token that replaced the configured one is kept, so that the next process knows it (F33). */
export interface TokenKeeper {
  read(): Promise<string | null>;
  write(refreshToken: string): Promise<void>;
}

export interface TokenSourceOptions {
  request(given: Given): TokenRequest | null;
  given(): Given;
  readonly http: Http;
  readonly clock: Clock;
  hosts(): readonly string[];
  /** Replaces scheme and host of the token endpoint (decision 39). */
  readonly baseUrl: string | undefined;
  readonly keeper: TokenKeeper;
  /** Called with each token and refresh token before it is used: texts that must never be shown. */
  learn(secret: string): void;
}

const timeoutMs = 30_000;
/** Renewed so long before its end, as clocks and requests take their time. */
const marginMs = 60_000;

export class TokenSource {
  readonly #options: TokenSourceOptions;
  #token: Token | null = null;
  #refreshToken: string | undefined;
  #fetching: Promise<Token | TokenProblem> | null = null;

  constructor(options: TokenSourceOptions) {
    this.#options = options;
  }

  get token(): Token | null {
    return this.#token;
  }

  /** A token that is good for a while, one fetch for all who wait; null when the credentials hold one themselves. */
  async get(): Promise<Token | TokenProblem | null> {
    if (this.#token !== null && this.#options.clock.monotonic() < this.#token.until - marginMs) return this.#token;
    return await this.renew();
  }

  /** A new token, whatever the old one was. */
  async renew(): Promise<Token | TokenProblem | null> {
    this.#refreshToken ??= (await this.#options.keeper.read()) ?? undefined;
    const request = this.#options.request(this.#given());
    if (request === null) return null;
    this.#fetching ??= this.#fetch(request).finally(() => (this.#fetching = null));
    const found = await this.#fetching;
    if ("value" in found) this.#token = found;
    return found;
  }

  #given(): Given {
    const given = this.#options.given();
    if (this.#refreshToken === undefined) return given;
    return { ...given, credentials: { ...given.credentials, refresh_token: this.#refreshToken } };
  }

  async #fetch({ url, form, headers }: TokenRequest): Promise<Token | TokenProblem> {
    const { baseUrl, hosts, http } = this.#options;
    const address = baseUrl === undefined ? url : baseUrl.replace(/\/+$/, "") + new URL(url).pathname;
    const host = hostOf(address);
    if (!isDeclared(address, hosts()))
      return { message: `the token endpoint ${host} is no declared host`, passing: false };
    try {
      const answer = await http.send(
        {
          method: "POST",
          url: address,
          headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded", ...headers },
          body: new URLSearchParams(form).toString(),
        },
        { timeoutMs },
      );
      return await this.#read(answer, host);
    } catch (error) {
      if (!(error instanceof HttpFault)) throw error;
      return { message: `${host}: ${error.message}`, passing: true };
    }
  }

  async #read({ status, body }: HttpAnswer, host: string): Promise<Token | TokenProblem> {
    const found = parseJson(new TextDecoder().decode(body));
    const answer = typeof found === "object" && found !== null ? (found as Readonly<Record<string, unknown>>) : {};
    const value = answer["access_token"];
    if (status < 200 || status > 299 || typeof value !== "string" || value === "") {
      const words = [answer["error"], answer["error_description"]]
        .filter((word) => typeof word === "string")
        .join(": ");
      return {
        message: `${host} gave no token: ${words || `HTTP ${status}`}`,
        passing: status === 429 || status >= 500,
      };
    }
    this.#options.learn(value);
    await this.#keep(answer["refresh_token"]);
    const seconds = Number(answer["expires_in"]);
    const until = seconds > 0 ? this.#options.clock.monotonic() + Math.max(seconds * 1000, 2 * marginMs) : Infinity;
    return { value, session: sessionOf(answer), until };
  }

  /** Written before the new token is used: who dies in between must not be left with one that no longer works. */
  async #keep(refreshToken: unknown): Promise<void> {
    const { credentials } = this.#given();
    if (typeof refreshToken !== "string" || refreshToken === credentials["refresh_token"]) return;
    this.#options.learn(refreshToken);
    await this.#options.keeper.write(refreshToken);
    this.#refreshToken = refreshToken;
  }
}

const secret = /token|secret|signature|assertion/i;

function sessionOf(answer: Readonly<Record<string, unknown>>): Session {
  const texts = Object.entries(answer).filter(([name, value]) => typeof value === "string" && !secret.test(name));
  return Object.fromEntries(texts) as Session;
}
