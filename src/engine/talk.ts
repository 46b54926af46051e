/** One conversation of a destination's code: carries out the effects it yields, hands it the replies, judges how it ended. */
import type { RunEvent } from "../core.ts";
import { isStop } from "../destination/stop.ts";
import type { Downloaded, Effect, Exchange, FileEffect, HttpRequest, Measured } from "../destination/index.ts";
import type { Authorizer } from "./auth.ts";
import { isRead, type Carried, type Courier } from "./courier.ts";
import type { Conversation, ConverseOptions } from "./conversation.ts";
import type { LineOptions } from "./converse.ts";
import type { DownloadOptions } from "./download.ts";
import { FileFault, runFileEffect } from "./file-effects.ts";
import { impersonal } from "./impersonal.ts";
import { isQuestion, type WireCarried, type WireEffect } from "./wire.ts";

/** A conversation that asks for more is broken. */
const mostEffects = 100_000;

/** How an effect went: a reply for the generator, or the end of the conversation. */
type Step = { readonly reply: unknown } | { readonly end: Conversation<never> };

export interface TalkOptions extends ConverseOptions {
  readonly signal: AbortSignal;
  readonly onMeasured: (found: Measured) => void;
  /** Gets a file that the platform named; null when the run is told to stop. */
  readonly download: (url: string, options: Omit<DownloadOptions, "onRequest">) => Promise<Downloaded | null>;
  /** Carries what is no HTTP; absent where the account has no such way. */
  readonly overWire?: (effect: WireEffect, options: ConverseOptions & { signal: AbortSignal }) => Promise<WireCarried>;
}

export class Talk {
  readonly #line: LineOptions;
  readonly #courier: Courier;
  readonly #authorizer: Authorizer;
  readonly #onEvent: (event: RunEvent) => void;
  readonly #options: TalkOptions;
  /** A write was answered, or may have been applied without an answer. */
  #touched = false;
  #writes = 0;
  #repeated = false;

  constructor(
    line: LineOptions,
    courier: Courier,
    authorizer: Authorizer,
    onEvent: (event: RunEvent) => void,
    options: TalkOptions,
  ) {
    this.#line = line;
    this.#courier = courier;
    this.#authorizer = authorizer;
    this.#onEvent = onEvent;
    this.#options = options;
  }

  async run<T>(exchange: Exchange<T>): Promise<Conversation<T>> {
    let reply: unknown;
    for (let effects = 0; effects < mostEffects; effects += 1) {
      const next = advance(exchange, reply);
      if ("error" in next) return this.#thrown(next.error);
      if (next.done === true) return { status: "answered", value: next.value, repeated: this.#repeated };
      const step = await this.#perform(next.value);
      if ("end" in step) {
        advance(exchange, undefined, "return");
        return step.end;
      }
      ({ reply } = step);
    }
    return this.#broken("it never ends");
  }

  async #perform(effect: Effect): Promise<Step> {
    if (typeof effect !== "object" || effect === null)
      return { end: this.#broken("it yielded something that is no effect") };
    if ("http" in effect) return await this.#request(effect.http);
    if ("download" in effect) return await this.#download(effect.download);
    if ("file" in effect) return await this.#file(effect.file);
    if ("sql" in effect || "sftp" in effect) return await this.#wire(effect);
    if ("wait" in effect) return await this.#wait(effect.wait);
    if ("session" in effect) return await this.#session();
    if ("report" in effect) {
      const { name, value } = effect.report;
      this.#onEvent({ event: "destination.report", level: "info", fields: { name, value } });
      return { reply: undefined };
    }
    if ("measured" in effect) {
      this.#options.onMeasured(effect.measured);
      return { reply: undefined };
    }
    if (!("checkpoint" in effect)) return { end: this.#broken("it yielded an unknown effect") };
    await this.#options.onCheckpoint?.(effect.checkpoint);
    return { reply: undefined };
  }

  async #request(request: HttpRequest): Promise<Step> {
    if (request.afterMs !== undefined) {
      const waited = await this.#wait(request.afterMs);
      if ("end" in waited) return waited;
    }
    const key = isRead(request) ? null : this.#nextKey();
    const { once, signal, maySend = () => true } = this.#options;
    try {
      const carried = await this.#courier.carry(request, { once, signal, maySend, idempotencyKey: key });
      if (carried.status !== "answer") return { end: this.#ended(carried) };
      if (!isRead(request) && !carried.refused) this.#touched = true;
      if (!isRead(request) && carried.doubt) this.#repeated = true;
      return { reply: carried.response };
    } catch (error) {
      // Values that JSON has no word for, headers that are no text: the request was never made.
      return { end: this.#broken(`its request cannot be sent: ${messageOf(error)}`) };
    }
  }

  async #download(url: string): Promise<Step> {
    const { download, signal, maySend = () => true } = this.#options;
    try {
      const reply = await download(String(url), { signal, maySend });
      if (reply !== null) return { reply };
      return { end: this.#doubtOr({ status: "unsent", reason: "interrupted" }, "interrupted") };
    } catch (error) {
      return { end: this.#broken(`its file cannot be read: ${messageOf(error)}`) };
    }
  }

  async #session(): Promise<Step> {
    const locked = await this.#courier.ready();
    return locked === null ? { reply: this.#authorizer.session } : { end: this.#ended(locked) };
  }

  #nextKey(): string | null {
    const { idempotencyKey } = this.#options;
    this.#writes += 1;
    if (idempotencyKey === undefined) return null;
    return this.#writes === 1 ? idempotencyKey : `${idempotencyKey}-${this.#writes}`;
  }

  async #file(effect: FileEffect): Promise<Step> {
    const { fileRoot, ports, writeParquet } = this.#line;
    if (fileRoot === undefined) return { end: this.#broken("it writes files, but has no folder to write to") };
    try {
      const reply = await runFileEffect(ports.files, fileRoot, effect, writeParquet);
      if (!("list" in effect)) this.#touched = true;
      return { reply };
    } catch (error) {
      if (!(error instanceof FileFault)) return { end: this.#broken(messageOf(error)) };
      const { message, hint } = error;
      return { end: { status: "failed", code: "E819", message, hint, mayHaveApplied: this.#touched || error.partly } };
    }
  }

  async #wire(effect: WireEffect): Promise<Step> {
    const { overWire } = this.#options;
    if (overWire === undefined) return { end: this.#broken("it asks for a way that its account does not have") };
    const carried = await overWire(effect, this.#options);
    if (carried.status !== "reply") return { end: this.#ended(carried) };
    const refused = typeof carried.reply === "object" && carried.reply !== null && "refused" in carried.reply;
    if (!isQuestion(effect) && !refused) this.#touched = true;
    if (carried.doubt) this.#repeated = true;
    return { reply: carried.reply };
  }

  async #wait(ms: number): Promise<Step> {
    const { signal } = this.#options;
    if (!(ms >= 0)) return { end: this.#broken("it waits for no time at all") };
    await this.#line.ports.clock.sleep(ms, signal).catch(() => undefined);
    return signal.aborted
      ? { end: this.#doubtOr({ status: "unsent", reason: "interrupted" }, "interrupted") }
      : { reply: undefined };
  }

  #ended(
    carried: Exclude<Carried, { status: "answer" }> | Exclude<WireCarried, { status: "reply" }>,
  ): Conversation<never> {
    if (carried.doubt) this.#touched = true;
    switch (carried.status) {
      case "unsent":
        return this.#doubtOr({ status: "unsent", reason: carried.reason }, carried.reason);
      case "throttled": {
        const asked = carried.retryAfterMs === null ? {} : { retryAfterMs: carried.retryAfterMs };
        return this.#doubtOr({ status: "throttled", ...asked }, "the destination asks us to slow down");
      }
      case "failed":
        return {
          status: "failed",
          code: carried.code,
          message: carried.message,
          hint: carried.hint,
          mayHaveApplied: this.#touched,
        };
    }
  }

  #doubtOr(otherwise: Conversation<never>, message: string): Conversation<never> {
    return this.#touched ? { status: "unknown", message } : otherwise;
  }

  #thrown(error: unknown): Conversation<never> {
    if (!isStop(error)) return this.#broken(messageOf(error));
    const [diagnostic] = error.diagnostics;
    const message = this.#impersonal(diagnostic?.message ?? error.message);
    const hint = diagnostic?.hint === undefined ? {} : { hint: diagnostic.hint };
    return { status: "failed", code: diagnostic?.code ?? "E810", message, ...hint, mayHaveApplied: this.#touched };
  }

  #impersonal(text: string): string {
    const { words = impersonal } = this.#options;
    return words(this.#authorizer.redact(text));
  }

  /** A bug in the destination's code: told, and the batch's fate is what was sent so far. */
  #broken(what: string): Conversation<never> {
    const { name } = this.#line.definition;
    const message = `the code of destination ${name} failed: ${this.#impersonal(what)}`;
    this.#onEvent({ event: "destination.bug", level: "error", fields: { destination: name, message } });
    return this.#doubtOr({ status: "unsent", reason: message }, message);
  }
}

type Advanced<T> = IteratorResult<Effect, T> | { readonly error: unknown };

function advance<T>(exchange: Exchange<T>, reply: unknown, how: "next" | "return" = "next"): Advanced<T> {
  try {
    return how === "next" ? exchange.next(reply) : exchange.return(undefined as T);
  } catch (error) {
    return { error };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 200);
