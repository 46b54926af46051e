import examples from "libphonenumber-js/examples.mobile.json" with { type: "json" };
import { getExampleNumber, parsePhoneNumberFromString, type CountryCode } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import * as kit from "../../../src/destination/index.ts";

const table = (rule: (raw: string) => string | null, cases: readonly (readonly [string, string | null])[]) =>
  it.each(cases)("%j -> %j", (raw, expected) => expect(rule(raw)).toBe(expected));

describe("e-mail", () => {
  table(kit.normalizeEmail, [
    [" Anna@Example.COM\t", "anna@example.com"],
    ["anna", null],
    ["anna@", null],
    ["@example.com", null],
    ["anna@example@example.com", null],
    ["anna b@example.com", null],
    ["", null],
    ["   ", null],
  ]);
  it("keeps nothing of an address that is only a tag", () => {
    expect(kit.normalizeEmailWithoutTag("+tag@example.com")).toBeNull();
    expect(kit.normalizeGmail("...@gmail.com")).toBeNull();
  });
});

describe("phone", () => {
  it.each([
    ["06 12 34 56 78", "FR", "33612345678"],
    ["+33 6 12 34 56 78", undefined, "33612345678"],
    ["0033612345678", undefined, "33612345678"],
    ["33612345678", "FR", "33612345678"],
    ["33612345678", undefined, "33612345678"],
    ["06 12 34 56 78", undefined, null],
    ["020 7946 0958", "GB", "442079460958"],
    ["+44 (0)20 7946 0958", undefined, "442079460958"],
    ["06 1234 5678", "IT", "390612345678"],
    ["(555) 010-9999 ext. 12", "US", "15550109999"],
    ["555-010-9999x12", "US", "15550109999"],
    ["011 44 20 7946 0958", "US", "442079460958"],
    ["٠٦١٢٣٤٥٦٧٨", "FR", "33612345678"],
    ["+0000000000", undefined, null],
    ["0", "FR", null],
    ["12", undefined, null],
    ["", "FR", null],
    ["n/a", "FR", null],
    ["+1234567890123456", undefined, null],
    ["06 12 34 56 78", "XX", null],
    ["06 12 34 56 78", "fr", "33612345678"],
  ])("%j in %s -> %j", (raw, defaultCountry, expected) => {
    expect(kit.normalizePhoneDigits(raw, defaultCountry === undefined ? {} : { defaultCountry })).toBe(expected);
  });

  const countries = Object.keys(examples) as CountryCode[];

  it.each(countries)("reads every spelling of a number of %s as the library does", (country) => {
    const number = getExampleNumber(country, examples)!;
    const expected = number.number.slice(1);
    const national = number.formatNational();
    const spellings = [
      number.number,
      number.formatInternational(),
      `00${expected}`,
      national,
      national.replace(/\D/g, ""),
    ];
    const readable = spellings.filter(
      (raw) => raw.startsWith("00") || parsePhoneNumberFromString(raw, country)?.number === number.number,
    );
    expect(readable.length).toBeGreaterThan(3);
    for (const raw of readable) expect(kit.normalizePhoneDigits(raw, { defaultCountry: country })).toBe(expected);
  });
});

describe("names", () => {
  table(kit.normalizeName, [
    [" O'Brien ", "obrien"],
    ["Jean-Luc", "jeanluc"],
    ["Anna  Maria", "anna maria"],
    ["Zoë", "zoë"],
    ["李", "李"],
    ["...", null],
  ]);
  table(kit.normalizeInitial, [
    ["Élodie", "e"],
    ["anna", "a"],
    ["7up", null],
    ["", null],
  ]);
});

describe("places", () => {
  table(kit.normalizeCity, [
    ["São Paulo", "saopaulo"],
    ["St. Louis", "stlouis"],
    ["75001", null],
  ]);
  table(kit.normalizeState, [
    ["California", "ca"],
    ["New York", "ny"],
    ["TX", "tx"],
    ["Île-de-France", "iledefrance"],
  ]);
  table(kit.normalizeZip, [
    ["94107-1234", "94107"],
    ["SW1A 1AA", "sw1a1"],
    ["75001 ", "75001"],
    ["1234 AB", "1234ab"],
    [" ", null],
  ]);
  table(kit.normalizeCountry, [
    ["FR", "fr"],
    ["France", "fr"],
    ["uk", "gb"],
    ["Germany ", "de"],
    ["Atlantis", null],
    ["ZZ", null],
  ]);
});

describe("birth and gender", () => {
  table(kit.normalizeBirthMonth, [
    ["january", "01"],
    ["Sep", "09"],
    ["7", "07"],
    ["1990-12-31", "12"],
    ["13", null],
    ["0", null],
  ]);
  table(kit.normalizeBirthDay, [
    ["1990-12-31", "31"],
    ["1", "01"],
    ["32", null],
  ]);
  table(kit.normalizeBirthYear, [
    ["1990-12-31T00:00:00Z", "1990"],
    ["1990", "1990"],
    ["90", null],
  ]);
  table(kit.normalizeBirthDate, [
    [" 1990-02-03T00:00:00Z", "19900203"],
    ["1990-13-01", null],
    ["1990", null],
    ["february", null],
  ]);
  table(kit.normalizeGender, [
    ["Female", "f"],
    ["m", "m"],
    ["x", null],
  ]);
});

describe("plain ids", () => {
  table(kit.normalizeDeviceId, [
    [" F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6 ", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"],
    ["00000000-0000-0000-0000-000000000000", null],
    ["", null],
  ]);
  table(kit.normalizeExact, [
    ["User-1 ", "User-1 "],
    ["  ", null],
  ]);
});
