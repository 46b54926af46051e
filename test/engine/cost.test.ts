/** What plans cost: bytes by sync, an audience once for all its syncs, dollars by the environment's price. */
import { expect, it } from "vitest";
import { costsOf } from "../../src/engine/cost.ts";
import type { Plans } from "../../src/engine/plan-all.ts";
import type { WarehouseSpec } from "../../src/project/project.ts";
import type { Estimate } from "../../src/warehouse/warehouse.ts";

const tib = 2 ** 40;
const reads = (share: number): Estimate => ({ bytes: share * tib, tables: 2 });
const sync = (name: string, audience?: string) => ({
  name,
  spec: audience === undefined ? { model: "customers" } : { audience },
});

const plansOf = (estimate: (share: number) => Estimate | null) =>
  ({
    planned: [
      { sync: sync("broken", "vip"), problems: [{ code: "E724" }] },
      { sync: sync("vip_to_meta", "vip"), plan: { estimate: estimate(0.25) } },
      { sync: sync("all_to_crm"), plan: { estimate: estimate(2) } },
      { sync: sync("vip_to_google", "vip"), plan: { estimate: estimate(0.5) } },
    ],
    audiences: new Map([["vip", { estimate: estimate(1) }]]),
  }) as unknown as Plans;

const bigquery = (price?: number): WarehouseSpec => ({
  type: "bigquery",
  connection: { project: "shop" },
  ledger_schema: "millrace",
  model_schema: "millrace_models",
  ...(price === undefined ? {} : { price_per_tib: price }),
});

it.each([
  ["the default price", bigquery(), 6.25],
  ["the environment's own", bigquery(8), 8],
  ["none for reserved slots", bigquery(0), 0],
])("counts an audience with the first sync that is planned, at %s", (_, warehouse, price) => {
  expect([...costsOf(plansOf(reads), warehouse)]).toEqual([
    ["vip_to_meta", { bytes: 1.25 * tib, usd: 1.25 * price }],
    ["all_to_crm", { bytes: 2 * tib, usd: 2 * price }],
    ["vip_to_google", { bytes: 0.5 * tib, usd: 0.5 * price }],
  ]);
});

it("says nothing where the warehouse tells no bytes", () => {
  expect([
    ...costsOf(
      plansOf(() => null),
      bigquery(),
    ),
  ]).toEqual([]);
});
