import type { Api } from "./api.ts";
import type { HttpResponse } from "./http.ts";
import type { Context, Exchange } from "./index.ts";
import { sourceMarker } from "./parts.ts";
import { stop } from "./stop.ts";

/** A list, audience or segment that the platform has. */
export interface NamedTarget {
  readonly id: string;
  readonly name: string;
  /** Where our marker stands, if the platform lets us write a text there. */
  readonly description?: string | undefined;
  /** Why it cannot be kept by us: filled by filters, archived. */
  readonly unfit?: string | undefined;
}

type Bare<Config> = Omit<Context<Config>, "remote">;

export interface NamedOptions<Config> {
  /** `list`, `audience`: as messages call it. */
  readonly what: string;
  readonly api: Pick<Api<Config>, "words" | "broken">;
  /** Those there are, or those of that name; an answer that cannot be read as it is. */
  find(name: string, ctx: Bare<Config>): Exchange<readonly NamedTarget[] | HttpResponse>;
  /** Makes one; absent where only people can. `marker`: what to write into its description. */
  create?(name: string, ctx: Bare<Config>, marker: string): Exchange<HttpResponse>;
  /** Of the answer to `create`. */
  idOf?(response: HttpResponse): unknown;
  /** Names may be longer there than the platform takes: they are cut to so many characters. */
  readonly longest?: number;
}

/**
 * `ensure` for targets found by name: `remote: { id }` is taken as it is; else the one of exactly that name; else it is made,
 * unless `create: false`. Where the platform keeps a description, only one with our marker is taken, so that a crash between
 * making and remembering makes no second one, and nobody else's is filled (R43). Several of a name stop the sync.
 */
export function ensureNamed<Config>(options: NamedOptions<Config>) {
  const { what, api } = options;
  return function* ensure(ctx: Bare<Config>): Exchange<{ readonly id: string }> {
    const { remoteConfig } = ctx;
    if (remoteConfig["id"] !== undefined) return { id: String(remoteConfig["id"]) };
    const name = String(remoteConfig["name"] ?? ctx.sync).slice(0, options.longest);
    const marker = sourceMarker(ctx);
    const found = yield* options.find(name, ctx);
    if (!Array.isArray(found)) return refused(api, found as HttpResponse, `cannot read the ${what}s`);
    const named = (found as readonly NamedTarget[]).filter((each) => each.name === name);
    const marked = named.filter(({ description }) => description !== undefined);
    const ours =
      marked.length === 0 ? named : named.filter(({ description }) => description?.includes(marker) === true);
    const [first, ...others] = ours;
    if (others.length > 0) return stop("target", `${ours.length} ${what}s are called "${name}"`, "set remote: { id }");
    if (first?.unfit !== undefined)
      return stop("target", `the ${what} "${name}" ${first.unfit}`, "name another in remote: { name }");
    if (first !== undefined) return { id: first.id };
    if (named.length > 0) {
      const problem = `the ${what} "${name}" exists and was not made by this sync`;
      return stop("target", problem, "set remote: { id } to take it");
    }
    if (remoteConfig["create"] === false || options.create === undefined) {
      const hint =
        options.create === undefined ? `make it there, or set remote: { id }` : "set remote: { create: true }";
      return stop("target", `there is no ${what} "${name}"`, hint);
    }
    const made = yield* options.create(name, ctx, marker);
    const id = options.idOf?.(made);
    if (typeof id === "string" || typeof id === "number") return { id: String(id) };
    return refused(api, made, `the ${what} "${name}" was not made`);
  };
}

/** Ends with the answer's own reason where it has one (credentials, permission), else with `problem`. */
function refused<Config>(api: NamedOptions<Config>["api"], response: HttpResponse, problem: string): never {
  api.broken(response);
  return stop("target", `${problem}: ${api.words(response)}`);
}
