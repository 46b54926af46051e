/** Conversations played against canned answers, and what must be true of every one of them: for `testing.ts`. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { type Answer, answer } from "./broken-answers.ts";
import { type Effect, type Exchange, isStop } from "./index.ts";
import type { Downloaded, HttpRequest, HttpResponse, Session, SqlReply } from "./index.ts";

export interface Exchanged {
  /** Method, url and body as sent, headers where they matter; or a download, file, SFTP or SQL effect. */
  readonly request: object;
  /** The answer, what was downloaded, names for `list`, a `SqlReply`. */
  readonly response?: Answer | Downloaded | SqlReply | readonly string[];
}

export interface Replayed<T> {
  readonly effects: readonly Effect[];
  readonly value?: T;
  /** Code of the stop that it ended with instead. */
  readonly stopped?: string;
}

/** The reply to the effect of that place among those that exchanges speak of. */
export type Replies = (index: number) => unknown;

/** Plays a conversation to its end; throws what it throws but a stop. */
export function replay<T>(
  begin: () => Exchange<T>,
  { session, replies }: { readonly session: Session; readonly replies: Replies },
): Replayed<T> {
  const effects: Effect[] = [];
  try {
    const conversation = begin();
    let step = conversation.next();
    for (let asked = 0; step.done !== true;) {
      ok(effects.push(step.value) < 500, "the conversation does not end");
      const waits = asks(step.value);
      const reply = "session" in step.value ? session : undefined;
      step = conversation.next(waits ? replies(asked++) : reply);
    }
    return { effects, value: step.value };
  } catch (error) {
    if (isStop(error)) return { effects, stopped: error.diagnostics[0]?.code ?? "" };
    throw error;
  }
}

/** Effects that exchanges speak of. */
export const asks = (effect: Effect): boolean =>
  ["http", "download", "file", "sftp", "sql"].some((kind) => kind in effect);

export const scripted =
  (exchanges: readonly Exchanged[]): Replies =>
  (index) => {
    const { request, response } = exchanges[index] ?? {};
    return response !== undefined && request !== undefined && "url" in request ? answer(response as Answer) : response;
  };

/** The same with the answer at that place broken, and those to everything that was not foreseen. */
export const brokenAt =
  (exchanges: readonly Exchanged[], at: number, reply: HttpResponse): Replies =>
  (index) =>
    index === at || index >= exchanges.length ? reply : scripted(exchanges)(index);

export const requestsOf = ({ effects }: Replayed<unknown>): readonly HttpRequest[] =>
  effects.flatMap((effect) => ("http" in effect ? [effect.http] : []));

/** What exchanges state of a request: headers only where they name them. */
function worded(effect: Effect, like: object): object {
  if (!("http" in effect)) return effect;
  const { method, url, body, headers } = effect.http;
  return {
    method,
    url,
    ...(body === undefined ? {} : { body: plain(body) }),
    ...("headers" in like ? { headers } : {}),
  };
}

export const plain = (body: unknown): unknown =>
  typeof body === "string" ? body : (JSON.parse(JSON.stringify(body)) as unknown);

/** Exactly these were asked, in order. */
export function checkExchanges(played: Replayed<unknown>, exchanges: readonly Exchanged[]): void {
  deepStrictEqual(
    played.effects.filter(asks).map((effect, index) => worded(effect, exchanges[index]?.request ?? {})),
    exchanges.map(({ request }) => request),
  );
}

/** A `*` stands for the leftmost label. */
export const covers = (pattern: string, hostname: string): boolean =>
  pattern.startsWith("*.") ? hostname.slice(hostname.indexOf(".")) === pattern.slice(1) : pattern === hostname;

export function checkHosts(played: Replayed<unknown>, hosts: readonly string[]): void {
  for (const { url } of requestsOf(played)) {
    const { hostname } = new URL(url);
    ok(
      hosts.some((host) => covers(host, hostname)),
      `${hostname} is no declared host`,
    );
  }
}

export function checkSecrets(played: Replayed<unknown>, credentials: Readonly<Record<string, string>>): void {
  const sent = JSON.stringify(played.effects);
  for (const secret of Object.values(credentials)) ok(!sent.includes(secret), "a secret in a request");
}
