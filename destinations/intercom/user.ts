/** Users, who are contacts with the role `user`: found and saved for those that are sent and for those that get a tag. */
import type { Change, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, email, externalId } from "millrace/destination";
import { api, limits, type Place, written } from "./api.ts";

/** What objects of users have in common. */
export const ofUsers = {
  delivery: "set",
  identify: "any",
  identifiers: { email: email(), external_id: externalId() },
  limits,
} as const;

/**
 * Id of the user of a change, by external id, else by e-mail unless that one has another external id; the answer where it
 * cannot be read. New users are found after some minutes only.
 */
export function* find(ctx: Place, { identifiers }: Change): Exchange<string | undefined | HttpResponse> {
  const { external_id: own } = identifiers;
  const isOurs = ({ role, external_id: other }: any): boolean =>
    role === "user" && (own === undefined || (other ?? own) === own);
  for (const field of ["external_id", "email"]) {
    const value = identifiers[field];
    if (value === undefined) continue;
    const response = yield* api.post(ctx, "contacts/search", { query: { field, operator: "=", value } });
    if (!Array.isArray(response.body?.data)) return response;
    const found = response.body.data.find(isOurs);
    if (found !== undefined) return String(found.id);
  }
  return undefined;
}

/** Changes the user of that id; makes one where there is none, unless `absent` says what becomes of the row then. */
export function* save(ctx: Place, body: object, id?: string, absent?: Outcome): Exchange<Outcome> {
  if (id !== undefined) {
    const changed = yield* api.put(ctx, `contacts/${id}`, body);
    if (changed.status !== 404) return written(changed);
  }
  return absent ?? (yield* make(ctx, body));
}

/** A conflict names the one that is there, which may be archived. */
function* make(ctx: Place, body: object): Exchange<Outcome> {
  const made = yield* api.post(ctx, "contacts", { role: "user", ...body });
  const there = made.status === 409 ? /\bid=([\w-]+)/.exec(api.words(made))?.[1] : undefined;
  if (there === undefined) return written(made);
  const isArchived = /archived/i.test(api.words(made));
  const back = isArchived ? written(yield* api.post(ctx, `contacts/${there}/unarchive`)) : accepted();
  return back.status === "accepted" ? written(yield* api.put(ctx, `contacts/${there}`, body)) : back;
}
