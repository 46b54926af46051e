/** Small batches: sObject collections, and the composite batch that asks which records are there. */
import type { Batch, Change, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, all, byIndex, chunks, nested } from "millrace/destination";
import { api, keyOf, refused, targetOf, type Where } from "./api.ts";

/** Salesforce ids of those of the changes that are there, 25 a call; the answer where it cannot be read. */
export function* idsOf(changes: readonly Change[], ctx: Where): Exchange<Map<Change, string> | HttpResponse> {
  const found = new Map<Change, string>();
  const { sobject, externalId } = targetOf(ctx);
  const base = `${ctx.config.api_version}/sobjects/${sobject}/${externalId}`;
  for (const some of chunks(changes, 25)) {
    const urls = some.map((change) => `${base}/${encodeURIComponent(keyOf(change))}?fields=Id`);
    const batchRequests = urls.map((url) => ({ method: "GET", url }));
    const response = yield* api.post(ctx, "composite/batch", { batchRequests });
    if (response.body?.results?.length !== some.length) return response;
    for (const [index, { statusCode, result }] of response.body.results.entries()) {
      if (statusCode === 200) found.set(some[index]!, String(result.Id));
      // Several records of one external id (300) are this row's own trouble.
      else if (statusCode !== 404) return { ...response, status: Math.max(400, statusCode), body: result };
    }
  }
  return found;
}

/** Upserts up to 200 records by their external id: the fate of each, in order; of all, where refused as a whole. */
export function* upsertCollection(batch: Batch, ctx: Where): Exchange<readonly Outcome[]> {
  const { sobject: type, externalId } = targetOf(ctx);
  const records = batch.changes.map((change) => ({
    attributes: { type },
    ...nested(change.fields),
    [externalId]: keyOf(change),
  }));
  const response = yield* api.patch(ctx, `composite/sobjects/${type}/${externalId}`, { allOrNone: false, records });
  if (response.status !== 200) return all(batch, api.broken(response));
  return byIndex(batch, response.body, ({ success, id, errors }) =>
    success === true ? accepted(id) : refused(errors[0].statusCode, errors[0].message),
  );
}

/** Deletes up to 200 records by the ids that the ledger has, or `ids`. */
export function* removeCollection(
  batch: Batch,
  ctx: Where,
  ids: ReadonlyMap<Change, string>,
): Exchange<readonly Outcome[]> {
  const wanted = batch.changes.map((change) => change.before?.remoteId ?? ids.get(change));
  const response = yield* api.del(ctx, `composite/sobjects?ids=${wanted.join()}&allOrNone=false`);
  if (response.status !== 200) return all(batch, api.broken(response));
  return byIndex(batch, response.body, ({ success, errors }) => {
    if (success === true) return accepted();
    const { statusCode, message } = errors[0];
    const isGone = /^(ENTITY_IS_DELETED|INVALID_CROSS_REFERENCE_KEY)$/.test(statusCode);
    return isGone ? accepted() : refused(statusCode, message);
  });
}
