import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import meta from "../../destinations/meta.ts";
import { encodeFields, encodeValue } from "../../src/destination/encode.ts";
import * as kit from "../../src/destination/index.ts";

interface Vector {
  readonly destination: string;
  readonly field: string;
  readonly input: string;
  readonly normalised: string;
  readonly sha256: string | null;
  readonly md5?: string;
  readonly signature?: string;
}

const file = join(process.env["MILLRACE_SHARED"] ?? "../shared", "facts/hash_vectors.json");
const aliases = parse(readFileSync("test/facts/aliases.yml", "utf8"));
const vectors: readonly Vector[] = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];

type Rule = (raw: string, options: kit.IdentifierOptions) => string | null;

/** The rule of each platform and field that no built-in destination speaks for yet. */
const rules: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  google: {
    email: kit.normalizeGmail,
    phone: kit.normalizePhoneE164,
    given_name: kit.normalizeGivenName,
    family_name: kit.normalizeFamilyName,
    region_code: kit.normalizeRegionCode,
  },
  snapchat: {
    email: kit.normalizeEmail,
    phone: (raw, options) => kit.normalizePhoneDigits(raw, options, "drop"),
    mobile_ad_id: kit.normalizeDeviceId,
  },
  tiktok: { EMAIL_SHA256: kit.normalizeEmail, PHONE_SHA256: kit.normalizePhoneE164, phone: kit.normalizePhoneE164 },
  tiktok_file: { EMAIL_SHA256: kit.normalizeEmailWithoutTag, PHONE_SHA256: kit.normalizePhoneDigits },
  x: { email: kit.normalizeEmail, handle: kit.normalizeHandle, twitter_id: kit.normalizeExact },
  microsoft: { email: kit.normalizeEmail },
  linkedin: { email: kit.normalizeEmailWithoutSpaces },
  amazon: { email: kit.normalizeEmailWithoutTag },
  reddit: { email: kit.normalizeEmailWithoutDots },
  pinterest: { other: kit.normalizeWord },
  trade_desk: { email: kit.normalizeGmail },
  mailchimp: { subscriber_hash: kit.normalizeEmail },
};
const byName: Readonly<Record<string, Rule>> = {
  alphanumeric: kit.normalizeAlphanumeric,
  word: kit.normalizeWord,
  without_spaces: kit.normalizeWithoutSpaces,
};

const options = ({ input }: Vector): kit.IdentifierOptions => {
  const defaultCountry = aliases.default_country[input];
  return defaultCountry === undefined ? {} : { defaultCountry };
};

function ruleOf({ destination, field, input }: Vector): Rule | undefined {
  const named = aliases.by_input[destination]?.[input];
  return named === undefined ? rules[aliases.platforms[destination]]?.[field] : byName[named];
}

describe.skipIf(vectors.length === 0)("published normalisation and hash vectors", () => {
  const normalised = vectors.filter(({ destination }) => destination !== "meta" && destination !== "standard_webhooks");

  it.each(normalised)("$destination $field: $input", (vector) => {
    const normal = ruleOf(vector)?.(vector.input, options(vector));
    expect(normal).toBe(vector.normalised);
    if (vector.sha256 !== null) expect(kit.digest("sha256", normal ?? "")).toBe(vector.sha256);
    if (vector.md5 !== undefined) expect(kit.digest("md5", normal ?? "")).toBe(vector.md5);
  });

  it.each(vectors.filter(({ destination }) => destination === "meta"))("meta $field as sent: $input", (vector) => {
    const { audience } = meta.objects;
    const name = aliases.fields.meta[vector.field];
    const identifier = audience?.identifiers[name];
    const sent = vector.sha256 ?? vector.normalised;
    if (identifier !== undefined) expect(encodeValue(identifier, vector.input)).toBe(sent);
    else expect(encodeFields(audience!, { [name]: vector.input })).toEqual({ fields: { [name]: sent } });
  });

  it("signs as Standard Webhooks publishes", () => {
    const vector = vectors.find(({ destination }) => destination === "standard_webhooks")!;
    const [, secret = "", id = "", timestamp = "", body = ""] =
      /^secret=(\S+) id=(\S+) timestamp=(\d+) body=(.*)$/.exec(vector.input) ?? [];
    expect(kit.standardWebhook(secret, { id, body, timestamp: Number(timestamp) })["webhook-signature"]).toBe(
      vector.signature,
    );
  });

  it("gives The Trade Desk the base64 of the digest", () => {
    const vector = vectors.find(({ destination }) => destination === "trade_desk")!;
    const identifier = kit.email({ hash: "sha256_base64", normalize: kit.normalizeGmail });
    expect(encodeValue(identifier, vector.input)).toBe("7D/kKM0+MyRsxbNrvDc7Bvd+293pC1+PyZjpmFfsIMI=");
  });
});

describe.runIf(vectors.length === 0)("hash vectors", () => {
  it(`${file} is absent, MILLRACE_SHARED says where it is: CI needs it`, () => {
    expect(process.env["CI"]).toBeUndefined();
  });
});
