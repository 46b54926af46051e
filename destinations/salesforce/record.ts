import type { Batch, Change, Exchange, Field, Outcome } from "millrace/destination";
import { accepted, all, defineObject, inCalls, only, skipped } from "millrace/destination";
import { api, type Config, remote, type Where } from "./api.ts";
import { upsertAsJob } from "./bulk.ts";
import { idsOf, removeCollection, upsertCollection } from "./collection.ts";

/** Records a call (resources_composite_sobjects_collections). */
const collectionSize = 200;

function* deliver(batch: Batch, ctx: Where): Exchange<readonly Outcome[]> {
  const removing = batch.op === "remove";
  const asked = batch.changes.filter(({ before }) => (removing ? !before?.remoteId : ctx.mode === "update"));
  const ids = yield* idsOf(asked, ctx);
  if (!(ids instanceof Map)) return all(batch, api.broken(ids));
  const missing = new Set(asked.filter((change) => !ids.has(change)));
  const absent = removing ? accepted() : skipped("not_found");
  return yield* only(
    batch,
    (change: Change) => (missing.has(change) ? absent : undefined),
    (rest) => {
      if (removing) return inCalls(rest, collectionSize, (part) => removeCollection(part, ctx, ids));
      if (rest.changes.length >= ctx.config.bulk_from) return upsertAsJob(rest, ctx);
      return inCalls(rest, collectionSize, (part) => upsertCollection(part, ctx));
    },
  );
}

/** Lists are multi-select picklists. An empty text clears, in both ways alike. 32,000 characters (bulk_api_2_limits). */
const anyField: Field = {
  describe: "A field by its API name; dots for another record by its external id, as Account.Ext_Id__c",
  encode(value) {
    const sent = value === "" ? null : Array.isArray(value) ? value.join(";") : value;
    return String(sent).length > 32_000 ? { reject: "longer than 32,000 characters" } : { value: sent };
  },
};

/** `record`: records of the object that the sync's `remote:` names. */
export const record = defineObject<Config, string>({
  describe: "A record of an object; its external id is the model's key",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "key",
  identifiers: {},
  fields: {},
  openFields: anyField,
  remote,
  // Batches of 10,000 inside a job; below 100 MB an upload (bulk_api_2_limits).
  limits: { rows: 10_000, bytes: 50_000_000, concurrency: 2 },
  deliver,
});
