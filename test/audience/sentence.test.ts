import { expect, test } from "vitest";
import { ruleWords, sentence } from "../../src/audience/sentence.ts";
import type { Rule } from "../../src/project/schema/rule.ts";

test.for<[Rule, string]>([
  [
    {
      all: [
        { field: "country", is: "FR" },
        { field: "lifetime_value", gte: 400 },
      ],
    },
    "country is FR and lifetime value is at least 400",
  ],
  [
    {
      all: [
        { field: "country", is: "FR" },
        { field: "lifetime_value", gte: 400 },
        { not: { in_segment: "recent_refunders" } },
      ],
    },
    "country is FR and lifetime value is at least 400, and not in segment recent refunders",
  ],
  [
    { all: [{ field: "a", lt: 1 }, { any: [{ field: "b", is_null: true }, { in_audience: "vip_fr" }] }] },
    "a is less than 1 and (b is unknown or in audience vip fr)",
  ],
  [{ not: { field: "country", in: ["FR", "New York", "DE"] } }, 'not (country is FR, "New York" or DE)'],
  [{ field: "country", not_in: ["FR", "DE"], or_null: true }, "(country is neither FR nor DE, or is unknown)"],
  [{ field: "last_order_at", not_within_last: "180d" }, "last order at is not within the last 180 days"],
  [{ field: "born", before: { ago: "1y" } }, "born is before 1 year ago"],
  [{ field: "n", between: [1, 2] }, "n is between 1 and 2"],
  [{ field: "name", contains: "" }, 'name contains ""'],
  [
    { event: "stg_orders", on: "customer_id", within: { field: "ordered_at", last: "3y" }, count: { gte: 2 } },
    "has at least 2 stg orders in the last 3 years",
  ],
  [
    { event: "orders", on: "id", count: { is: 0 }, where: { field: "kind", is: "sale" } },
    "has no orders where kind is sale",
  ],
  [
    { event: "orders", on: "id", sum: { field: "amount", gt: 100 }, within: { field: "at", from: "2026-01-01" } },
    "the sum of amount of orders since 2026-01-01 is more than 100",
  ],
  [
    { event: "orders", on: "id", last: { field: "at", not_within_last: "6mo" } },
    "the last at of orders is not within the last 6 months",
  ],
  [
    { related: "contacts", on: "company", match: "all", where: { field: "opted_in", is: true } },
    "has contacts, all of them where opted in is true",
  ],
  [{ all: [] }, "everybody"],
])("%j", ([rule, text]) => {
  expect(sentence(rule, "customers")).toBe(text);
});

test("labels replace names", () => {
  const labels = {
    column: (model: string, name: string) => (`${model}.${name}` === "orders.amount" ? "Amount (€)" : undefined),
    resource: (name: string) => (name === "vip" ? "Very best" : undefined),
  };
  expect(
    sentence(
      { all: [{ event: "orders", on: "id", sum: { field: "amount", gte: 9 } }, { in_segment: "vip" }] },
      "customers",
      labels,
    ),
  ).toBe("the sum of Amount (€) of orders is at least 9 and in segment Very best");
});

test("a group's own words leave its children out", () => {
  expect([{ all: [] }, { any: [] }, { field: "a", is: 1 }].map((rule) => ruleWords(rule, "m"))).toEqual([
    "all of",
    "any of",
    "a is 1",
  ]);
});
