import { expect, it } from "vitest";
import { normalField, normalizeRegionCode } from "../../src/destination/index.ts";

const country = normalField(normalizeRegionCode, { describe: "Country" });

it.each([
  ["Germany", "DE"],
  [" fr ", "FR"],
  ["Atlantis", null],
  ["", null],
  [49, null],
  [null, null],
  [["FR"], null],
])("%j travels as %j, and costs no row", (raw, sent) => {
  expect(country.encode(raw)).toEqual({ value: sent });
});

it("takes an empty normal form for none", () => {
  expect(normalField((raw) => raw.trim(), { describe: "Text" }).encode(" ")).toEqual({ value: null });
});
