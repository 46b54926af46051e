import type { Batch, Change, Context, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, all, idsInChunks, inCalls } from "millrace/destination";
import { api, type Config, emailOf, type Place } from "./api.ts";

/**
 * E-mail -> contact id, 100 addresses a search (spec); HTTP 404 where none of them is a contact. A contact that has the
 * address among its others only is somebody else's.
 */
export const idsOf = (ctx: Place, changes: readonly Change[]): Exchange<Map<string, string> | HttpResponse> =>
  idsInChunks(
    changes.map(emailOf),
    100,
    (emails) => api.post(ctx, "marketing/contacts/search/emails", { emails }, { harmless: true }),
    ({ status, body }) => {
      if (status === 404) return [];
      if (typeof body?.result !== "object" || body.result === null) return undefined;
      const contacts = Object.values<any>(body.result).flatMap((one) => one?.contact ?? []);
      return contacts.map(({ email: address, id }) => [String(address).toLowerCase(), String(id)]);
    },
  );

/** Takes contacts away by `take`, which gets their ids parted by commas, 100 at a time; who is no contact is away already. */
export const takeAway = (
  batch: Batch,
  ctx: Context<Config>,
  take: (some: Batch, ctx: Context<Config>, ids: string) => Exchange<readonly Outcome[]>,
): Exchange<readonly Outcome[]> =>
  inCalls(batch, 100, function* (some) {
    const found = yield* idsOf(ctx, some.changes);
    if (!(found instanceof Map)) return all(some, api.broken(found));
    const ids = new Set(some.changes.flatMap((change) => found.get(emailOf(change)) ?? []));
    return ids.size === 0 ? all(some, accepted()) : yield* take(some, ctx, [...ids].join(","));
  });
