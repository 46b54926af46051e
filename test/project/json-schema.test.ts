import { expect, it } from "vitest";
import { jsonSchemas, modeline } from "../../src/project/json-schema.ts";

const schemas = jsonSchemas() as Record<string, any>;

it("is draft-07, one schema per kind of file", () => {
  expect(Object.keys(schemas)).toEqual(["millrace.json", "models.json", "destination.json", "selectors.json"]);
  for (const schema of Object.values(schemas)) expect(schema.$schema).toBe("http://json-schema.org/draft-07/schema#");
});

it("has rule trees as a recursive definition with every branch", () => {
  const audience = schemas["models.json"].properties.audiences.items;
  expect(audience.properties.where).toEqual({
    description: "Who belongs: a tree of rules.",
    allOf: [{ $ref: "#/definitions/rule" }],
  });
  const branches = schemas["models.json"].definitions.rule.anyOf;
  expect(branches.map((branch: any) => Object.keys(branch.properties)[0])).toEqual([
    "all",
    "any",
    "not",
    "in_segment",
    "in_audience",
    "event",
    "related",
    "field",
  ]);
  expect(branches[0].properties.all.items).toMatchObject({ allOf: [{ $ref: "#/definitions/rule" }] });
});

it("offers no key of a later version, and describes every other", () => {
  const { audiences, syncs } = schemas["models.json"].properties;
  expect(Object.keys(audiences.items.properties)).not.toContain("purpose");
  for (const properties of [
    audiences.items.properties,
    syncs.items.properties,
    schemas["millrace.json"].properties,
    schemas["destination.json"].properties,
  ]) {
    expect(
      Object.entries<any>(properties)
        .filter(([, value]) => value.description === undefined)
        .map(([key]) => key),
    ).toEqual([]);
  }
});

it("names the schema in a file's first line", () => {
  expect(modeline("models", 2)).toBe("# yaml-language-server: $schema=../../.millrace/schema/models.json");
});
