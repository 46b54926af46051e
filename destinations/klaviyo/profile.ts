import { defineObject } from "millrace/destination";
import type { Config } from "./api.ts";
import { type AnyIdentifier, anyIdentifier, customProperty, profileFields } from "./attributes.ts";
import { profileLimits, writeProfiles } from "./write-profiles.ts";

/** Klaviyo's profiles as records. */
export const profile = defineObject<Config, AnyIdentifier>({
  describe: "A profile, known by e-mail, phone or external id",
  kind: "record",
  ops: ["add", "update"],
  delivery: "set",
  identify: "any",
  identifiers: anyIdentifier,
  fields: profileFields,
  openFields: customProperty,
  limits: profileLimits,
  deliver: (batch, ctx) => writeProfiles(batch, ctx),
});
