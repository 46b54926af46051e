import { describe, expect, it } from "vitest";
import { buildGraph, findCycles, namesInRule, resolveRef } from "../../src/project/graph.ts";
import { load, loadGood, told } from "./sample.ts";

const files = {
  "seeds/countries.csv": "code\nFR\n",
  "seeds/shop/customers.csv": "customer_id\n1\n",
  "models/orders.sql":
    "select 1 as order_id, customer_id from {{ ref('customers') }} join {{ ref('countries') }} using (code)",
  "models/audiences/more.yml":
    "audiences:\n  - { name: more, model: customers, sql: more.sql, exclude: [french] }\nsyncs:\n  - { name: more_to_crm, audience: more, destination: crm, object: member, mode: mirror }",
  "models/audiences/more.sql": "select customer_id from {{ ref('orders') }}",
};

describe("buildGraph", () => {
  it("goes from sources to destinations, through SQL, rules and lists", async () => {
    const project = await loadGood(files);
    const graph = buildGraph(project);
    expect(Object.fromEntries([...graph.nodes.values()].map(({ id, parents }) => [id, parents]))).toEqual({
      "source:shop.customers": [],
      "seed:countries": [],
      "model:customers": ["source:shop.customers"],
      "model:orders": ["model:customers", "seed:countries"],
      "audience:french": ["model:customers"],
      "audience:more": ["audience:french", "model:customers", "model:orders"],
      "sync:french_to_crm": ["audience:french"],
      "sync:more_to_crm": ["audience:more"],
      "destination:crm": ["sync:french_to_crm", "sync:more_to_crm"],
    });
    for (const { id, parents } of graph.nodes.values())
      for (const parent of parents) expect(graph.order.indexOf(parent)).toBeLessThan(graph.order.indexOf(id));
    expect(graph.order).toHaveLength(graph.nodes.size);
    expect([...graph.upstream("model:orders")].toSorted()).toEqual([
      "model:customers",
      "seed:countries",
      "source:shop.customers",
    ]);
    expect([...graph.downstream("audience:french", 1)].toSorted()).toEqual(["audience:more", "sync:french_to_crm"]);
    expect(resolveRef(project, "countries")).toBe("seed:countries");
    expect(resolveRef(project, "shop.customers")).toBeNull();
    expect(project.seeds.get("shop.customers")).toEqual({
      name: "shop.customers",
      path: "seeds/shop/customers.csv",
      format: "csv",
      column_types: {},
    });
  });

  it("finds cycles through segments, and of after", async () => {
    const { diagnostics } = await load({
      "models/more.yml": [
        "segments:",
        "  - { name: a, model: customers, where: { in_segment: b } }",
        "  - { name: b, model: customers, where: { not: { in_segment: a } } }",
        "syncs:",
        "  - { name: x, model: customers, destination: crm, object: member, mode: mirror, after: [y] }",
        "  - { name: y, model: customers, destination: crm, object: member, mode: mirror, after: [x] }",
      ].join("\n"),
    });
    expect(told(diagnostics)).toEqual([
      "E210 models/more.yml:2:13 a cycle: a -> b -> a",
      "E210 models/more.yml:5:89 syncs wait for each other: x -> y -> x",
    ]);
  });
});

it("finds each cycle once, and one of itself", () => {
  const parents: Record<string, readonly string[]> = { a: ["b"], b: ["a"], c: ["c"], d: ["a"] };
  expect(findCycles((id) => parents[id] ?? [], new Set(["a", "b", "c", "d"]))).toEqual([
    ["a", "b", "a"],
    ["c", "c"],
  ]);
});

it("names what a rule mentions, with its path", () => {
  const rule = {
    all: [
      { not: { in_segment: "s" } },
      { event: "orders", on: "id", where: { any: [{ in_audience: "a" }] } },
      { field: "x", is: 1 },
    ],
  } as const;
  expect(namesInRule(rule)).toEqual([
    { kind: "segment", name: "s", path: ["all", 0, "not", "in_segment"] },
    { kind: "model", name: "orders", path: ["all", 1, "event"] },
    { kind: "audience", name: "a", path: ["all", 1, "where", "any", 0, "in_audience"] },
  ]);
});
