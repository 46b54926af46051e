import { expect, test } from "vitest";
import { decimal } from "../../src/warehouse/bigquery-arrow.ts";
import { columnOf, type Field } from "../../src/warehouse/bigquery-types.ts";
import { converterOf } from "../../src/warehouse/bigquery-values.ts";

const field = (type: string, more: Partial<Field> = {}): Field => ({ name: "x", type, ...more });
const person = field("RECORD", {
  fields: [
    { name: "kind", type: "STRING" },
    { name: "n", type: "INTEGER" },
  ],
});

test.each<[Field, string, string]>([
  [field("INTEGER"), "INT64", "integer"],
  [field("FLOAT"), "FLOAT64", "float"],
  [field("BOOLEAN"), "BOOL", "boolean"],
  [field("BIGNUMERIC"), "BIGNUMERIC", "decimal"],
  [field("DATETIME"), "DATETIME", "timestamp"],
  [field("TIMESTAMP"), "TIMESTAMP", "timestamptz"],
  [field("GEOGRAPHY"), "GEOGRAPHY", "other"],
  [field("STRING", { mode: "REPEATED" }), "ARRAY<STRING>", "list"],
  [person, "STRUCT<kind STRING, n INT64>", "struct"],
  [{ ...person, mode: "REPEATED" }, "ARRAY<STRUCT<kind STRING, n INT64>>", "list"],
])("$type of $mode is a column", (given, type, family) => {
  expect(columnOf(given)).toEqual({ name: "x", type, family });
});

test.each<[Field, unknown, unknown]>([
  [field("INTEGER"), "9007199254740991", 9007199254740991],
  [field("INTEGER"), "-9007199254740992", -9007199254740992n],
  [field("FLOAT"), "1.5E-7", 1.5e-7],
  [field("FLOAT"), "-Infinity", -Infinity],
  [field("FLOAT"), "inf", Infinity],
  [field("FLOAT"), "NaN", NaN],
  [field("BOOLEAN"), "false", false],
  [field("TIMESTAMP"), "-1", "1969-12-31T23:59:59.999999Z"],
  [field("TIMESTAMP"), "-1.5", "1969-12-31T23:59:58.500000Z"],
  [field("TIMESTAMP"), "1.7E9", "2023-11-14T22:13:20.000000Z"],
  [field("TIMESTAMP"), "1700000000.123456", "2023-11-14T22:13:20.123456Z"],
  [field("DATETIME"), "2023-12-31T22:00:00", "2023-12-31T22:00:00.000000Z"],
  [field("DATETIME"), "2023-12-31 22:00:00.5", "2023-12-31T22:00:00.500000Z"],
  [field("TIME"), "10:00:00", "10:00:00"],
  [field("TIME"), "10:10:10.000250", "10:10:10.00025"],
  [field("TIME"), "10:00:00.000000", "10:00:00"],
  [field("NUMERIC"), "-100.50", "-100.5"],
  [field("NUMERIC"), "100", "100"],
  [field("BYTES"), "aGn/", "aGn/"],
  [field("JSON"), '{"a":1}', '{"a":1}'],
  [field("STRING", { mode: "REPEATED" }), [{ v: "a" }, { v: "b" }], ["a", "b"]],
  [field("STRING", { mode: "REPEATED" }), null, []],
  [person, { f: [{ v: "e" }, { v: null }] }, { kind: "e", n: null }],
  [{ ...person, mode: "REPEATED" }, [{ v: { f: [{ v: null }, { v: "7" }] } }], [{ kind: null, n: 7 }]],
  [person, null, null],
])("a cell of $type: %j", (given, cell, expected) => {
  expect(converterOf(given)(cell)).toEqual(expected);
});

test("bytes where asked", () => {
  expect(converterOf(field("BYTES"), true)("aGn/")).toEqual(new Uint8Array([0x68, 0x69, 0xff]));
});

test.each<[number[], number, string]>([
  [[0, 0, 0, 0], 9, "0"],
  [[1, 0, 0, 0], 9, "0.000000001"],
  [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], 9, "-0.000000001"],
  [[1_500_000_000, 0, 0, 0], 9, "1.5"],
  [[0, 1, 0, 0], 9, "4.294967296"],
  [[0x3b9aca00, 0, 0, 0], 9, "1"],
  [[1_500, 0, 0, 0], 2, "15"],
  [[1_500, 0, 0, 0], 0, "1500"],
  [[1, 0, 0, 0, 0, 0, 0, 0], 38, "0.00000000000000000000000000000000000001"],
])("words %j with %i places are %s", (words, scale, expected) => {
  expect(decimal(Uint32Array.from(words), scale)).toBe(expected);
});
