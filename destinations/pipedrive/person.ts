import { defineObject, email, list, oneOf, text } from "millrace/destination";
import type { Config } from "./api.ts";
import { commonFields, type Kind, whole } from "./kind.ts";
import { recordsOf } from "./record.ts";

const persons: Kind = {
  one: "person",
  by: "email",
  fields: {
    ...commonFields,
    name: text(),
    org_id: whole,
    phones: list(),
    marketing_status: oneOf(["no_consent", "unsubscribed", "subscribed", "archived"]),
  },
};

/** `person`: people by their e-mail. */
export const person = defineObject<Config, "email">({
  ...recordsOf(persons),
  describe: "A person, found by e-mail or a custom field",
  identifiers: { email: email() },
});
