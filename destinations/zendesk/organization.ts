import { defineObject, externalId, list, number } from "millrace/destination";
import type { Config } from "./api.ts";
import { recordsOf } from "./record.ts";
import { commonFields, type Kind } from "./single.ts";

const organizations: Kind = {
  one: "organization",
  fields: { ...commonFields, domain_names: list(), group_id: number({ integer: true }) },
};

/** `organization`: organizations by an id of the warehouse's own. */
export const organization = defineObject<Config, "external_id">({
  ...recordsOf(organizations),
  describe: "An organization, known by its external id",
  identifiers: { external_id: externalId() },
});
