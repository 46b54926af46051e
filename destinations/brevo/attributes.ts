/** What Brevo holds of a contact: attributes, all of them the account's own. */
import type { Change, Field, Json } from "millrace/destination";

/** Scalars and lists of texts as they are. */
export const attribute: Field = {
  describe: "Attribute that the account has; its name goes in capitals",
  encode: (value) => ({ value: typeof value === "object" && value !== null ? compound(value) : value }),
};

const compound = (value: object): Json => (Array.isArray(value) ? value.map(String) : JSON.stringify(value));

/** A row's attributes; "" empties one. */
export const attributesOf = ({ fields }: Change): Record<string, Json> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toUpperCase(), value ?? ""]));
