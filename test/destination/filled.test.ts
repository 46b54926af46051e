import { describe, expect, it } from "vitest";
import { filled, rendered } from "../../src/destination/filled.ts";
import { pointer } from "../../src/destination/pointer.ts";
import { renderSetting } from "../../src/engine/template.ts";

const ctx = { render: renderSetting };
const values = { key: [1, "a"], fields: { points: 7, name: 'A "B"', gone: null }, evil: "a/b?c=d&e ü" };

describe("a JSON pointer", () => {
  const value = { a: [{ b: 1 }], "x/y": { "~": 2 }, "": 3 };
  it.each([
    ["", value],
    ["/a/0/b", 1],
    ["/x~1y/~0", 2],
    ["/", 3],
    ["/a/1/b", undefined],
    ["/a/b", undefined],
    ["/a/0/b/c", undefined],
    ["/constructor", undefined],
    ["/a/length/x", undefined],
  ])("%j", (path, expected) => {
    expect(pointer(value, path)).toEqual(expected);
  });
});

describe("filled JSON", () => {
  it.each([
    ["{{ fields.points }}", 7],
    ["{{ key }}", [1, "a"]],
    ["{{fields}}", values.fields],
    ["{{ fields.gone }}", null],
    ["{{ fields.nothing }}", undefined],
    ["{{ fields.constructor }}", undefined],
    ["{{ fields.points }} points", "7 points"],
    ["{{ fields.points | plus: 1 }}", "8"],
    ["{{ fields.nothing }}!", "!"],
    [
      { a: "{{ fields.nothing }}", b: ["{{ fields.nothing }}", [1], null], c: true },
      { b: [[1], null], c: true },
    ],
  ])("%j", (template, expected) => {
    expect(filled(ctx, template, values)).toEqual(expected);
  });
});

describe("a template in an address", () => {
  it.each([
    ["/c/{{ evil }}", "/c/a%2Fb%3Fc%3Dd%26e%20%C3%BC"],
    ["/c/{{ fields.name | downcase }}", "/c/a%20%22b%22"],
    ["/c?plain=1", "/c?plain=1"],
    ["{% if fields.points > 3 %}/many{% else %}/few{% endif %}", "/many"],
  ])("%s is %s", (template, expected) => {
    expect(rendered(ctx, template, values, "url")).toBe(expected);
  });

  it.each(["{{ evil | raw }}", "{{ evil", "{% include 'x' %}"])(
    "%s stops the sync without the row's values",
    (template) => {
      expect(() => rendered(ctx, template, values, "url")).toThrow(/a template of the destination's config fails/);
    },
  );
});
