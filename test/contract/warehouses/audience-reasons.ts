/** Why somebody is in an audience, or many are not any more. */
import { expect } from "vitest";
import { enteringSample, mostLeaversFail } from "../../../src/audience/because.ts";
import { explainPerson, type ExplainedRule } from "../../../src/audience/explain.ts";
import { groundOf, keysQuery, paris, writtenGround } from "./audience-ground.ts";
import type { Operation } from "./subject.ts";

const vip = {
  model: "customers",
  where: {
    all: [
      { field: "visits", gte: 2 },
      { event: "orders", on: { id: "customer" }, sum: { field: "pieces", gte: 3 } },
      {
        any: [
          { not: { related: "orders", on: { id: "customer" }, where: { field: "amount", lt: 0 } } },
          { field: "paid", after: "2026-03-29" },
        ],
      },
    ],
  },
  exclude: ["some"],
} as const;

export const reasons: readonly Operation[] = [
  {
    operation: "explain: a query step by step, where the warehouse takes one apart",
    async run(subject) {
      const { type } = subject.warehouse;
      const { trace } = await explainPerson(await writtenGround(subject), subject.warehouse, "written", "9");
      const steps =
        type === "duckdb"
          ? { step: "few", present: true }
          : { step: `steps are not supported on ${type}`, present: null };
      expect(trace).toEqual([steps, { step: "result", present: true }]);
    },
  },
  {
    operation: "explain: rules with what was found",
    async run(subject) {
      const { context } = await groundOf(subject, paris, ["customers", "orders"], { vip });
      expect([
        await explainPerson(context, subject.warehouse, "vip", "5"),
        (await explainPerson(context, subject.warehouse, "vip", "999")).known,
      ]).toEqual([
        {
          known: true,
          member: false,
          rules: line("all of", false, null, [
            line("visits is at least 2", true, "visits = 5"),
            line("the sum of pieces of orders is at least 3", true, "sum of pieces = 20"),
            line("any of", false, null, [
              line("not (has at least 1 of orders where amount is less than 0)", false, "1 of 10 fit"),
              line("paid is after 2026-03-29", false, "paid = NULL (unknown)"),
            ]),
          ]),
          trace: [],
          excludedBy: null,
        },
        false,
      ]);
    },
  },
  {
    operation: "because: what those who leave fail, and those who enter fulfil",
    async run(subject) {
      const { context } = await groundOf(subject, paris, ["customers", "orders"], { vip });
      const previous = keysQuery(subject, "1", "2", "3", "999");
      const because =
        "visits is at least 2, the sum of pieces of orders is at least 3, not (has at least 1 of orders where amount is less than 0)";
      expect([
        await mostLeaversFail(context, subject.warehouse, "vip", previous),
        await enteringSample(context, subject.warehouse, "vip", previous, 2),
      ]).toEqual([
        { words: "fail the rule visits is at least 2", people: 3, leavers: 4 },
        [
          { k: "17", because },
          { k: "27", because },
        ],
      ]);
    },
  },
];

const line = (rule: string, holds: boolean, found: string | null, children: readonly ExplainedRule[] = []) => ({
  rule,
  holds,
  found,
  children,
});
