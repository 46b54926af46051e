/** Entries of lists. An entry points to a record, so the record is written first. */
import type { Change, Exchange, Outcome } from "millrace/destination";
import { accepted, defineObject, ensureNamed, paged, remoteIdOf, rowByRow } from "millrace/destination";
import { api, common, type Config, gone, recordsPath, type Where } from "./api.ts";
import { assert, find } from "./matched.ts";
import { valuesOf } from "./values.ts";

const entriesPath = ({ remote }: Where): string => `lists/${encodeURIComponent(remote.id)}/entries`;

const ensure = ensureNamed<Config>({
  what: "list",
  api,
  find: (_name, ctx) =>
    paged(
      () => api.get(ctx, "lists"),
      ({ body }) => body?.data?.map(({ id, name }: any) => ({ id: id.list_id, name })),
      () => undefined,
    ),
  create(name, ctx) {
    const api_slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
    const access = { workspace_access: "full-access", workspace_member_access: [] };
    const parent_object = ctx.remoteConfig["attio_object"];
    return api.post(ctx, "lists", { data: { name, api_slug, parent_object, ...access } });
  },
  idOf: ({ body }) => body?.data?.id?.list_id,
});

/** Fields `entry.…` are the entry's, the others the record's. */
function* enter(change: Change, ctx: Where): Exchange<Outcome> {
  const { entry = {}, ...values } = valuesOf(change);
  const made = yield* assert(change, values, ctx);
  if (made.status !== "accepted") return made;
  const parent = { parent_record_id: made.remoteId, parent_object: ctx.remoteConfig["attio_object"] };
  const response = yield* api.put(ctx, entriesPath(ctx), { data: { ...parent, entry_values: entry } });
  if (typeof response.body?.data?.id?.entry_id === "string") return made;
  // Twice in the list is in the list, where the entry has no values to write.
  const twice = response.body?.code === "multiple_match_results" && Object.keys(entry as object).length === 0;
  return twice ? made : api.broken(response);
}

/** Takes all entries of the record out of the list. */
function* leave(change: Change, ctx: Where): Exchange<Outcome> {
  const id = remoteIdOf(change) ?? (yield* find(change, ctx));
  if (typeof id !== "string") return id ?? accepted();
  // 1,000 entries at most (spec); a record in more lists than that is none.
  const response = yield* api.get(ctx, `${recordsPath(ctx, id)}/entries?limit=1000`);
  if (response.status === 404) return accepted();
  if (!Array.isArray(response.body?.data)) return api.broken(response);
  for (const { list_id, list_api_slug, entry_id } of response.body.data) {
    if (list_id !== ctx.remote.id && list_api_slug !== ctx.remote.id) continue;
    const left = gone(yield* api.del(ctx, `${entriesPath(ctx)}/${encodeURIComponent(entry_id)}`));
    if (left.status !== "accepted") return left;
  }
  return accepted();
}

/** `list`: records that are in a list. */
export const list = defineObject<Config, "email_addresses" | "domains">({
  ...common,
  describe: "Being in a list; the record is made when absent, fields entry.… are those of the list",
  kind: "membership",
  ensure,
  deliver: (batch, ctx) => rowByRow(batch, (change) => (batch.op === "remove" ? leave : enter)(change, ctx)),
});
