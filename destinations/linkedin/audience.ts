/** People, by hashed e-mail or device, with what helps to match them. */
import type { Change } from "millrace/destination";
import { defineObject, deviceId, email, normalField, normalizeCountry } from "millrace/destination";
import { normalizeEmailWithoutSpaces, text } from "millrace/destination";
import type { Config } from "./api.ts";
import { ensureSegment, measure } from "./segment.ts";
import { streaming } from "./stream.ts";

const idTypes: Readonly<Record<string, string>> = {
  email: "SHA256_EMAIL",
  email_sha512: "SHA512_EMAIL",
  google_aid: "GOOGLE_AID",
  apple_idfa: "APPLE_IDFA",
};

const person = ({ identifiers, fields }: Change): object => ({
  userIds: Object.entries(identifiers).map(([kind, idValue]) => ({ idType: idTypes[kind], idValue })),
  ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
});

const name = text({ max: 35 });

export const audience = defineObject<Config, "email" | "email_sha512" | "google_aid" | "apple_idfa">({
  describe: "People, by hashed e-mail or device id, with what helps to match them",
  kind: "membership",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: {
    email: email({ hash: "sha256", normalize: normalizeEmailWithoutSpaces }),
    email_sha512: email({ hash: "sha512", normalize: normalizeEmailWithoutSpaces }),
    google_aid: deviceId(),
    apple_idfa: deviceId(),
  },
  // Names: at most 35 characters (facts A8).
  fields: {
    firstName: name,
    lastName: name,
    title: text({ describe: "Job title" }),
    company: text({ describe: "Employer" }),
    country: normalField(normalizeCountry, { describe: "Country, by code or English name" }),
  },
  // 5,000 rows a request; 600 requests a minute (facts A8).
  limits: { rows: 5_000, rate: { requests: 600, perSeconds: 60 } },
  ensure: ensureSegment("USER"),
  deliver: streaming("users", person),
  measure,
});
