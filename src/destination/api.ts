import type { Outcome } from "../core.ts";
import type { Session } from "./auth.ts";
import { request, session, type HttpRequest, type HttpResponse } from "./http.ts";
import type { Exchange } from "./index.ts";
import { apiBase, type NetworkSettings } from "./network.ts";
import { byStatus, rejected, unknown } from "./outcomes.ts";

/** An error as the platform words it. */
export interface Fault {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

export interface ApiOptions<Config> {
  /** Scheme, host and path before every path; `base_url` replaces scheme and host. */
  base(config: Config, session: Session): string;
  /** The base needs what the token came with. */
  readonly session?: boolean;
  headers?(config: Config): Readonly<Record<string, string>>;
  /** The platform's error in an answer of any status; undefined where it names none. */
  fault?(response: HttpResponse): Fault | undefined;
  /** What an answer means where status and fault do not tell; may stop the sync. A fault in a 2xx is a refusal without it. */
  judge?(response: HttpResponse, fault: Fault | undefined): Outcome | undefined;
}

type Extra = Pick<HttpRequest, "headers" | "afterMs" | "once" | "harmless">;
type Place<Config> = { readonly config: Config };
type Read<Config> = (ctx: Place<Config>, path: string, extra?: Extra) => Exchange<HttpResponse>;
type Write<Config> = (ctx: Place<Config>, path: string, body?: unknown, extra?: Extra) => Exchange<HttpResponse>;

/** A platform's HTTP API as a destination speaks to it: where it is, how it says no. */
export interface Api<Config> {
  readonly get: Read<Config>;
  readonly post: Write<Config>;
  readonly put: Write<Config>;
  readonly patch: Write<Config>;
  readonly del: Write<Config>;
  /** The address before every path, without a slash at its end. */
  root(ctx: Place<Config>, session?: Session): string;
  /** Host names, for `hosts`. */
  hosts(config: Config, session: Session): readonly string[];
  /** The platform's words, or the status. */
  words(response: HttpResponse): string;
  /** The fate of what the request asked for; accepted when the status and the judge say nothing against it. */
  outcome(response: HttpResponse): Outcome;
  /** The same for an answer that lacks what it should hold: never accepted. */
  broken(response: HttpResponse): Outcome;
  /** For `check`: one finding. */
  finding(response: HttpResponse, able: string): readonly [{ readonly ok: boolean; readonly message: string }];
}

/** Makes an {@link Api}. A path that begins with `https://` is taken as the whole address: next pages, upload addresses. */
export function jsonApi<Config extends NetworkSettings>(options: ApiOptions<Config>): Api<Config> {
  const root = (config: Config, from: Session): string => {
    const vendor = options.base(config, from);
    if (config.base_url === undefined) return vendor.replace(/\/+$/, "");
    const { pathname } = new URL(vendor);
    return apiBase(config, vendor) + pathname.replace(/\/+$/, "");
  };
  function* call(
    method: HttpRequest["method"],
    { config }: Place<Config>,
    path: string,
    body: unknown,
    extra: Extra | undefined,
  ): Exchange<HttpResponse> {
    const from = options.session === true ? yield* session() : {};
    const url = /^https?:\/\//.test(path) ? path : `${root(config, from)}/${path.replace(/^\//, "")}`;
    const headers = { ...options.headers?.(config), ...extra?.headers };
    return yield* request({
      method,
      url,
      ...(Object.keys(headers).length === 0 ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
      ...(extra?.afterMs === undefined ? {} : { afterMs: extra.afterMs }),
      ...(extra?.once === undefined ? {} : { once: extra.once }),
      ...(extra?.harmless === undefined ? {} : { harmless: extra.harmless }),
    });
  }
  const write =
    (method: HttpRequest["method"]): Write<Config> =>
    (ctx, path, body, extra) =>
      call(method, ctx, path, body, extra);
  const faultOf = (response: HttpResponse): Fault | undefined => options.fault?.(response);
  const words = (response: HttpResponse): string => faultOf(response)?.message ?? `HTTP ${response.status}`;
  const outcome = (response: HttpResponse): Outcome => {
    const fault = faultOf(response);
    const judged = options.judge?.(response, fault);
    if (judged !== undefined) return judged;
    const found = byStatus(response, fault?.message);
    // Success codes hide failures: an answer that names an error refused what was asked.
    if (found.status === "accepted" && fault !== undefined) return rejected(fault.code ?? "refused", words(response));
    return found.status === "rejected" && fault?.code !== undefined ? rejected(fault.code, found.message) : found;
  };
  return {
    get: (ctx, path, extra) => call("GET", ctx, path, undefined, extra),
    post: write("POST"),
    put: write("PUT"),
    patch: write("PATCH"),
    del: write("DELETE"),
    root: ({ config }, from = {}) => root(config, from),
    hosts: (config, from) => [new URL(root(config, from)).hostname],
    words,
    outcome,
    broken(response) {
      const found = outcome(response);
      return found.status === "accepted"
        ? unknown(`broken answer: HTTP ${response.status} without what was asked`)
        : found;
    },
    finding(response, able) {
      const ok = outcome(response).status === "accepted";
      return [{ ok, message: ok ? able : `${words(response)}; it should be able to: ${able}` }];
    },
  };
}
