/** Writing profiles, for those who are kept as records and those who join a list. */
import type { Batch, Change, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { all, recordIds, rowByRow, skipped } from "millrace/destination";
import { api, type Config } from "./api.ts";
import { attributesOf } from "./attributes.ts";
import { importAll } from "./import-job.ts";
import { importOne, profiles } from "./profiles.ts";

/** 10,000 profiles and 5 MB a job; steady 750 single imports a minute (spec, bulk_import_profiles and profile-import). */
export const profileLimits = { rows: 10_000, bytes: 5_000_000, rate: { requests: 12, perSeconds: 1 } };

/**
 * Writes profiles, which are accepted under their ids: small batches one by one, larger ones as a job. As a record (no `list`)
 * a known one takes a changed e-mail along, which only records may (R10).
 */
export function* writeProfiles(batch: Batch, ctx: Context<Config>, list?: string): Exchange<readonly Outcome[]> {
  const onlyKnown = ctx.mode === "update";
  if (batch.changes.length > ctx.config.single_imports && !onlyKnown) return yield* importAll(batch, ctx, list);

  const found = onlyKnown ? yield* recordIds(batch.changes, profiles(ctx)) : new Map<Change, string>();
  if (!(found instanceof Map)) return all(batch, api.broken(found as HttpResponse));
  return yield* rowByRow(batch, function* (change) {
    const kept = list === undefined ? change.before?.remoteId : undefined;
    const id: string | undefined = kept ?? found.get(change);
    return onlyKnown && id === undefined ? skipped("not_found") : yield* importOne(ctx, attributesOf(change), id);
  });
}
