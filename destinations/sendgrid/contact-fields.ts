/** What SendGrid holds of a contact: fields of its own, and the account's custom ones, whose values travel by the fields' ids. */
import type { Change, Exchange, Field, HttpResponse, Json, Outcome } from "millrace/destination";
import { anyValue, list, number, rejected, stop, text, timestamp } from "millrace/destination";
import { api, emailOf, type Place } from "./api.ts";

const upTo = (max: number, ...names: string[]) => Object.fromEntries(names.map((name) => [name, text({ max })]));

/** SendGrid's own fields and how long they may be (spec, contact-request). */
export const ownFields: Readonly<Record<string, Field>> = {
  ...upTo(50, "first_name", "last_name", "state_province_region", "country"),
  ...upTo(60, "city"),
  ...upTo(100, "address_line_1", "address_line_2"),
  postal_code: text(),
  alternate_emails: list(),
};

/** Every other. */
export const customField = anyValue({ describe: "Custom field of the account, by its name" });

/** The account's custom fields by name. */
export type CustomFields = ReadonlyMap<string, { readonly id: string; readonly type: Field }>;

const types: Readonly<Record<string, Field>> = { Number: number(), Date: timestamp() };

/** The account's custom fields, asked for where a row has one; stops at a field that the account does not have. */
export function* customFields(ctx: Place, changes: readonly Change[]): Exchange<CustomFields | HttpResponse> {
  const names = new Set(changes.flatMap((change) => Object.keys(change.fields)));
  for (const name of Object.keys(ownFields)) names.delete(name);
  if (names.size === 0) return new Map();

  const response = yield* api.get(ctx, "marketing/field_definitions");
  if (!Array.isArray(response.body?.custom_fields)) return response;
  const known: CustomFields = new Map(
    response.body.custom_fields.map((one: any) => [one.name, { id: one.id, type: types[one.field_type] ?? text() }]),
  );
  const missing = [...names].filter((name) => !known.has(name));
  if (missing.length === 0) return known;
  return stop("target", `SendGrid has no custom field ${missing.join(", ")}`, "make it under Marketing, Custom Fields");
}

/** Why SendGrid would refuse a row for a custom field. */
export function misfit(change: Change, custom: CustomFields): Outcome | undefined {
  for (const [name, value] of Object.entries(change.fields)) {
    const encoded = custom.get(name)?.type.encode(value);
    if (encoded !== undefined && "reject" in encoded) return rejected("custom_field", `${name}: ${encoded.reject}`);
  }
  return undefined;
}

/** A contact as it travels. Its own fields are emptied by "", custom ones by null (both unverified). */
export function contactOf(change: Change, custom: CustomFields): object {
  const own: Record<string, Json> = {};
  const others: Record<string, Json> = {};
  for (const [name, value] of Object.entries(change.fields)) {
    const field = custom.get(name);
    if (field === undefined) own[name] = value ?? "";
    else others[field.id] = { value: null, ...field.type.encode(value) }.value;
  }
  return { email: emailOf(change), ...own, ...(Object.keys(others).length === 0 ? {} : { custom_fields: others }) };
}
