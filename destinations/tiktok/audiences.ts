/** The audiences an advertiser has, and what both ways of filling one have in common. */
import type { Context, Exchange, HttpResponse, Measured, NamedTarget } from "millrace/destination";
import { deviceId, madeByFirstRows, paged } from "millrace/destination";
import { api, type Config } from "./api.ts";

interface Audience extends NamedTarget {
  readonly size: unknown;
}

/** Path of a page of them; the first is page 1. */
export const listing = ({ advertiser_id }: Config, page: string, size: number): string =>
  `dmp/custom_audience/list/?advertiser_id=${advertiser_id}&page=${page}&page_size=${size}`;

/** All audiences of the advertiser, or the answer that cannot be read. */
export const list = (ctx: { readonly config: Config }): Exchange<readonly Audience[] | HttpResponse> =>
  paged(
    (page = "1") => api.get(ctx, listing(ctx.config, page, 100)),
    ({ body }) => body?.data?.list?.map((each: any) => ({ ...each, id: each.audience_id, size: each.cover_num })),
    ({ body }) => {
      const { page, total_page: pages } = body?.data?.page_info ?? {};
      return page < pages ? String(page + 1) : undefined;
    },
  );

/** Audiences that their first file makes. */
export const files = madeByFirstRows<Config>({ what: "audience", api, list, longest: 128 });

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const target = yield* files.target(ctx);
  const found = yield* list(ctx);
  if ("status" in found || !("id" in target)) return {};
  const people = found.find(({ id }) => id === target.id)?.size;
  return typeof people === "number" ? { sizeLow: people, sizeHigh: people } : {};
}

/** Facts of both objects. */
export const common = { kind: "membership", ops: ["add", "remove"], delivery: "set", fields: {}, measure } as const;

export const deviceHash = deviceId({ hash: "sha256" });
