/** What objects of persons and organizations have in common: found, then changed or made, one a request. */
import type { Batch, Change, Context, Exchange, Json, Outcome } from "millrace/destination";
import { accepted, anyValue, exact, remoteIdOf, rowByRow, skipped } from "millrace/destination";
import { api, type Config, isGone, type Place, written } from "./api.ts";
import { bodyOf, find, type Kind, lookup, pathOf } from "./kind.ts";

/**
 * Changes a record; undefined where it is gone. An identifier that changed is written too, and since e-mails are replaced as a
 * whole, those that others added are kept and the former one goes.
 */
function* update(ctx: Place, kind: Kind, change: Change, id: string): Exchange<Outcome | undefined> {
  const { before, fields, identifiers } = change;
  const moved = before?.remoteId === id && remoteIdOf(change) === undefined;
  let others: readonly Json[] = [];
  if (moved && kind.by === "email") {
    const held = yield* api.get(ctx, pathOf(kind, id));
    if (isGone(held)) return undefined;
    if (!Array.isArray(held.body?.data?.emails)) return api.broken(held);
    const own = new Set([identifiers["email"], ...before.ids.map(({ value }) => value)]);
    others = held.body.data.emails.flatMap(({ value }: any) => (own.has(String(value).toLowerCase()) ? [] : [value]));
  }
  const body = bodyOf(kind, moved ? { ...fields, ...identifiers } : fields, others);
  const path = pathOf(kind, id);
  const response = Object.keys(body).length === 0 ? yield* api.get(ctx, path) : yield* api.patch(ctx, path, body);
  return isGone(response) ? undefined : written(response);
}

/** Making a record is never repeated while it may have been taken: search does not find it yet. */
function* write(ctx: Context<Config>, kind: Kind, change: Change): Exchange<Outcome> {
  const known = change.before?.remoteId;
  const kept = known === undefined ? undefined : yield* update(ctx, kind, change, known);
  if (kept !== undefined) return kept;
  const found = yield* find(ctx, kind, change);
  if (typeof found === "object") return found;
  const changed = found === undefined ? undefined : yield* update(ctx, kind, change, found);
  if (changed !== undefined) return changed;
  if (ctx.mode === "update") return skipped("not_found");
  const body = bodyOf(kind, { ...change.fields, ...change.identifiers });
  return written(yield* api.post(ctx, pathOf(kind), body, { once: true }));
}

function* remove(ctx: Place, kind: Kind, change: Change): Exchange<Outcome> {
  const id = remoteIdOf(change) ?? (yield* find(ctx, kind, change));
  if (typeof id !== "string") return id ?? accepted();
  const response = yield* api.del(ctx, pathOf(kind, id));
  if (isGone(response)) return accepted();
  return response.body?.success === true ? accepted() : api.broken(response);
}

/** Records of a kind. */
export const recordsOf = (kind: Kind) =>
  ({
    kind: "record",
    ops: ["add", "update", "remove"],
    delivery: "set",
    identify: "any",
    openIdentifiers: exact("A unique custom field, by its 40-character key"),
    fields: kind.fields,
    openFields: anyValue({ describe: "A custom field, by its 40-character key" }),
    // 20 requests in 2 s on the smallest plan (pipedrive.readme.io, core-api-concepts-rate-limiting).
    limits: { rows: 50, rate: { requests: 20, perSeconds: 2 } },
    deliver: (batch: Batch, ctx: Context<Config>) =>
      rowByRow(batch, (change) => (batch.op === "remove" ? remove : write)(ctx, kind, change)),
    lookup: (by: string, values: readonly string[], ctx: Context<Config>) => lookup(ctx, kind, by, values),
  }) as const;
