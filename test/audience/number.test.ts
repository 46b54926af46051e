import { expect, test } from "vitest";
import { compareDigits, digitsOf, digitsText, exactComparison, type Comparator } from "../../src/audience/number.ts";
import { duckdbWords } from "../../src/audience/words-duckdb.ts";

test.for<[number | bigint | string, string]>([
  [0.1, "0.1"],
  [-12.5, "-12.5"],
  [1e21, "1000000000000000000000"],
  [1e-7, "0.0000001"],
  ["1.50", "1.5"],
  [9007199254740993n, "9007199254740993"],
  ["-0.010", "-0.01"],
  [-0, "0"],
])("%s is exactly %s", ([value, text]) => {
  expect(digitsText(digitsOf(value)!)).toBe(text);
});

test("what is no finite number has no digits", () => {
  expect([NaN, Infinity, "x", ""].map(digitsOf)).toEqual([null, null, null, null]);
});

test("numbers of different scale compare exactly", () => {
  expect(
    [
      ["0.1", "0.10"],
      ["0.1", "0.11"],
      ["-1", "-1.5"],
    ].map(([one, other]) => compareDigits(digitsOf(one!)!, digitsOf(other!)!)),
  ).toEqual([0, -1, 1]);
});

test.for<[string, Comparator, number | bigint, string]>([
  ["DECIMAL(12,2)", ">", 12.5, "c > 12.5"],
  ["DECIMAL(12,2)", ">=", 12.345, "c > 12.34"],
  ["DECIMAL(12,2)", "<", 12.345, "c <= 12.34"],
  ["DECIMAL(12,2)", ">", -0.001, "c > -0.01"],
  ["DECIMAL(12,2)", "<=", -0.001, "c <= -0.01"],
  ["DECIMAL(12,2)", "=", 0.001, "CASE WHEN c IS NOT NULL THEN FALSE END"],
  ["DECIMAL(12,2)", "<>", 0.001, "CASE WHEN c IS NOT NULL THEN TRUE END"],
  ["BIGINT", ">=", 2.5, "c > 2"],
  ["BIGINT", "=", 9007199254740993n, "c = 9007199254740993"],
  ["DECIMAL(12,2)", "<", 1e40, "CAST(c AS DOUBLE) < CAST('1e+40' AS DOUBLE)"],
])("%s %s %s", ([type, comparator, value, sql]) => {
  expect(exactComparison(duckdbWords, "c", type, type === "BIGINT" ? "integer" : "decimal", comparator, value)).toBe(
    sql,
  );
});
