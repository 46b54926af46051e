import type { Change, Json } from "millrace/destination";
import { nested } from "millrace/destination";

/** Values of attributes, by their slugs. */
export type Values = Readonly<Record<string, Json>>;

/** A name is set with all three parts (docs.attio.com/docs/attribute-types/attribute-types-personal-name), or text. */
function wholeName(name: Values): Json {
  const first = name["first_name"] ?? "";
  const last = name["last_name"] ?? "";
  const full = name["full_name"] ?? [first, last].filter((part) => part !== "").join(" ");
  return full === "" ? [] : { first_name: first, last_name: last, full_name: full };
}

/** Identifiers and fields of a change as values; an attribute without any value is an empty list. */
export function valuesOf({ identifiers, fields }: Change): Record<string, Json> {
  const values: Record<string, Json> = {};
  for (const [slug, value] of Object.entries(nested(fields))) values[slug] = value ?? [];
  const { name } = values;
  if (typeof name === "object" && !Array.isArray(name)) values["name"] = wholeName(name as Values);
  for (const [kind, value] of Object.entries(identifiers)) values[kind] = [value];
  return values;
}
