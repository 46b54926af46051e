/** Static segments of the audience, and tags, which are such too. */
import type { Batch, Context, Exchange, Measured, Outcome } from "millrace/destination";
import { accepted, all, byKey, defineObject, email, ensureNamed, pagedByOffset } from "millrace/destination";
import { rejected, sizeOf } from "millrace/destination";
import { api, audiencePath, type Config, emailOf, limits, lower } from "./api.ts";
import { makeMembers, statusIfNew } from "./make-members.ts";

const segmentPath = (ctx: Context<Config>): string =>
  `${audiencePath(ctx)}/segments/${encodeURIComponent(ctx.remote.id)}`;

function* changeSegment(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const [way, done] = batch.op === "remove" ? ["remove", "removed"] : ["add", "added"];
  const emails = [...new Set(batch.changes.map(emailOf))];
  const response = yield* api.post(ctx, segmentPath(ctx), { [`members_to_${way}`]: emails });
  if (response.status !== 200 || !Array.isArray(response.body?.[`members_${done}`]))
    return all(batch, api.broken(response));

  // Who is in it already, or not in it, may be named as an error, or not at all.
  const harmless = batch.op === "remove" ? /not (found|in|on|a member|exist)/i : /already/i;
  const refused = new Map<string, Outcome>();
  for (const { email_addresses, error } of response.body.errors ?? []) {
    if (harmless.test(error)) continue;
    for (const address of email_addresses) refused.set(lower(address), rejected("not_taken", String(error)));
  }
  return byKey(batch, emailOf, refused, accepted());
}

/** Members are made before they join. */
const deliver = (batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> =>
  batch.op === "remove"
    ? changeSegment(batch, ctx)
    : makeMembers(batch, ctx, ["accepted", "skipped"], (some) => changeSegment(some, ctx));

const ensure = (what: "segment" | "tag") =>
  ensureNamed<Config>({
    what,
    api,
    find: (_name, ctx) =>
      pagedByOffset(
        1000,
        (offset) => api.get(ctx, `${audiencePath(ctx)}/segments?count=1000&offset=${offset}`),
        ({ body }) =>
          body?.segments?.map(({ id, name, type }: any) => ({
            id: String(id),
            name,
            unfit: type === "static" ? undefined : "is filled by conditions",
          })),
      ),
    create: (name, ctx) => api.post(ctx, `${audiencePath(ctx)}/segments`, { name, static_segment: [] }),
    idOf: ({ body }) => body?.id,
  });

function* measure(ctx: Context<Config>): Exchange<Measured> {
  const response = yield* api.get(ctx, `${segmentPath(ctx)}?fields=member_count`);
  return sizeOf(response.body?.member_count);
}

const membership = (what: "segment" | "tag", describe: string) =>
  defineObject<Config, "email">({
    describe: `${describe}; the member is made when absent`,
    kind: "membership",
    ops: ["add", "remove"],
    delivery: "set",
    identify: "any",
    identifiers: { email: email() },
    fields: { status_if_new: statusIfNew },
    limits,
    ensure: ensure(what),
    deliver,
    measure,
  });

/** Memberships of static segments. */
export const segment = membership("segment", "Being in a static segment");

/** Memberships of tags. */
export const tag = membership("tag", "Having a tag");
