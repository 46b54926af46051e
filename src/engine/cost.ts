/** What the statements of a plan cost, where the warehouse says beforehand how many bytes they read. */
import type { PlannedSync } from "../core.ts";
import type { WarehouseSpec } from "../project/project.ts";
import type { Plans } from "./plan-all.ts";

type Cost = NonNullable<PlannedSync["cost"]>;

/** US dollars on demand in the United States (unverified): `price_per_tib` says what is paid elsewhere, or 0 for reserved slots. */
export const defaultPricePerTib = 6.25;
const tib = 2 ** 40;

/**
 * Sync -> what it reads: the wanted rows and its ledger. The query of an audience is run once for all its syncs and counts
 * with the first of them, so that the sum over a plan is what the plan reads. Nothing where the warehouse tells no bytes.
 */
export function costsOf({ planned, audiences }: Plans, warehouse: WarehouseSpec): ReadonlyMap<string, Cost> {
  const price = warehouse.type === "bigquery" ? (warehouse.price_per_tib ?? defaultPricePerTib) : 0;
  const costs = new Map<string, Cost>();
  const counted = new Set<string>();
  for (const each of planned) {
    if (!("plan" in each) || each.plan.estimate === null) continue;
    const { audience } = each.sync.spec;
    const members = audience === undefined || counted.has(audience) ? null : audiences.get(audience)?.estimate;
    if (audience !== undefined) counted.add(audience);
    const bytes = each.plan.estimate.bytes + (members?.bytes ?? 0);
    costs.set(each.sync.name, { bytes, usd: (bytes / tib) * price });
  }
  return costs;
}
