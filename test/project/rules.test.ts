import { describe, expect, it } from "vitest";
import { rules } from "../../src/project/rules/index.ts";
import { load } from "./sample.ts";

describe.each(rules.map((rule) => [rule.code, rule] as const))("rule %s", (code, rule) => {
  it("finds nothing in its valid example", async () => {
    const { diagnostics } = await load(rule.valid);
    expect(diagnostics.filter(({ severity, code: found }) => severity === "error" || found === code)).toEqual([]);
  });

  it("finds its invalid example, at a place, and nothing else is wrong", async () => {
    const { diagnostics } = await load(rule.invalid);
    expect(new Set(diagnostics.map(({ code: found, severity }) => `${found} ${severity}`))).toEqual(
      new Set([`${code} ${rule.severity}`]),
    );
    expect(diagnostics.every(({ at }) => at !== undefined && at.line > 0 && at.column > 0)).toBe(true);
  });
});

it("no two rules share a code", () => {
  expect(new Set(rules.map(({ code }) => code)).size).toBe(rules.length);
});

it("E208 holds mirror to what a membership can do, said or not: a list that nobody can be taken out of", async () => {
  const project = (more: string) => ({
    "destinations/there.yml":
      'destination: there\ntype: activecampaign\ncredentials: { api_token: "${env:T}" }\nconfig: { account: a }\n',
    "models/more.yml": `syncs:\n  - { name: again, model: customers, destination: there, object: list, mode: mirror${more} }`,
  });
  const found = async (more: string) =>
    (await load(project(more))).diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ code, message }) => `${code} ${message}`);
  const problem = 'E208 on_leave: remove needs remove, and list of "there" cannot remove';
  expect(await found("")).toEqual([problem]);
  expect(await found(", on_leave: remove")).toEqual([problem]);
  expect(await found(", on_leave: keep")).toEqual([]);
});
