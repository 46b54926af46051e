import { expect, test } from "vitest";
import { integer, integerOrNull, text, textOrNull } from "../../src/warehouse/row.ts";

const row = { name: "ann@example.com", n: 7, none: null, big: 2n ** 60n, half: 0.5, flag: true };

test("cells of the promised type come as they are", () => {
  expect([text(row, "name"), textOrNull(row, "name"), textOrNull(row, "none")]).toEqual([row.name, row.name, null]);
  expect([integer(row, "n"), integerOrNull(row, "n"), integerOrNull(row, "none")]).toEqual([7, 7, null]);
});

test.each<[string, () => unknown, string]>([
  ["a number for text", () => text(row, "n"), 'the warehouse gave number in column "n", where text was expected'],
  ["NULL for text", () => text(row, "none"), 'the warehouse gave NULL in column "none", where text was expected'],
  [
    "text for a number, not repeated",
    () => integerOrNull(row, "name"),
    'the warehouse gave string in column "name", where a whole number was expected',
  ],
  [
    "NULL for a number",
    () => integer(row, "none"),
    'the warehouse gave NULL in column "none", where a whole number was expected',
  ],
  [
    "more than a number holds",
    () => integer(row, "big"),
    'the warehouse gave bigint in column "big", where a whole number was expected',
  ],
  [
    "a part of a number",
    () => integer(row, "half"),
    'the warehouse gave number in column "half", where a whole number was expected',
  ],
  [
    "no such column",
    () => textOrNull(row, "gone"),
    'the warehouse gave undefined in column "gone", where text was expected',
  ],
  ["no row", () => integer(undefined, "n"), 'the warehouse gave no row, where one with "n" was expected'],
])("%s is a bug and says so", (_, read, message) => {
  expect(read).toThrow(new TypeError(message));
});
