import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { contract, type Facts } from "../../../src/destination/testing.ts";
import { renderSetting } from "../../../src/engine/template.ts";
import { builtInTypes, loadBuiltIn } from "../../../src/project/destinations.ts";
import { type Absent, openApi } from "./openapi.ts";

interface FactsFile extends Facts {
  readonly specs?: readonly string[];
  readonly not_in_spec?: readonly Absent[];
}

const destinations = await Promise.all(
  builtInTypes().map(async (name) => ({ name, destination: await loadBuiltIn(name) })),
);

describe.each(destinations)("$name", ({ name, destination }) => {
  const written = parse(readFileSync(`test/facts/${name}.yml`, "utf8")) as FactsFile;
  const facts: FactsFile = { ...written, context: { render: renderSetting } };
  for (const { name: title, check } of contract(destination, facts, openApi(facts.specs ?? [], facts.not_in_spec)))
    it(title, check);
  it("says how to get credentials, how rows are refused and how people are erased", () => {
    const { credentials, refused, erasure } = destination.guide ?? {};
    expect([credentials, refused, erasure].every((text) => (text ?? "").length > 20)).toBe(true);
  });
});
