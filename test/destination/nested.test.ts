import { expect, it } from "vitest";
import { nested } from "../../src/destination/index.ts";

it.each([
  [{}, {}],
  [
    { a: 1, b: [2] },
    { a: 1, b: [2] },
  ],
  [{ "a.b": 1 }, { a: { b: 1 } }],
  [
    { "a.b.c": 1, "a.b.d": null, "a.e": 3, f: 4 },
    { a: { b: { c: 1, d: null }, e: 3 }, f: 4 },
  ],
  [{ a: 1, "a.b": 2 }, { a: { b: 2 } }],
  [{ "a.b": 2, a: 1 }, { a: { b: 2 } }],
])("%j nests to %j", (fields, expected) => {
  expect(nested(fields)).toEqual(expected);
});

it("leaves the fields it was given as they are", () => {
  const fields = { "a.b": 1 };
  nested(fields);
  expect(fields).toEqual({ "a.b": 1 });
});
