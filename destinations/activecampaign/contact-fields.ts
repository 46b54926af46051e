/** What ActiveCampaign holds of a contact: fields of its own, and the account's custom ones by their ids. */
import type { Change, Field, Json } from "millrace/destination";
import { stop, text } from "millrace/destination";

const words = text();

/** ActiveCampaign's own fields. */
export const ownFields = { first_name: words, last_name: words, phone: words };

/** The same as single calls name them; imports name them as we do. */
const singleNames: Readonly<Record<string, string>> = {
  first_name: "firstName",
  last_name: "lastName",
  phone: "phone",
};

/** Texts; several values of one field are parted by || (spec, bulk_import), "" empties it (unverified). */
export const customField: Field = {
  describe: "Custom field, by its id",
  encode: (value) => (Array.isArray(value) ? { value: value.map(String).join("||") } : words.encode(value)),
};

/** A contact as imports take it, or as single calls do; stops at a field that the account cannot have. */
export function contactOf({ identifiers, fields }: Change, way: "import" | "single"): object {
  const contact: Record<string, Json> = { ...identifiers };
  const custom: object[] = [];
  for (const [name, given] of Object.entries(fields)) {
    const value = given ?? "";
    const singleName = singleNames[name];
    if (singleName !== undefined) contact[way === "import" ? name : singleName] = value;
    else if (!/^\d+$/.test(name)) stop("target", `ActiveCampaign has no field ${name}`, "custom fields go by ids");
    else custom.push(way === "import" ? { id: Number(name), value } : { field: name, value });
  }
  if (custom.length === 0) return contact;
  return { ...contact, [way === "import" ? "fields" : "fieldValues"]: custom };
}
