import { expect, test } from "vitest";
import { replaceRows } from "../../src/cli/edit-rows.ts";

const about = { test: { name: "t", model: "m" }, key: ["id"] };
const yaml = (rows: string): string => `# mine
unit_tests:
- name: t # kept
  model: m
  given:   []
  expect:
    rows:
${rows}
other: { a: 1 }
`;

test.each([
  [
    "flow rows: values change in place, comments stay",
    "      - {id: 1, total: 100} # refunds out\n      - { id: 2,   total: 5 }",
    [
      { id: 2, total: 5 },
      { id: 1, total: 80 },
    ],
    "      - { id: 1, total: 80 } # refunds out\n      - { id: 2, total: 5 }",
  ],
  [
    "block rows; one goes, one comes",
    "      - id: 1\n        name: a # first\n      - id: 2\n        name: b",
    [
      { id: 1, name: "yes" },
      { id: 3, name: null },
    ],
    "      - id: 1\n        name: yes # first\n      - id: 3\n        name: null",
  ],
  [
    "a column that the rows leave out stays out while it is NULL",
    "      - { id: 1 }",
    [{ id: 1, x: null }],
    "      - { id: 1 }",
  ],
  ["no rows come out", "      - { id: 1 }", [], "      []"],
  ["no rows were expected", "      []", [{ id: 1, name: "a: b" }], '      [ { id: 1, name: "a: b" } ]'],
])("%s", (_, before, rows, after) => {
  expect(replaceRows(yaml(before), { ...about, rows })).toBe(yaml(after));
});

test("another test, and rows that are no list, are left alone", () => {
  expect(replaceRows(yaml("      - { id: 1 }"), { ...about, test: { name: "u", model: "m" }, rows: [] })).toBeNull();
  expect(replaceRows(yaml("      - 1"), { ...about, rows: [] })).toBeNull();
});
