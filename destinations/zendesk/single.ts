/** Users and organizations one a request: upsert, change by id, delete. */
import type { Batch, Change, Exchange, Field, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, list, remoteIdOf, rowByRow, text, unknown } from "millrace/destination";
import { api, isAbsent, type Place } from "./api.ts";

/** Users or organizations. */
export interface Kind {
  readonly one: "user" | "organization";
  /** Of Zendesk's own; all others are custom fields, by their keys. */
  readonly fields: Readonly<Record<string, Field>>;
}

/** Fields that users and organizations have alike. */
export const commonFields = { name: text(), details: text(), notes: text(), tags: list() } as const;

/** A record as it is sent. Nobody is sent a verification e-mail. */
export function bodyOf({ one, fields: own }: Kind, { identifiers, fields }: Change): Readonly<Record<string, Json>> {
  const body: Record<string, Json> = { ...identifiers, ...(one === "user" ? { skip_verify_email: true } : {}) };
  const custom: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) (Object.hasOwn(own, name) ? body : custom)[name] = value;
  return Object.keys(custom).length === 0 ? body : { ...body, [`${one}_fields`]: custom };
}

/** The fate of one record, by the record that Zendesk gives back. */
function written({ one }: Kind, response: HttpResponse): Outcome {
  const id = response.body?.[one]?.id;
  return typeof id === "number" && response.status < 300 ? accepted(String(id)) : api.broken(response);
}

/** Makes a record, or changes the one of these identifiers. */
function* upsert(ctx: Place, kind: Kind, change: Change): Exchange<Outcome> {
  return written(kind, yield* api.post(ctx, `${kind.one}s/create_or_update`, { [kind.one]: bodyOf(kind, change) }));
}

/** The same for each of a batch. */
export const upsertEach = (batch: Batch, ctx: Place, kind: Kind): Exchange<readonly Outcome[]> =>
  rowByRow(batch, (change) => upsert(ctx, kind, change));

/** Changes the record of that id; undefined where it is gone. */
export function* update(ctx: Place, kind: Kind, change: Change, id: string): Exchange<Outcome | undefined> {
  const response = yield* api.put(ctx, `${kind.one}s/${id}`, { [kind.one]: bodyOf(kind, change) });
  if (isAbsent(response)) return undefined;
  const outcome = written(kind, response);
  const { email: address } = change.identifiers;
  if (outcome.status !== "accepted" || address === undefined) return outcome;
  return response.body?.[kind.one]?.email === address ? outcome : yield* makePrimary(ctx, id, address);
}

/** An e-mail of an update is only added to the others of the user: it has to be made the first one. */
function* makePrimary(ctx: Place, user: string, address: string): Exchange<Outcome> {
  const found = yield* api.get(ctx, `users/${user}/identities`);
  const identities = found.body?.identities;
  if (!Array.isArray(identities)) return api.broken(found);
  const mine = identities.find(({ type, value }: any) => type === "email" && String(value).toLowerCase() === address);
  if (typeof mine?.id !== "number") return unknown("broken answer: the new e-mail is none of the user's");
  const response = yield* api.put(ctx, `users/${user}/identities/${mine.id}/make_primary`);
  return Array.isArray(response.body?.identities) ? accepted(user) : api.broken(response);
}

/** Deletes the record of that id; undefined where it is gone. */
export function* remove(ctx: Place, kind: Kind, id: string): Exchange<Outcome | undefined> {
  const response = yield* api.del(ctx, `${kind.one}s/${id}`);
  if (isAbsent(response)) return undefined;
  return response.status === 204 ? accepted() : written(kind, response);
}

/** What is done to a record that exists, found by the ledger's id, by external id in any case (spec), else by e-mail. */
export function* ifThere(
  ctx: Place,
  kind: Kind,
  change: Change,
  absent: Outcome,
  act: (id: string) => Exchange<Outcome | undefined>,
): Exchange<Outcome> {
  const known = remoteIdOf(change);
  if (known !== undefined) return (yield* act(known)) ?? absent;
  const { external_id: own, email: address = "" } = change.identifiers;
  const by = own === undefined ? "email" : "external_id";
  const value = own?.toLowerCase() ?? address;
  const path = own === undefined ? "search?query=email:" : "show_many?external_ids=";
  const response = yield* api.get(ctx, `${kind.one}s/${path}${encodeURIComponent(value)}`);
  const records = response.body?.[`${kind.one}s`];
  if (!Array.isArray(records)) return api.broken(response);
  const found = records.find((record) => String(record?.[by]).toLowerCase() === value);
  return (found === undefined ? undefined : yield* act(String(found.id))) ?? absent;
}
