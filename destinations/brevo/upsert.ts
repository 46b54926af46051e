import type { Change, Exchange, Outcome } from "millrace/destination";
import { accepted } from "millrace/destination";
import { api, emailOf, type Place } from "./api.ts";
import { attributesOf } from "./attributes.ts";

/** Writes one contact, made when absent, and puts it into these lists. */
export function* upsert(ctx: Place, change: Change, listIds: readonly number[]): Exchange<Outcome> {
  const response = yield* api.post(ctx, "contacts", {
    email: emailOf(change),
    attributes: attributesOf(change),
    ...(listIds.length === 0 ? {} : { listIds }),
    updateEnabled: true,
  });
  const wasMade = response.status === 201 && typeof response.body?.id === "number";
  return wasMade || response.status === 204 ? accepted() : api.broken(response);
}
