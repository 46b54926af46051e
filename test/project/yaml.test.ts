import { describe, expect, it } from "vitest";
import { parseYaml } from "../../src/project/yaml.ts";

const problems = (text: string) =>
  parseYaml("x.yml", text).problems.map(({ code, at, message }) => `${code} ${at?.line}:${at?.column} ${message}`);
const value = (text: string) => parseYaml("x.yml", text).value;

describe("values", () => {
  it.each<[string, unknown]>([
    ["a: no", { a: "no" }],
    ["a: 1:20", { a: "1:20" }],
    ["a: 2024-01-01", { a: "2024-01-01" }],
    ["a: 12", { a: 12 }],
    ["a: -9007199254740991", { a: -9007199254740991 }],
    ["a: 9007199254740993", { a: 9007199254740993n }],
    ["a: 0.5", { a: 0.5 }],
    ["a: ~", { a: null }],
    ["a: off", { a: "off" }],
    ["\uFEFFa: 1", { a: 1 }],
    ["a: 1\r\nb: 2\r\n", { a: 1, b: 2 }],
    ["a: &x [1]\nb: *x", { a: [1], b: [1] }],
    ["constructor: 1", { constructor: 1 }],
    ["", {}],
    ["# nothing", {}],
  ])("%j", (text, expected) => {
    expect(value(text)).toEqual(expected);
  });
});

describe("refusals", () => {
  it.each([
    ["a:\n\tb: 1", "E101 2:1 a tab is used for indentation"],
    ["a: 1\nb: 2\na: 3", 'E106 3:1 the key "a" stands here twice'],
    ["__proto__: { polluted: 1 }", 'E109 1:1 the key "__proto__" is not allowed'],
    ["a: { __proto__: 1 }", 'E109 1:6 the key "__proto__" is not allowed'],
    ["a: &x { b: 1 }\nc:\n  <<: *x", "E109 3:3 merge keys (<<) are not read"],
    ["? [1, 2]\n: 3", "E109 1:3 a key must be a plain word"],
    ["a: !!js/function 'x'", "E109 1:4 tags (!…) are not read"],
    ["a: .inf", "E105 1:4 a number must be finite"],
    ["a: 1\n---\nb: 2", "E101 2:1 several documents in one file"],
  ])("%j", (text, expected) => {
    expect(problems(text)[0]).toBe(expected);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  const laughs = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
    .split("")
    .map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefgh"[index]}`).join(",")}]`)
    .join("\n")}`;
  it.each([
    ["billion laughs", laughs],
    ["open brackets", "[".repeat(100_000)],
    ["open braces", "{a: ".repeat(100_000)],
    ["nested lists", "- ".repeat(20_000)],
    ["deep blocks", Array.from({ length: 200 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
    ["a loop of aliases", "a: &a [*a]"],
  ])("%s, in time", (_name, text) => {
    const start = performance.now();
    expect(problems(text)[0]).toMatch(/^E10[18] /);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe("places", () => {
  const file = parseYaml(
    "x.yml",
    "audiences:\r\n  - name: vip\r\n    where: { field: contry, is: FR }\r\n    empty:\r\n",
  );
  it.each<[readonly (string | number)[], "key" | "value", object]>([
    [["audiences", 0, "where", "field"], "value", { line: 3, column: 21, length: 6 }],
    [["audiences", 0, "where", "field"], "key", { line: 3, column: 14, length: 5 }],
    [["audiences", 0, "name"], "value", { line: 2, column: 11, length: 3 }],
    [["audiences", 0, "empty"], "value", { line: 4, column: 5, length: 5 }],
    [["audiences", 0, "absent", "deeper"], "value", { line: 2, column: 5, length: 9 }],
  ])("%j %s", (path, part, expected) => {
    expect(file.at(path, part)).toEqual({ file: "x.yml", ...expected });
  });
});
