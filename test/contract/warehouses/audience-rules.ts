/** Rules over the invented people, by what they are about: every operator of every family with values at its limits. */
import type { FieldLeaf, Moment, Rule } from "../../../src/project/schema/rule.ts";
import { days, texts } from "./audience-people.ts";

const of = (field: string, tests: readonly Omit<FieldLeaf, "field">[]): readonly Rule[] =>
  tests.map((test) => ({ field, ...test }));

const order = ["gt", "gte", "lt", "lte"] as const;
const equal = ["is", "is_not"] as const;
const each = <Value>(operators: readonly string[], values: readonly Value[]): readonly Omit<FieldLeaf, "field">[] =>
  operators.flatMap((operator) => values.map((value) => ({ [operator]: value })));
const unknown = [{ is_null: true }, { is_not_null: true }] as const;

const numbers = [-7, 0, 0.1, 0.3, 0.30000000000000004, 2.5, 9.99, 10, 12.345, -0.001, 1e-20, 1e20, 1e40] as const;
const wholes = [9007199254740992n, 9007199254740993n, -9007199254740993n, 9223372036854775808n] as const;
const numeric = [
  ...each([...equal, ...order], [...numbers, ...wholes]),
  ...each(["in", "not_in"], [[], [0], [0.1, 10, 9007199254740993n]]),
  { between: [0, 10] },
  { between: [9007199254740993n, 1e40] },
  { is_not: 10, or_null: true },
  { not_in: [], or_null: true },
  ...unknown,
] as const;

const written = [
  ...days.slice(4),
  "2025-10-26T02:30",
  "2026-03-29T02:30",
  "2026-03-29 00:00:00.001",
  "2026-03-28T23:00:00Z",
  "2026-03-29T04:30:00+05:30",
  "0001-01-01",
  "9999-12-31",
] as const;
const moments: readonly Moment[] = [...written, { ago: "1d" }, { ago: "1mo" }, { ago: "0s" }];
const durations = ["0d", "12h", "13h", "1d", "30d", "1w", "1mo", "154d", "1y"] as const;
const temporal: readonly Omit<FieldLeaf, "field">[] = [
  ...each([...equal, ...order], written),
  ...each(["before", "after"], moments),
  ...each(["within_last", "not_within_last"], durations),
  { in: ["2026-03-29", "2026-03-28T23:00:00Z"] },
  { not_in: ["2026-03-29", "2026-03-30"] },
  { between: ["2026-03-28T23:00:00Z", "2026-03-29"] },
  { not_within_last: "1y", or_null: true },
  ...unknown,
];

const clocks = ["00:00", "00:00:00.001", "09:30", "09:30:00", "11:59:59.999999"] as const;

export const fieldRules = {
  texts: of("name", [
    ...each([...equal, ...order, "contains", "starts_with"], [...texts, "%", "_", "'", "R", "e", "\u0301", "zz"]),
    ...each(["in", "not_in"], [[], ["fr"], ["É", "ﬀ", 'a"b', "\\'"]]),
    { between: ["A", "a_b"] },
    { is_not: "FR", or_null: true },
    { contains: "", or_null: true },
    ...unknown,
  ]),
  integers: of("visits", numeric),
  decimals: of("spent", numeric),
  floats: of("ratio", numeric),
  booleans: of("active", [
    ...each(equal, [true, false]),
    { in: [true] },
    { not_in: [true], or_null: true },
    ...unknown,
  ]),
  dates: of("born", temporal),
  "timestamps without zone": of("seen", temporal),
  "timestamps with zone": of("paid", temporal),
  times: of("wakes", [
    ...each([...equal, ...order], clocks),
    { in: ["09:30", "00:00"] },
    { between: ["00:00:00.001", "09:30"] },
  ]),
} satisfies Readonly<Record<string, readonly Rule[]>>;

export const oddFloatRules: readonly Rule[] = of("ratio", numeric);

/** Over customers: what comes of adding those. */
export const oddSumRules: readonly Rule[] = order.flatMap((operator) =>
  [-1, 10, 1e21].map((value) => ({
    event: "measures",
    on: { id: "customer" },
    sum: { field: "ratio", [operator]: value },
  })),
);

export const listRules: readonly Rule[] = of("tags", [
  ...each(["contains"], [...texts, "zz"]),
  { contains: "zz", or_null: true },
  ...unknown,
]);

const on = [{ id: "customer" }, { id: "customer_text" }, "company", { id: "customer", company: "company" }] as const;
const inWindow = { field: "ordered_at", last: "1mo" } as const;
const where = { any: [{ field: "kind", contains: "F" }, { not: { field: "amount", gte: 0.1 } }] } as const;

export const eventRules: readonly Rule[] = [
  ...on.flatMap((joined): Rule[] => [
    { event: "orders", on: joined },
    { event: "orders", on: joined, within: inWindow, count: { gte: 2 } },
    { event: "orders", on: joined, where, count: { is: 0 } },
    { event: "orders", on: joined, where, within: { field: "shipped_on", from: "2025-10-27", to: "2026-03-29" } },
    { related: "orders", on: joined, where },
    { related: "orders", on: joined, where, match: "all" },
    { related: "orders", on: joined, where, match: "none" },
  ]),
  { event: "orders", on: { id: "customer" }, count: { between: [0, 2] } },
  { event: "orders", on: { id: "customer" }, count: { lt: 3 } },
  { event: "orders", on: { id: "customer" }, count: { is_not: 3 } },
  { event: "orders", on: { id: "customer" }, sum: { field: "amount", gte: 9.99 } },
  { event: "orders", on: { id: "customer" }, sum: { field: "amount", lt: 0.001 } },
  { event: "orders", on: { id: "customer" }, sum: { field: "pieces", gt: 2 ** 63 } },
  { event: "orders", on: { id: "customer" }, sum: { field: "pieces", lte: 10 } },
  { event: "orders", on: { id: "customer" }, sum: { field: "weight", gte: 2.75 } },
  { event: "orders", on: { id: "customer" }, sum: { field: "weight", lt: 2.75 } },
  { event: "orders", on: { id: "customer" }, first: { field: "ordered_at", before: "2026-03-29" } },
  { event: "orders", on: { id: "customer" }, last: { field: "ordered_at", within_last: "1d" } },
  { event: "orders", on: { id: "customer" }, first: { field: "shipped_on", not_within_last: "154d" } },
  { event: "orders", on: { id: "customer" }, last: { field: "shipped_on", after: { ago: "1mo" } } },
];

export const treeRules: readonly Rule[] = [
  { all: [] },
  { any: [] },
  { not: { field: "name", is: "FR" } },
  { all: [{ field: "visits", gte: 1 }, { any: [{ field: "ratio", gt: 1 }, { not: { field: "spent", lt: 10 } }] }] },
  { in_segment: "early" },
  { in_segment: "some" },
  { in_audience: "kept" },
  { not: { in_audience: "kept" } },
  {
    all: [
      { in_segment: "early" },
      {
        event: "orders",
        on: { id: "customer" },
        where: { related: "customers", on: { customer: "id" }, where: { in_segment: "some" } },
      },
    ],
  },
];
