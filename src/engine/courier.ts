/**
 * Carries one request of a conversation: limits, authentication, retries under budget and deadline. It ends with an
 * answer for the destination, or with what is known about the request's fate.
 */
import type { RunEvent } from "../core.ts";
import type { Destination, HttpRequest, HttpResponse } from "../destination/index.ts";
import { HttpFault, type Http, type HttpAnswer, type HttpCall, type Ports } from "../ports.ts";
import { byStatus, classified, permanent, undeclared } from "./answers.ts";
import type { Authorizer } from "./auth.ts";
import type { Breaker } from "./breaker.ts";
import { hostOf, isDeclared } from "./hosts.ts";
import type { Limiter } from "./limiter.ts";
import { readReply } from "./reply.ts";
import { backoffMs, quotaPauseMs, retryAfterMs, spread, type RetryBudget } from "./retry.ts";

/** How a request ended. `doubt`: this or an earlier attempt may have been applied although nobody said so. */
export type Carried =
  /** `refused`: nothing was applied, whatever the status says. */
  | { readonly status: "answer"; readonly response: HttpResponse; readonly refused: boolean; readonly doubt: boolean }
  | { readonly status: "unsent"; readonly reason: string; readonly doubt: boolean }
  | { readonly status: "throttled"; readonly retryAfterMs: number | null; readonly doubt: boolean }
  | {
      readonly status: "failed";
      readonly code: string;
      readonly message: string;
      readonly hint: string;
      readonly doubt: boolean;
    };

export interface CourierOptions {
  readonly definition: Pick<Destination, "name" | "classify">;
  hosts(): readonly string[];
  readonly http: Http;
  readonly ports: Ports;
  readonly authorizer: Authorizer;
  readonly limiter: Limiter;
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
  /** Tries of one request, the first included. */
  readonly attempts: number;
  /** From the first try of a request to its last. */
  readonly deadlineMs: number;
  /** Longest time of one try. */
  readonly timeoutMs: number;
  readonly onEvent: (event: RunEvent) => void;
  readonly onRequest: () => void;
}

export interface CarryOptions {
  readonly once: boolean;
  readonly signal: AbortSignal;
  readonly idempotencyKey: string | null;
  /** Looked at right before each request: false = send nothing more. */
  readonly maySend: () => boolean;
}

/** What one try came to. */
type Try =
  | { readonly status: "answer"; readonly response: HttpResponse }
  | { readonly status: "refused"; readonly response: HttpResponse }
  | { readonly status: "throttled"; readonly askedMs: number | null }
  /** `renewed`: there are other credentials now than those that were refused. */
  | { readonly status: "auth"; readonly renewed: boolean }
  /** `applied`: could it have been? `again`: is there sense in another try? */
  | {
      readonly status: "fault";
      readonly reason: string;
      readonly applied: boolean;
      readonly again: boolean;
      readonly askedMs: number | null;
    }
  | { readonly status: "failed"; readonly code: string; readonly message: string; readonly hint: string };

/** Nothing of what the rows ask for can come of it. */
export const isRead = ({ method, harmless }: HttpRequest): boolean => method === "GET" || harmless === true;

export class Courier {
  readonly #options: CourierOptions;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Gets the access token where the account needs one; how a request ends for want of it, or null. */
  async ready(): Promise<Extract<Carried, { status: "unsent" | "failed" }> | null> {
    const { authorizer, definition } = this.#options;
    const problem = await authorizer.ready();
    if (problem === null) return null;
    const message = authorizer.redact(problem.message);
    if (problem.passing) return { status: "unsent", reason: message, doubt: false };
    return { status: "failed", code: "E812", message, hint: renewHint(definition.name), doubt: false };
  }

  async carry(request: HttpRequest, options: CarryOptions): Promise<Carried> {
    const { attempts, budget, definition, ports } = this.#options;
    const host = hostOf(request.url);
    const locked = await this.ready();
    if (locked !== null) return locked;
    if (!isDeclared(request.url, this.#options.hosts())) return undeclared(definition.name, host);
    const body = bodyOf(request);
    const deadline = ports.clock.monotonic() + this.#options.deadlineMs;
    let doubt = false;
    let refreshed = false;
    for (let attempt = 1; ; attempt += 1) {
      const hurdle = await this.#admitted(options, deadline);
      if (hurdle !== null) return { status: "unsent", reason: hurdle, doubt };
      const tried = await this.#try(request, body, options);
      if (tried.status === "answer") return { ...tried, refused: false, doubt };
      if (tried.status === "refused") {
        // Refused now says nothing about an earlier try that may have been applied.
        return doubt
          ? { status: "unsent", reason: `${host} refused a repeated request (HTTP ${tried.response.status})`, doubt }
          : { ...tried, status: "answer", refused: true, doubt };
      }
      if (tried.status === "failed") return { ...tried, doubt };
      if (tried.status === "auth") {
        if (!refreshed && tried.renewed) {
          refreshed = true;
          continue;
        }
        return {
          status: "failed",
          code: "E812",
          message: `${host} refuses the credentials of ${definition.name}`,
          hint: renewHint(definition.name),
          doubt,
        };
      }
      if (tried.status === "fault" && tried.applied && !isRead(request)) doubt = true;
      const reason = tried.status === "throttled" ? `${host} asks us to slow down` : tried.reason;
      const give = (): Carried =>
        tried.status === "throttled"
          ? { status: "throttled", retryAfterMs: tried.askedMs, doubt }
          : { status: "unsent", reason, doubt };
      if ((tried.status === "fault" && !tried.again) || (doubt && (options.once || request.once === true)))
        return give();
      // Waiting because we were asked to is no failing try.
      if (tried.status === "throttled" && tried.askedMs !== null) attempt -= 1;
      if (attempt >= attempts) return give();
      const wait = tried.askedMs === null ? backoffMs(attempt, ports.random) : spread(tried.askedMs, ports.random);
      if (ports.clock.monotonic() + wait > deadline) return give();
      if (tried.status === "fault" && !budget.take()) return give();
      this.#tell(tried.status === "throttled" ? "http.throttled" : "http.retry", "info", {
        host,
        attempt,
        wait_ms: Math.round(wait),
        reason,
      });
      if (tried.status === "throttled") this.#options.limiter.pause(wait);
      else if (!(await this.#slept(wait, options.signal))) return { status: "unsent", reason: "interrupted", doubt };
    }
  }

  /** Waits at the breaker; gives why nothing may be sent, or null. */
  async #admitted(options: CarryOptions, deadline: number): Promise<string | null> {
    const { breaker, definition, ports } = this.#options;
    for (;;) {
      if (options.signal.aborted) return "interrupted";
      const admission = breaker.admit();
      if (admission.status === "go") return null;
      if (admission.status === "broken") return `${definition.name} does not answer: given up for this run`;
      if (ports.clock.monotonic() + admission.ms > deadline) return `${definition.name} does not answer`;
      if (!(await this.#slept(admission.ms, options.signal))) return "interrupted";
    }
  }

  async #try(request: HttpRequest, body: string | Uint8Array | undefined, options: CarryOptions): Promise<Try> {
    const { breaker, http, limiter, ports, timeoutMs } = this.#options;
    const host = hostOf(request.url);
    const release = await limiter.acquire(options.signal).catch(() => null);
    if (release === null || options.signal.aborted || !options.maySend()) {
      release?.();
      breaker.abandon();
      const reason = release === null || options.signal.aborted ? "interrupted" : "this run sends nothing more";
      return { status: "fault", reason, applied: false, again: false, askedMs: null };
    }
    try {
      this.#options.onRequest();
      const { authorizer } = this.#options;
      const { generation } = authorizer;
      const answer = await http.send(this.#call(request, body, options), { signal: options.signal, timeoutMs });
      limiter.pause(quotaPauseMs(answer.headers, ports.clock.now()));
      const judged = this.#judge(answer, host);
      // Those who wait for this place wait for the new credentials too.
      return judged === "auth" ? { status: "auth", renewed: await authorizer.refresh(generation) } : judged;
    } catch (error) {
      return this.#fault(error, host, options.signal);
    } finally {
      // A turn later: an answer that stops the sync is understood before another request takes this place.
      setImmediate(release);
    }
  }

  #call(request: HttpRequest, body: string | Uint8Array | undefined, options: CarryOptions): HttpCall {
    const { authorizer } = this.#options;
    const named = Object.fromEntries(
      Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const own = body === undefined ? named : authorizer.resign(named, body);
    const headers = {
      accept: "application/json",
      "user-agent": "millrace",
      ...(body !== undefined &&
        typeof request.body !== "string" &&
        !(request.body instanceof Uint8Array) && { "content-type": "application/json" }),
      ...(options.idempotencyKey !== null && { "idempotency-key": options.idempotencyKey }),
      ...own,
    };
    return authorizer.authorize({
      method: request.method,
      url: request.url,
      headers,
      ...(body === undefined ? {} : { body }),
    });
  }

  #judge(answer: HttpAnswer, host: string): Try | "auth" {
    const { authorizer, breaker, budget, definition, ports } = this.#options;
    const response = readReply(answer, (text) => authorizer.redact(text));
    const kind = classified(definition, response) ?? byStatus(answer.status);
    const askedMs = retryAfterMs(answer.headers, ports.clock.now());
    if (kind === "throttled" || kind === "retry") {
      if (kind === "throttled") {
        breaker.success();
        return { status: "throttled", askedMs };
      }
      this.#failed(host);
      // A server that says when to come back has not begun; everything else may have got half-way (R34).
      const applied = !(answer.status === 503 && askedMs !== null);
      return { status: "fault", reason: `${host} answered HTTP ${answer.status}`, applied, again: true, askedMs };
    }
    breaker.success();
    if (kind === "auth") return "auth";
    budget.credit();
    return { status: kind === "ok" ? "answer" : "refused", response };
  }

  #fault(error: unknown, host: string, signal: AbortSignal): Try {
    if (!(error instanceof HttpFault)) throw error;
    const { breaker, definition } = this.#options;
    const reason = this.#options.authorizer.redact(`${host}: ${error.message}`);
    if (signal.aborted) {
      breaker.abandon();
      return { status: "fault", reason: "interrupted", applied: error.arrived, again: false, askedMs: null };
    }
    const known = permanent[error.code];
    if (known !== undefined) {
      breaker.abandon();
      return { status: "failed", code: known.code, message: `${definition.name}: ${reason}`, hint: known.hint };
    }
    this.#failed(host);
    return { status: "fault", reason, applied: error.arrived, again: error.code !== "too_large", askedMs: null };
  }

  #failed(host: string): void {
    if (this.#options.breaker.failure()) this.#tell("http.breaker_open", "warn", { host });
  }

  /** False when the signal ended it. */
  async #slept(ms: number, signal: AbortSignal): Promise<boolean> {
    await this.#options.ports.clock.sleep(ms, signal).catch(() => undefined);
    return !signal.aborted;
  }

  #tell(event: string, level: RunEvent["level"], fields: RunEvent["fields"]): void {
    this.#options.onEvent({ event, level, fields: { destination: this.#options.definition.name, ...fields } });
  }
}

const renewHint = (name: string): string => `check or renew the credentials of ${name}: \`millrace doctor\` tries them`;

function bodyOf({ body }: HttpRequest): string | Uint8Array | undefined {
  return body === undefined || typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
}
