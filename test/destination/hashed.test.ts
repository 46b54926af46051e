import { expect, it } from "vitest";
import { digest, hashed } from "../../src/destination/index.ts";

it.each([
  [hashed.name("Last name"), "Last name", " O'Neill ", "oneill"],
  [hashed.city(), "City", "São Paulo", "saopaulo"],
  [hashed.zip(), "Postal code", "94107-1234", "94107"],
  [hashed.birthDate(), "Date of birth", "1990-02-03", "19900203"],
] as const)("%# hashes the normal form", (field, describe, raw, normal) => {
  expect(field.describe).toBe(describe);
  expect(field.encode(raw)).toEqual({ value: digest("sha256", normal) });
  expect(field.encode(" ")).toEqual({ value: null });
});
