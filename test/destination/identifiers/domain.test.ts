import { expect, it } from "vitest";
import { normalizeDomain } from "../../../src/destination/index.ts";

it.each([
  ["example.com", "example.com"],
  ["  Example.COM. ", "example.com"],
  ["https://www.example.com/en/?q=1#top", "example.com"],
  ["http://shop.example.co.uk:8080", "shop.example.co.uk"],
  ["example.com?from=mail", "example.com"],
  ["www.com", "www.com"],
  ["bücher.example", "bücher.example"],
  ["example", null],
  ["ada@example.com", null],
  ["two words.example", null],
  ["example..com", null],
  ["https://", null],
  [" ", null],
])("%s is %s", (raw, expected) => expect(normalizeDomain(raw)).toBe(expected));
