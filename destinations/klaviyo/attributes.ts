/** What Klaviyo holds of a person, and how a row becomes that. */
import type { Change } from "millrace/destination";
import { anyValue, email, externalId, grouped, phoneE164, text } from "millrace/destination";

type Attributes = Change["fields"];

/** What a profile can be known by. */
export const anyIdentifier = { email: email(), phone: phoneE164(), external_id: externalId() };
/** Kinds of those. */
export type AnyIdentifier = keyof typeof anyIdentifier;

/** Klaviyo's own attributes that identify nobody. */
export const profileFields = {
  first_name: text(),
  last_name: text(),
  organization: text(),
  locale: text(),
  image: text(),
};

/** Everything else that a row can bring. */
export const customProperty = anyValue({ describe: "Custom property, or location.…" });

const own = new Set([...Object.keys(profileFields), "phone_number", "external_id"]);
const location = "location.";

function placeOf(name: string): readonly [group: string, name: string] {
  if (name.startsWith(location)) return ["location", name.slice(location.length)];
  return [own.has(name) ? "own" : "properties", name];
}

/** Klaviyo's own attributes by their names, `location.*` nested, everything else a custom property. */
export function attributesOf({ identifiers, fields }: Change): Attributes {
  const { phone, ...otherIdentifiers } = identifiers;
  const { own: ownFields, ...nested } = grouped(fields, placeOf);
  return { ...otherIdentifiers, ...(phone === undefined ? {} : { phone_number: phone }), ...ownFields, ...nested };
}

/** The same without the phone, which Klaviyo may refuse. */
export const withoutPhone = ({ phone_number: _phone, ...others }: Attributes): Attributes => others;
