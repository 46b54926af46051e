import { expect, test } from "vitest";
import type { Json } from "../../src/core.ts";
import { bound } from "../../src/warehouse/bigquery-parameters.ts";

const parameter = (type: string, value: string): object => ({ parameterType: { type }, parameterValue: { value } });

test.each<[string, Json[], string, object[]]>([
  ["SELECT ?, ?", [1, "x"], "SELECT ?, ?", [parameter("INT64", "1"), parameter("STRING", "x")]],
  ["SELECT ?, ?", [null, 1.5], "SELECT NULL, ?", [parameter("FLOAT64", "1.5")]],
  ["SELECT '?', ?", [true], "SELECT '?', ?", [parameter("BOOL", "true")]],
  ["SELECT '\\'?', ?", [null], "SELECT '\\'?', NULL", []],
  ['SELECT "?", `?`, ?', [null], 'SELECT "?", `?`, NULL', []],
  ["SELECT 1 -- ?\n, ? # ?\n/* ? */", [null], "SELECT 1 -- ?\n, NULL # ?\n/* ? */", []],
  ["SELECT ?", [2 ** 53], "SELECT ?", [parameter("FLOAT64", "9007199254740992")]],
  ["SELECT ?", [{ a: [null, "?"] }], "SELECT ?", [parameter("STRING", '{"a":[null,"?"]}')]],
  ["SELECT ?", [], "SELECT ?", []],
])("%s with %j", (sql, values, written, parameters) => {
  expect(bound(sql, values)).toEqual({ sql: written, parameters });
});
