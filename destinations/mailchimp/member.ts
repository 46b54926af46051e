import type { Batch, Change, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, anyValue, boolean, defineObject, digest, email, oneOf } from "millrace/destination";
import { rowByRow, skipped, text } from "millrace/destination";
import { api, audiencePath, type Config, emailOf, limits } from "./api.ts";
import { contentOf, makeMembers, statusIfNew } from "./make-members.ts";

const memberPath = (ctx: Context<Config>, hash: string): string => `${audiencePath(ctx)}/members/${hash}`;

/** What Mailchimp knows a member by: the MD5 of the address. */
const hashOf = (change: Change): string => digest("md5", emailOf(change));

/** A 404 is somebody who is not there, or an audience that is gone: that is looked up before anybody counts as absent. */
function* unlessAbsent(ctx: Context<Config>, response: HttpResponse, ifAbsent: Outcome): Exchange<Outcome> {
  if (response.status !== 404) return api.broken(response);
  const audience = yield* api.get(ctx, `${audiencePath(ctx)}?fields=id`);
  return typeof audience.body?.id === "string" ? ifAbsent : api.broken(audience);
}

/** Writes one member, under the hash of the address of before, so that a changed address is changed in place. */
function* writeMember(change: Change, ctx: Context<Config>): Exchange<Outcome> {
  const path = `${memberPath(ctx, change.before?.remoteId ?? hashOf(change))}?skip_merge_validation=true`;
  const onlyKnown = ctx.mode === "update";
  const response = onlyKnown
    ? yield* api.patch(ctx, path, contentOf(change, ctx))
    : yield* api.put(ctx, path, contentOf(change, ctx, "status_if_new"));
  const { id } = response.body ?? {};
  if (response.status === 200 && typeof id === "string") return accepted(id);
  return onlyKnown ? yield* unlessAbsent(ctx, response, skipped("not_found")) : api.broken(response);
}

function* archive(change: Change, ctx: Context<Config>): Exchange<Outcome> {
  const path = memberPath(ctx, hashOf(change));
  const response = yield* api.del(ctx, path);
  if (response.status === 204) return accepted();
  if (response.status !== 405) return yield* unlessAbsent(ctx, response, accepted());
  // Who is archived already "cannot be removed" (unverified).
  const { body } = yield* api.get(ctx, `${path}?fields=status`);
  return body?.status === "archived" ? accepted() : api.broken(response);
}

function deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  if (batch.op === "remove") return rowByRow(batch, (change) => archive(change, ctx));
  const writeEach = (some: Batch) => rowByRow(some, (change) => writeMember(change, ctx));
  // Whoever is there already is written alone, where a status counts for new members only.
  return batch.op === "update" ? writeEach(batch) : makeMembers(batch, ctx, ["skipped"], writeEach);
}

/** Members of the audience, as records. */
export const member = defineObject<Config, "email">({
  describe: "A member of the audience, by e-mail; on_leave: delete archives",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: { email: email() },
  fields: { status_if_new: statusIfNew, language: text(), vip: boolean(), email_type: oneOf(["html", "text"]) },
  openFields: anyValue({ describe: "Merge field, by its tag: FNAME" }),
  limits,
  deliver,
});
