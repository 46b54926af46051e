/** Audiences: the members of every rule are those that the evaluation in memory says, on every warehouse. */
import { expect } from "vitest";
import type { Rule } from "../../../src/project/schema/rule.ts";
import { disagreement, groundOf, newYork, paris } from "./audience-ground.ts";
import { eventRules, fieldRules, listRules, oddFloatRules, oddSumRules, treeRules } from "./audience-rules.ts";
import { histories } from "./audience-histories.ts";
import { reasons } from "./audience-reasons.ts";
import { audienceStatements } from "./audience-statements.ts";
import type { Operation } from "./subject.ts";

const agree = (operation: string, rules: readonly Rule[]): Operation => ({
  operation,
  async run(subject) {
    for (const zone of [paris, newYork]) {
      expect(await disagreement(subject, await groundOf(subject, zone), rules)).toEqual({});
    }
  },
});

export const audiences: readonly Operation[] = [
  ...audienceStatements,
  ...histories,
  ...reasons,
  ...Object.entries(fieldRules).map(([name, rules]) => agree(`rules: ${name}`, rules)),
  {
    operation: "rules: lists",
    async run(subject) {
      const ground = await groundOf(subject, paris, ["tagged"]);
      expect(await disagreement(subject, ground, listRules, "tagged")).toEqual({});
    },
  },
  {
    operation: "rules: floats that are no numbers",
    async run(subject) {
      const ground = await groundOf(subject, paris, ["customers", "measures"]);
      expect(await disagreement(subject, ground, oddFloatRules, "measures")).toEqual({});
      expect(await disagreement(subject, ground, oddSumRules)).toEqual({});
    },
  },
  agree("rules: events and related rows", eventRules),
  agree("rules: trees, segments and audiences", treeRules),
];
