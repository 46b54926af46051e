/** The way to one account: its limits, credentials and state of health, and the conversations that use it. */
import type { RunEvent } from "../core.ts";
import type { Destination, Exchange, Limits, Measured } from "../destination/index.ts";
import type { Http, Ports } from "../ports.ts";
import { createAuthorizer, type Authorizer, type Credentials, type Sign } from "./auth.ts";
import { Breaker } from "./breaker.ts";
import { Courier, type CourierOptions } from "./courier.ts";
import { Downloads } from "./download.ts";
import type { ParquetWriter } from "./file-effects.ts";
import { baseUrlOf, declaredHosts } from "./hosts.ts";
import type { Conversation, ConverseOptions } from "./conversation.ts";
import { createLimiter } from "./limiter.ts";
import { RetryBudget } from "./retry.ts";
import { Talk, type TalkOptions } from "./talk.ts";
import type { TokenKeeper } from "./token.ts";
import { carryOver, type Wire } from "./wire.ts";

export type { Conversation, ConverseOptions } from "./conversation.ts";

/** One account of a destination: its limits, credentials and state of health are shared by all conversations. */
export interface Line {
  /** `measured`: the newest of what the platform said of the target. */
  readonly stats: { readonly requests: number; readonly measured: Measured | null };
  /** For `Context.sign`; absent when the destination signs nothing. */
  readonly sign?: Sign;
  /** The same way for another sync: limits, credentials and health are shared, requests counted apart. */
  fork(): Line;
  /** Never throws for what a platform or a destination's code does; only what `onCheckpoint` throws passes through. */
  converse<T>(exchange: Exchange<T>, options: ConverseOptions): Promise<Conversation<T>>;
  /** Ends every conversation under way as if its signal were aborted. */
  close(): Promise<void>;
}

export interface LineOptions {
  readonly definition: Destination;
  readonly config: unknown;
  /** Resolved. */
  readonly credentials: Credentials;
  /** Reads or exchanges the credentials again after a 401; null = nothing new. */
  readonly renewCredentials?: () => Promise<Credentials | null>;
  readonly http: Http;
  readonly ports: Ports;
  readonly limits: Pick<Limits, "rate" | "concurrency">;
  /** Tries of one request, the first included. */
  readonly attempts: number;
  /** From the first try of a request to its last, milliseconds. */
  readonly deadlineMs: number;
  /** Longest time of one try, milliseconds; default 5 min. The lock's `requestDeadlineMs` must not be shorter. */
  readonly requestTimeoutMs?: number;
  /** Where a renewed refresh token is kept; default: nowhere. */
  readonly keeper?: TokenKeeper;
  /** Absolute; for destinations with the effect `file`. */
  readonly fileRoot?: string;
  readonly writeParquet?: ParquetWriter;
  /** The way of the effects `sql` and `sftp`. */
  readonly wire?: Wire | undefined;
  readonly onEvent: (event: RunEvent) => void;
}

const defaultRequestTimeoutMs = 300_000;
export function openLine(options: LineOptions): Line {
  const { definition, ports } = options;
  const { config, credentials, http, renewCredentials: renew, keeper = forgetful } = options;
  const hosts = (): readonly string[] => declaredHosts(definition, config, authorizer.session);
  const authorizer = createAuthorizer({
    definition,
    config,
    credentials,
    ...ports,
    ...(renew === undefined ? {} : { renew }),
    tokens: { http, hosts, keeper, baseUrl: baseUrlOf(config) },
  });
  const onEvent = redactedEvents(options.onEvent, authorizer);
  const limiter = createLimiter(ports.clock, options.limits);
  const shared: Omit<CourierOptions, "onRequest"> = {
    ...options,
    onEvent,
    authorizer,
    hosts,
    limiter,
    breaker: new Breaker(ports.clock),
    budget: new RetryBudget(),
    timeoutMs: options.requestTimeoutMs ?? defaultRequestTimeoutMs,
  };
  const hide = (text: string): string => authorizer.redact(text);
  const downloads = new Downloads({ ...options, onEvent, hide, timeoutMs: shared.timeoutMs });
  const closing = new AbortController();
  const open = (): Line => {
    const stats: { requests: number; measured: Measured | null } = { requests: 0, measured: null };
    const onMeasured = (found: Measured): void => void (stats.measured = { ...stats.measured, ...found });
    const onRequest = (): void => void (stats.requests += 1);
    const courier = new Courier({ ...shared, onRequest });
    const { wire, attempts, deadlineMs } = options;
    const carried = { ports, limiter, attempts, deadlineMs, hide, onRequest };
    const overWire: TalkOptions["overWire"] =
      wire &&
      ((effect, { maySend = () => true, ...more }) => carryOver(wire, effect, { ...carried, maySend, ...more }));
    return {
      stats,
      ...(authorizer.sign && { sign: authorizer.sign }),
      fork: open,
      async converse(exchange, more) {
        const signal = more.signal ? AbortSignal.any([more.signal, closing.signal]) : closing.signal;
        const download: TalkOptions["download"] = (url, upTo) => downloads.get(url, { ...upTo, onRequest });
        const talk = { ...more, signal, onMeasured, download, ...(overWire && { overWire }) };
        return await new Talk(options, courier, authorizer, onEvent, talk).run(exchange);
      },
      async close() {
        closing.abort(new Error("the line was closed"));
        await options.wire?.close();
      },
    };
  };
  return open();
}

const forgetful: TokenKeeper = { read: async () => null, write: async () => undefined };

function redactedEvents(onEvent: (event: RunEvent) => void, authorizer: Authorizer): (event: RunEvent) => void {
  return (event) => {
    const fields = Object.entries(event.fields).map(([name, value]) => [
      name,
      typeof value === "string" ? authorizer.redact(value) : value,
    ]);
    onEvent({ ...event, fields: Object.fromEntries(fields) });
  };
}
