/** Contacts one at a time: found by e-mail, made, taken away; and the answers to that. */
import type { Change, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted } from "millrace/destination";
import { api, emailOf, type Place } from "./api.ts";

/** Id of the contact that has this address; undefined where there is none, the answer itself where it cannot be read. */
export function* find(ctx: Place, address: string): Exchange<string | undefined | HttpResponse> {
  const response = yield* api.get(ctx, `contacts?email=${encodeURIComponent(address)}`);
  if (!Array.isArray(response.body?.contacts)) return response;
  const found = response.body.contacts.find((one: any) => String(one?.email).toLowerCase() === address);
  return found === undefined ? undefined : String(found.id);
}

/** Writes a contact, as single calls take it, under its e-mail: made when absent; accepted under its id. */
export function* upsert(ctx: Place, contact: object): Exchange<Outcome> {
  return written(yield* api.post(ctx, "contact/sync", { contact }), "contact");
}

/** What an answer that holds what was written says. */
export function written(response: HttpResponse, name: "contact" | "contactTag"): Outcome {
  const id = response.body?.[name]?.id;
  return response.status < 300 && id !== undefined ? accepted(String(id)) : api.broken(response);
}

/** What an answer to DELETE says: what is not there is gone already. */
export const gone = (response: HttpResponse): Outcome => (response.status === 404 ? accepted() : api.outcome(response));

/** Does what is to be done with the contact of a row that leaves; who is no contact has left. */
export function* takeAway(ctx: Place, change: Change, act: (id: string) => Exchange<Outcome>): Exchange<Outcome> {
  const id = yield* find(ctx, emailOf(change));
  if (typeof id === "object") return api.broken(id);
  return id === undefined ? accepted() : yield* act(id);
}
