/** DMP segments of an ad account: found, made and measured. */
import type { Context, Exchange, Measured } from "millrace/destination";
import { ensureNamed, wait } from "millrace/destination";
import { api, type Config } from "./api.ts";

interface Segment {
  readonly id: number | string;
  readonly name: string;
  readonly type: string;
  readonly status?: string;
  readonly description?: string;
}

function unfit({ type, status = "" }: Segment, wanted: string): string | undefined {
  if (!type.startsWith(wanted)) return `is of type ${type}`;
  // "EXPIRED, FAILED, ERROR not usable" (Matched Audiences FAQ).
  return ["EXPIRED", "FAILED", "ERROR"].includes(status) ? `is ${status}` : undefined;
}

const account = ({ ad_account }: Config): string => `urn:li:sponsoredAccount:${ad_account}`;

/** The segments of an account, as a path. */
export const segments = (config: Config): string =>
  `dmpSegments?q=account&account=${encodeURIComponent(account(config))}`;

/** `ensure` of an object whose rows are of this type. */
export const ensureSegment = (type: "USER" | "COMPANY") =>
  ensureNamed<Config>({
    what: "segment",
    api,
    *find(_name, ctx) {
      // Without start and count the answer holds all of them (create-and-manage-segments, pagination).
      const response = yield* api.get(ctx, segments(ctx.config));
      const found: readonly Segment[] | undefined = response.body?.elements;
      if (!Array.isArray(found)) return response;
      return found.map((each: Segment) => ({
        id: String(each.id),
        name: each.name,
        description: each.description ?? "",
        unfit: unfit(each, type),
      }));
    },
    *create(name, ctx, marker) {
      const segment = {
        name,
        description: `Kept by millrace ${marker}`,
        sourcePlatform: ctx.config.source_platform,
        sourceSegmentId: marker,
        account: account(ctx.config),
        accessPolicy: "PRIVATE",
        type,
        destinations: [{ destination: "LINKEDIN" }],
      };
      const made = yield* api.post(ctx, "dmpSegments", segment, { once: true });
      // "You must wait 5 seconds" (create-and-manage-segment-users).
      if (made.status === 201) yield* wait(5_000);
      return made;
    },
    idOf: ({ headers, body }) => headers["x-linkedin-id"] ?? headers["x-restli-id"] ?? body?.id,
  });

/** Size and match rate. */
export function* measure(ctx: Context<Config>): Exchange<Measured> {
  const { body } = yield* api.get(ctx, `dmpSegments/${ctx.remote.id}`);
  const { audienceSize: size, matchedCount: matched, inputCount: sent } = { ...body?.destinations?.[0], ...body };
  // Matched and sent: over the last seven days (Matched Audiences FAQ).
  const rate = matched >= 0 && sent > 0 ? { matchRate: Math.min(1, matched / sent) } : {};
  return typeof size === "number" ? { sizeLow: size, sizeHigh: size, ...rate } : rate;
}
