import { expect, it } from "vitest";
import { exactJson, parseExactly } from "../../src/warehouse/exact-json.ts";

it.each([
  ['{"n":9007199254740993}', { n: 9007199254740993n }],
  ["[-9007199254740993,9007199254740991]", [-9007199254740993n, 9007199254740991]],
  ['["9007199254740993","a\\"9007199254740993"]', ["9007199254740993", 'a"9007199254740993']],
  ["[0.1234567890123456,1234567890123456e4]", [0.1234567890123456, 1234567890123456e4]],
  ["9007199254740993", 9007199254740993n],
  ["null", null],
])("reads %s without rounding", (json, value) => {
  expect(parseExactly(json)).toEqual(value);
});

it("writes whole numbers of any size, and nothing else otherwise than JSON does", () => {
  const value = { n: -9007199254740993n, list: [1n, 2, '"9"'], at: null };
  expect(exactJson(value)).toBe('{"n":-9007199254740993,"list":[1,2,"\\"9\\""],"at":null}');
  expect(parseExactly(exactJson(value))).toEqual({ ...value, list: [1, 2, '"9"'] });
});
