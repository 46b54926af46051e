import { anyValue, defineObject, exact } from "millrace/destination";
import type { Config } from "./api.ts";
import { commonFields, type Kind } from "./kind.ts";
import { recordsOf } from "./record.ts";

const organizations: Kind = {
  one: "organization",
  by: "name",
  fields: { ...commonFields, address: anyValue() },
};

/** `organization`: organizations by their name. */
export const organization = defineObject<Config, "name">({
  ...recordsOf(organizations),
  describe: "An organization, found by name or a custom field",
  identifiers: { name: exact("Name") },
});
