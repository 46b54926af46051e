import { expect, it } from "vitest";
import { csv, csvRows } from "../../src/destination/index.ts";

it.each([
  ["", []],
  ["a,b\n", []],
  ["a,b\n1,2\n", [{ a: "1", b: "2" }]],
  [
    "a,b\r\n1,2\r\n3,4",
    [
      { a: "1", b: "2" },
      { a: "3", b: "4" },
    ],
  ],
  ['a,b\n"x, ""y""\nz",\n', [{ a: 'x, "y"\nz', b: "" }]],
  ["\uFEFFa\n1\n", [{ a: "1" }]],
  ["a,b\n\n,\n", [{ a: "", b: "" }]],
  ["a,b\n1,", [{ a: "1", b: "" }]],
  ['a\n""\n', [{ a: "" }]],
  ['a,b\n1,"2\n', undefined],
  ["a,b\n1\n", undefined],
  ["a,b\n1,2,3\n", undefined],
  ['a\n"1"2\n', undefined],
])("%j", (text, expected) => {
  expect(csvRows(text)).toEqual(expected);
});

it("reads what `csv` writes", () => {
  const rows = [
    ["a\nb", 'say "hi"'],
    ["", "x,y"],
  ];
  expect(csvRows(csv(["n", "m"], rows))).toEqual(rows.map(([n, m]) => ({ n, m })));
});
