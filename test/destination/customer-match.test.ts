import { expect, it } from "vitest";
import { encodeFields, encodeValue } from "../../src/destination/encode.ts";
import { consentOf, customerMatch, digest, matchAddress } from "../../src/destination/index.ts";

const { identifiers, address, consent } = customerMatch;
const fields = { ...address, ...consent };
const encoded = (row: Record<string, string>) => {
  const found = encodeFields({ fields }, row);
  if ("reject" in found) throw new Error(found.reject.message);
  return found.fields;
};

it.each([
  ["email", " Jane.Doe+news@GMail.com ", "janedoe@gmail.com"],
  ["email", "jane.doe+news@example.com", "jane.doe+news@example.com"],
  ["phone", "+1 (650) 253-0000", "+16502530000"],
] as const)("takes the %s %j as the hash of %j", (kind, raw, normal) => {
  expect(encodeValue(identifiers[kind], raw)).toBe(digest("sha256", normal));
});

it("takes an address with all its parts, names hashed", () => {
  const row = { given_name: "Mr. Alex", family_name: "Quinn, Jr.", region_code: "us", postal_code: " 94045 " };
  expect(matchAddress(encoded(row))).toEqual({
    givenName: digest("sha256", "alex"),
    familyName: digest("sha256", "quinn"),
    regionCode: "US",
    postalCode: "94045",
  });
  for (const name of Object.keys(row)) expect(matchAddress(encoded({ ...row, [name]: " " }))).toBeUndefined();
});

it("says of consent what was said", () => {
  const word = (status: string) => `CONSENT_${status}`;
  expect(consentOf({ ad_user_data: "GRANTED", ad_personalization: "DENIED" }, word)).toEqual({
    consent: { adUserData: "CONSENT_GRANTED", adPersonalization: "CONSENT_DENIED" },
  });
  expect(consentOf({ ad_personalization: "GRANTED", ad_user_data: null }, word)).toEqual({
    consent: { adPersonalization: "CONSENT_GRANTED" },
  });
  expect(consentOf({}, word)).toEqual({});
  expect(() => encoded({ ad_user_data: "yes" })).toThrow("ad_user_data: none of GRANTED, DENIED");
});
