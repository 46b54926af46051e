/** Manual contact lists, which hold the contacts that are put into them. */
import type { Batch, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, defineObject, deliverRecords, email, ensureNamed, listRecords } from "millrace/destination";
import { rejectedEach, sizeOf } from "millrace/destination";
import { api, area, common, type Config, listOf, openFields } from "./api.ts";
import { contacts } from "./contact.ts";
import { tableOf } from "./table.ts";

const ensure = ensureNamed<Config>({
  what: "list",
  api,
  *find(query, ctx) {
    const page = { objectTypeId: "0-1", offset: 0, count: 500, additionalProperties: [] };
    const found = yield* api.post(ctx, `${area(ctx, "lists")}/search`, { query, ...page });
    const unfit = (type: unknown) => (type === "DYNAMIC" ? "is filled by filters" : undefined);
    const target = (list: any) => ({ id: list.listId, name: list.name, unfit: unfit(list.processingType) });
    return found.body?.lists?.map(target) ?? found;
  },
  create: (name, ctx) => api.post(ctx, area(ctx, "lists"), { name, objectTypeId: "0-1", processingType: "MANUAL" }),
  idOf: ({ body }) => body?.list?.listId,
});

/** Who joins is written as a contact first; a contact whose address changed stays what it is. */
function deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const table = tableOf(ctx, contacts);
  const write = (some: Batch) => deliverRecords(some, ctx, table, { move: false });
  return listRecords(batch, table, write, function* (way, ids) {
    const response = yield* api.put(ctx, `${area(ctx, "lists")}/${ctx.remote.id}/memberships/${way}`, ids);
    // Mind HubSpot's own spelling: recordsIdsAdded (facts C2).
    const { recordsIdsAdded: added, recordIdsRemoved: removed, recordIdsMissing: gone } = Object(response.body);
    if (!Array.isArray(added) && !Array.isArray(removed)) return () => api.broken(response);
    const missing = new Set(way === "add" ? listOf(gone).map(String) : []);
    return (id) => (missing.has(id) ? rejectedEach("record_missing", "the contact is gone") : accepted(id));
  });
}

/** `list`: members of a list, by their e-mail. */
export const list = defineObject<Config, "email">({
  ...common,
  describe: "Being in a manual contact list; the contact is made when absent",
  kind: "membership",
  identifiers: { email: email() },
  openFields,
  ensure,
  deliver,
  *measure(ctx) {
    const response = yield* api.get(ctx, `${area(ctx, "lists")}/${ctx.remote.id}`);
    return sizeOf(response.body?.list?.size);
  },
});
