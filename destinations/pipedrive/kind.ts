/** Persons and organizations: where they are, what they look like, how they are searched for. */
import type { Change, Exchange, Field, Json, Outcome } from "millrace/destination";
import { anyValue, number, rejected, text } from "millrace/destination";
import { api, type Place } from "./api.ts";

/** Persons or organizations. */
export interface Kind {
  readonly one: "person" | "organization";
  /** The identifier that is no custom field, and so has a search of its own. */
  readonly by: "email" | "name";
  /** Of Pipedrive's own; all others are custom fields, by their key. */
  readonly fields: Readonly<Record<string, Field>>;
}

/** Numbers without a fraction, ids of other records foremost. */
export const whole = number({ integer: true });

/** Fields that persons and organizations have alike. */
export const commonFields = { owner_id: whole, visible_to: whole, label_ids: anyValue(), add_time: text() } as const;

/** `persons`, `persons/12`. */
export const pathOf = ({ one }: Kind, id?: string): string => (id === undefined ? `${one}s` : `${one}s/${id}`);

/** E-mails or phones as Pipedrive has them, the first one primary. */
const entries = (values: readonly Json[]): readonly Json[] =>
  values.map((value, index) => ({ value, primary: index === 0, label: "work" }));

type Values = Readonly<Record<string, Json>>;

/** A record as it is sent. `others`: its e-mails besides the given one. */
export function bodyOf(kind: Kind, given: Values, others: readonly Json[] = []): Values {
  const body: Record<string, Json> = {};
  const custom_fields: Record<string, Json> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name === "email") body["emails"] = entries([value, ...others]);
    else if (name === "phones") body[name] = entries(Array.isArray(value) ? value : []);
    else (name in kind.fields || name === kind.by ? body : custom_fields)[name] = value;
  }
  return Object.keys(custom_fields).length === 0 ? body : { ...body, custom_fields };
}

/** Ids of the records that have a value, in any case; an outcome when nobody can tell. Search lags by seconds. */
function* search(ctx: Place, kind: Kind, name: string, value: string): Exchange<readonly string[] | Outcome> {
  const own = name === kind.by;
  const term = `term=${encodeURIComponent(value)}`;
  const path = own
    ? `${pathOf(kind)}/search?${term}&fields=${name}&exact_match=true`
    : `itemSearch/field?${term}&entity_type=${kind.one}&match=exact&field=${encodeURIComponent(name)}`;
  const response = yield* api.get(ctx, path);
  const items = own ? response.body?.data?.items : response.body?.data;
  return Array.isArray(items) ? items.map((each) => String((each.item ?? each).id)) : api.broken(response);
}

/** Id of the one record of a change's identifier: undefined when there is none, an outcome when nobody can tell. */
export function* find(ctx: Place, kind: Kind, { identifiers }: Change): Exchange<string | Outcome | undefined> {
  const [name, value] = Object.entries(identifiers)[0] ?? ["", ""];
  const ids = yield* search(ctx, kind, name, value);
  if (!Array.isArray(ids)) return ids as Outcome;
  return ids.length < 2 ? ids[0] : rejected("several_found", `several ${kind.one}s have this ${name}`);
}

/** Values -> ids of the records that are the only ones to have them. */
export function* lookup(
  ctx: Place,
  kind: Kind,
  by: string,
  values: readonly string[],
): Exchange<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const value of values) {
    const ids = yield* search(ctx, kind, by, value);
    if (Array.isArray(ids) && ids.length === 1) found.set(value, ids[0]);
  }
  return found;
}
