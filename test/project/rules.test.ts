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
