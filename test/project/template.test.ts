import { describe, expect, it } from "vitest";
import { callsOf, parseTemplate, renderTemplate } from "../../src/project/template.ts";

describe("parseTemplate", () => {
  it.each([
    ["{{ ref('a') }}", { word: "ref", name: "a" }],
    ["{{source(\"shop\", 'orders')}}", { word: "source", source: "shop", table: "orders" }],
    ["{{ var('x', 3) }}", { word: "var", name: "x", fallback: 3 }],
    ["{{ var('x', 'it\\'s') }}", { word: "var", name: "x", fallback: "it's" }],
    ["{{ env_var('X') }}", { word: "env_var", name: "X" }],
    ["{{ this }}", { word: "this" }],
    ["{{ target.name }}", { word: "target.name" }],
  ])("%s", (text, call) => {
    const template = parseTemplate(text);
    expect(template.problems).toEqual([]);
    expect(callsOf(template)).toEqual([{ line: 1, column: 1, length: text.length, ...call }]);
  });

  it.each([
    [
      "select 1\n  {% if x %}",
      2,
      3,
      "{% %} is not part of the template language",
      "build models that need logic in dbt, and ref() what it builds",
    ],
    ["{{ reff('a') }}", 1, 1, '"reff" is not one of the template\'s words', 'did you mean "ref"?'],
    ["{{ ref(a) }}", 1, 1, "ref takes plain values in quotes", "ref('name')"],
    ["{{ source('a') }}", 1, 1, "source takes two names", "source('shop', 'customers')"],
    ["{{ ref('a', 'b') }}", 1, 1, "ref takes one name", "ref('name')"],
    ["{{ ref('a')", 1, 1, "{{ is not closed", "close it with }}"],
    [
      "{{ config(materialized='table') }}",
      1,
      1,
      "config() is not part of the template language",
      "write materialize, tags and meta in the model's YAML",
    ],
    ["{{- this -}}", 1, 1, "{{- -}} is not part of the template language", "write {{ }}: spaces mean nothing in SQL"],
    [
      "{{ constructor('a') }}",
      1,
      1,
      '"constructor" is not one of the template\'s words',
      "the words: ref, source, var, env_var, this, target.name",
    ],
  ])("%j is refused with a place", (text, line, column, message, hint) => {
    expect(parseTemplate(text).problems).toMatchObject([{ line, column, message, hint }]);
  });
});

it("renders, and keeps lines where they were", () => {
  const template = parseTemplate(
    "a {# one\ntwo #} {{ ref('m') }} {{ source('s', 't') }}\n'{{ var('v') }}' {{ env_var('E', 'd') }} {{ this }} {{ target.name }}",
  );
  const text = renderTemplate(template, {
    ref: (name) => `<${name}>`,
    source: (source, table) => `${source}.${table}`,
    var: (name) => name.toUpperCase(),
    envVar: (_name, fallback) => fallback ?? "",
    this: () => "me",
    target: "dev",
  });
  expect(text).toBe("a \n <m> s.t\n'V' d me dev");
});
