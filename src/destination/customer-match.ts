/**
 * People as both of Google's APIs take them for Customer Match and conversions: one rule for names and numbers, one
 * vocabulary for consent. developers.google.com/data-manager/api/devguides/concepts/formatting
 */
import { z } from "zod";
import type { Json } from "../core.ts";
import { hashedField, oneOf } from "./fields.ts";
import { email, normalizeGmail } from "./identifiers/email.ts";
import { normalizeFamilyName, normalizeGivenName } from "./identifiers/name.ts";
import { phoneE164 } from "./identifiers/phone.ts";
import { normalizeRegionCode } from "./identifiers/place.ts";
import { normalField } from "./normal-field.ts";

const consents = ["GRANTED", "DENIED"] as const;
const everybody = z.enum(consents).optional();

/** Settings of an account that say what everybody consented to. */
const consentSettings = {
  ad_user_data: everybody.describe("Consent of everybody whose row does not say otherwise."),
  ad_personalization: everybody.describe("The same, for personalised ads."),
};

const day = 24 * 3_600_000;
/** developers.google.com/ads/blog/posts/2025/02/update-to-customer-match-membership: the longest membership, in days. */
const longest = 540;
const days = z.int().min(1).max(longest).default(longest);

/** Settings of an account with lists, how long a membership lasts by them, identifiers, and fields of a row. */
export const customerMatch = {
  consentSettings,
  settings: {
    ...consentSettings,
    membership_days: days.describe("Days that a person stays in a list; `refresh` goes by it."),
    status_polls: z
      .int()
      .min(1)
      .default(60)
      .describe("Looks at the fate of what was sent in one run, up to 30 s apart."),
  },
  lifetime: {
    expiresMs: longest * day,
    configure: (config: { readonly membership_days: number }) => ({ expiresMs: config.membership_days * day }),
  },
  identifiers: {
    email: email({ hash: "sha256", normalize: normalizeGmail }),
    phone: phoneE164({ hash: "sha256" }),
  },
  address: {
    given_name: hashedField(normalizeGivenName, { describe: "First name; an address counts with all four parts" }),
    family_name: hashedField(normalizeFamilyName, { describe: "Last name" }),
    region_code: normalField(normalizeRegionCode, { describe: "Country" }),
    postal_code: normalField((raw) => raw.trim(), { describe: "Postal code" }),
  },
  consent: {
    ad_user_data: oneOf(consents, { describe: "Consent, before the account's: GRANTED or DENIED" }),
    ad_personalization: oneOf(consents, { describe: "Consent to personalised ads" }),
  },
};

type Fields = Readonly<Record<string, Json | undefined>>;

/** What a row or an account says of consent, under `consent` in the words of the API; empty where it says nothing. */
export function consentOf(
  { ad_user_data: data, ad_personalization: ads }: Fields,
  word: (status: string) => string,
): { readonly consent?: Readonly<Record<string, string>> } {
  const consent = {
    ...(typeof data === "string" ? { adUserData: word(data) } : {}),
    ...(typeof ads === "string" ? { adPersonalization: word(ads) } : {}),
  };
  return Object.keys(consent).length === 0 ? {} : { consent };
}

/** Names as hashes, country and postal code as they are. */
export interface MatchAddress {
  readonly givenName: string;
  readonly familyName: string;
  readonly regionCode: string;
  readonly postalCode: string;
}

/** The address of a row; Google takes none that lacks a part. */
export function matchAddress(fields: Fields): MatchAddress | undefined {
  const { given_name: givenName, family_name: familyName, region_code: regionCode, postal_code: postalCode } = fields;
  return typeof givenName === "string" &&
    typeof familyName === "string" &&
    typeof regionCode === "string" &&
    typeof postalCode === "string"
    ? { givenName, familyName, regionCode, postalCode }
    : undefined;
}
