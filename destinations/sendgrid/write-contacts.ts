import type { Batch, Change, Context, Exchange, Outcome } from "millrace/destination";
import { all, only, skipped } from "millrace/destination";
import { api, type Config, emailOf } from "./api.ts";
import { contactOf, customFields, misfit } from "./contact-fields.ts";
import { idsOf } from "./contact-ids.ts";
import { contactJob } from "./contact-job.ts";

/** Writes contacts and puts them into these lists. */
export function* writeContacts(
  batch: Batch,
  ctx: Context<Config>,
  lists: readonly string[],
): Exchange<readonly Outcome[]> {
  const custom = yield* customFields(ctx, batch.changes);
  if ("status" in custom) return all(batch, api.broken(custom));
  const known = ctx.mode === "update" ? yield* idsOf(ctx, batch.changes) : undefined;
  if (known !== undefined && !(known instanceof Map)) return all(batch, api.broken(known));

  const settled = (change: Change): Outcome | undefined =>
    known?.has(emailOf(change)) === false ? skipped("not_found") : misfit(change, custom);
  return yield* only(batch, settled, (rest) => {
    // One contact an address: the last row speaks for it.
    const contacts = new Map(rest.changes.map((change) => [emailOf(change), contactOf(change, custom)]));
    const body = { ...(lists.length === 0 ? {} : { list_ids: lists }), contacts: [...contacts.values()] };
    return contactJob(rest, ctx, () => api.put(ctx, "marketing/contacts", body));
  });
}
