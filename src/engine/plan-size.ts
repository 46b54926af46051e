/** How many rows a plan has: what reading is checked against, and what figures are relative to. */
import { lastAsked, opCodes, planTable, type PlanOp } from "./diff.ts";
import type { PlanSource } from "./rows.ts";

const opNames = Object.keys(opCodes) as readonly PlanOp[];

/** Largest `n` of the plan's asked rows, 0 when nothing is asked. */
export async function planLength({ warehouse, target, id }: PlanSource): Promise<number> {
  const [row] = await warehouse.rows(
    `SELECT coalesce(max(n), 0) AS n FROM ${planTable(target, id)} WHERE op <= ${lastAsked}`,
  );
  return Number(row?.["n"] ?? 0);
}

/** Rows per op. */
export async function planCounts({ warehouse, target, id }: PlanSource): Promise<Readonly<Record<PlanOp, number>>> {
  const rows = await warehouse.rows(`SELECT op, count(*) AS rows FROM ${planTable(target, id)} GROUP BY op`);
  const counts = { add: 0, update: 0, remove: 0, refresh: 0 };
  for (const row of rows) {
    const name = opNames.find((op) => opCodes[op] === Number(row["op"]));
    if (name !== undefined) counts[name] = Number(row["rows"]);
  }
  return counts;
}
