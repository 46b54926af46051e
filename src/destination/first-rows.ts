import type { Outcome } from "../core.ts";
import type { Api } from "./api.ts";
import { ensureNamed, type NamedTarget } from "./ensure-named.ts";
import { type HttpResponse, wait } from "./http.ts";
import type { Context, Exchange, ObjectSpec } from "./index.ts";
import { unknown } from "./outcomes.ts";
import { stop } from "./stop.ts";

export interface FirstRowsOptions<Config> {
  /** `customer list`: as messages call it. */
  readonly what: string;
  readonly api: Pick<Api<Config>, "words" | "broken">;
  /** Those there are; an answer that cannot be read as it is. */
  list(ctx: Pick<Context<Config>, "config">): Exchange<readonly NamedTarget[] | HttpResponse>;
  /** Characters that a name may have. */
  readonly longest?: number;
}

/** Where rows go: an id, or the name that the target is to be made by; an answer that cannot be read as it is. */
export type FirstRowsTarget = { readonly id: string } | { readonly make: string } | HttpResponse;

export interface FirstRows<Config> {
  readonly ensure: NonNullable<ObjectSpec<Config>["ensure"]>;
  target(ctx: Context<Config>): Exchange<FirstRowsTarget>;
  /**
   * The outcome of the rows that a target was made with, once it is listed: the next batch must not make it again. Rows of one
   * that is not listed within three quarters of a minute are in doubt.
   */
  appeared(ctx: Context<Config>, made: Outcome): Exchange<Outcome>;
}

const idOf = (runId: string, name: string): string => `new:${runId}:${name}`;
const unmade = (id: string) => /^new:(?<runId>[^:]*):(?<name>.*)$/s.exec(id)?.groups;

/**
 * Targets that a platform makes only together with their first rows: until then the ledger holds the name, and which run may
 * make it. A target that a later run does not find was deleted, or never made; made anew it would hold that run's changes
 * alone, so the sync stops instead (E811). One batch at a time: `limits: { concurrency: 1 }`.
 */
export function madeByFirstRows<Config>({ what, api, list, longest }: FirstRowsOptions<Config>): FirstRows<Config> {
  function* target(ctx: Context<Config>): Exchange<FirstRowsTarget> {
    const { runId, name } = unmade(ctx.remote.id) ?? {};
    if (name === undefined) return { id: ctx.remote.id };
    const found = yield* list(ctx);
    if ("status" in found) return found;
    const [first, ...others] = found.filter((each) => each.name === name);
    if (others.length > 0) return stop("target", `several ${what}s are called "${name}"`, "set remote: { id }");
    if (first !== undefined) return { id: first.id };
    if (runId === ctx.runId) return { make: name };
    return stop("target_gone", `there is no ${what} "${name}"`);
  }
  return {
    ensure: ensureNamed<Config>({
      what,
      api,
      ...(longest === undefined ? {} : { longest }),
      find: (_name, ctx) => list(ctx),
      // oxlint-disable-next-line require-yield -- nothing is asked before there are rows
      *create(name, { runId }) {
        return { status: 201, headers: {}, body: idOf(runId, name), text: "" };
      },
      idOf: ({ body }) => body,
    }),
    target,
    *appeared(ctx, made) {
      if (made.status !== "accepted") return made;
      for (let look = 0; look < 5; look++) {
        const found = yield* target(ctx);
        if ("id" in found) return made;
        yield* wait(3_000 * (look + 1));
      }
      return unknown(`the ${what} was made, but is not listed yet`);
    },
  };
}
