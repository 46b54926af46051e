import { describe, expect, it } from "vitest";
import { renderTemplate, templateColumns } from "../../src/engine/template.ts";

describe("templates of mappings", () => {
  it.each<[string, Record<string, string | number | null>, string]>([
    ["Bonjour {{ first_name }}", { first_name: "Zoe" }, "Bonjour Zoe"],
    ["Bonjour {{ first_name | default: 'cher client' }}", { first_name: null }, "Bonjour cher client"],
    ["{% if orders > 2 %}regular{% else %}new{% endif %}", { orders: 3 }, "regular"],
    ["{% case tier %}{% when 'gold' %}G{% else %}-{% endcase %}", { tier: "gold" }, "G"],
    ["{% assign x = name | upcase %}{{ x }}", { name: "a" }, "A"],
    ["seen {{ as_of }}", {}, "seen 2026-03-02T06:00:00Z"],
    ["{{ nobody }}", {}, ""],
  ])("%s", (text, row, expected) => {
    expect(renderTemplate(text, row, "2026-03-02T06:00:00Z")).toBe(expected);
  });

  it.each([
    ["reads files", "{% include 'x' %}"],
    ["renders files", "{% render 'x' %}"],
    ["loops", "{% for i in (1..1000000000) %}x{% endfor %}"],
    ["lays out", "{% layout 'x' %}"],
    ["uses an unknown filter", "{{ name | shell }}"],
    ["is broken", "{{ name"],
  ])("refuses one that %s", (_, text) => {
    expect(() => renderTemplate(text, { name: "a" }, "")).toThrow();
  });

  it("sees own values only", () => {
    expect(renderTemplate("{{ row.constructor }}{{ __proto__ }}{{ name.constructor.name }}", { name: "a" }, "")).toBe(
      "",
    );
  });

  it("names the columns it reads, as_of aside", () => {
    expect(templateColumns("{{ b }}{% if a > 1 %}{{ as_of }}{{ c | append: d }}{% endif %}")).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });
});
