import type { Json } from "../core.ts";
import type { Session } from "./auth.ts";
import type { Effect, Exchange } from "./index.ts";

/** A request as a destination words it: the engine adds authentication, limits, retries and the idempotency key. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a string or bytes. */
  readonly body?: unknown;
  /** Wait before sending: polling. */
  readonly afterMs?: number;
  /** Makes another one each time: never repeated while it may have been taken; its rows are in doubt instead. */
  readonly once?: boolean;
  /**
   * Changes nothing of what the rows ask for, whatever its method: a question by POST, a container that is filled later. It
   * may be repeated, and an answer that is lost leaves no doubt.
   */
  readonly harmless?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON where the text is JSON, `undefined` where it is not. */
  // oxlint-disable-next-line no-explicit-any -- a response body is whatever the platform sent; read it defensively
  readonly body: any;
  readonly text: string;
}

/** What an answer asks us to wait, as it says it: by `Retry-After`, or by the `X-RateLimit-Retry-After` of some platforms (Braze). */
export const askedWait = (headers: Readonly<Record<string, string>>): string | undefined =>
  (headers["retry-after"] ?? headers["x-ratelimit-retry-after"])?.trim();

/** Sends a request and gives its response; 4xx arrive here, retryable failures only after the engine gave up on them. */
export function* request(http: HttpRequest): Exchange<HttpResponse> {
  return (yield { http } satisfies Effect) as HttpResponse;
}

type Extra = Pick<HttpRequest, "headers" | "afterMs" | "once" | "harmless">;

export const get = (url: string, extra: Extra = {}): Exchange<HttpResponse> =>
  request({ method: "GET", url, ...extra });
export const post = (url: string, body?: unknown, extra: Extra = {}): Exchange<HttpResponse> =>
  request({ method: "POST", url, body, ...extra });
export const put = (url: string, body?: unknown, extra: Extra = {}): Exchange<HttpResponse> =>
  request({ method: "PUT", url, body, ...extra });
export const patch = (url: string, body?: unknown, extra: Extra = {}): Exchange<HttpResponse> =>
  request({ method: "PATCH", url, body, ...extra });
export const del = (url: string, body?: unknown, extra: Extra = {}): Exchange<HttpResponse> =>
  request({ method: "DELETE", url, body, ...extra });

/** Hands the engine what it must remember to resume a job that outlives this process; it comes back as `ctx.checkpoint`. */
export function* checkpoint(state: Json): Exchange<void> {
  yield { checkpoint: state } satisfies Effect;
}

export function* wait(ms: number): Exchange<void> {
  yield { wait: ms } satisfies Effect;
}

/** What the account's token came with: `instance_url`, `api_domain`. Empty unless `auth` is `oauth2`. */
export function* session(): Exchange<Session> {
  return (yield { session: true } satisfies Effect) as Session;
}
