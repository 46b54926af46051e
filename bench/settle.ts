/** One settle of a planned delta that the destination accepted whole, batch by batch of a thousand. */
import { closePlan, openPlan } from "../src/engine/close.ts";
import { freezePlan } from "../src/engine/frozen.ts";
import { mappingDefinition } from "../src/engine/mapping-versions.ts";
import { planSync } from "../src/engine/plan-sync.ts";
import type { DeliveryRecord } from "../src/engine/records.ts";
import { planCounts } from "../src/engine/plan-size.ts";
import { seqOf, type PlanSource } from "../src/engine/rows.ts";
import { settle } from "../src/engine/settle.ts";
import { planTable, type PlanOp } from "../src/engine/diff.ts";
import { fileVerdicts } from "../src/engine/verdicts.ts";
import { timed, type Took } from "./figure.ts";
import type { Bench } from "./project.ts";

const batchRows = 1000;

export async function settledOnce(made: Bench): Promise<Took> {
  const now = Date.now();
  const workspace = await made.open("settle");
  const { ferry, ledger } = workspace;
  const plan = await planSync(workspace, made.sync, {
    write: true,
    fence: 1,
    full: false,
    relation: null,
    now,
    retry: false,
  });
  const frozen = freezePlan(plan, "0".repeat(16), {
    project: workspace.project,
    retry: false,
    asOf: workspace.asOf.text,
    deliveredAt: now,
    definition: mappingDefinition(plan.shape),
  });
  const opened = { ferry, ledger, fence: 1, runId: "bench" };
  await openPlan(opened, frozen);
  const records = await acceptedAll(plan.source);
  let accepted = 0;
  const took = await timed(async () => {
    await fileVerdicts(ferry.desk, ferry.target, frozen.id, records);
    const { outcomes } = await settle({
      ferry,
      source: plan.source,
      ledger,
      plan: frozen.plan,
      runId: "bench",
      now,
      deliveredAt: now,
      fence: 1,
      retry: false,
      doubtAt: now,
      horizon: null,
      render: { asOf: frozen.asOf, lookups: new Map() },
    });
    await closePlan(opened, frozen, { serial: plan.state.serial, now });
    accepted = outcomes.accepted;
  });
  const planned = Object.values(await planCounts(plan.source)).reduce((sum, rows) => sum + rows, 0);
  await workspace.close();
  if (accepted !== planned) throw new Error(`settled ${accepted} of ${planned} changes`);
  return took;
}

/** The journal of a run in which every batch was answered with 200. */
async function acceptedAll(source: PlanSource): Promise<readonly DeliveryRecord[]> {
  const records: DeliveryRecord[] = [];
  const at = Date.now();
  for (const op of ["remove", "update", "add"] as const satisfies readonly PlanOp[]) {
    const places = await source.warehouse.rows(
      `SELECT min(n) AS a, max(n) AS z FROM (SELECT n, (row_number() OVER (ORDER BY n) - 1) // ${batchRows} AS batch FROM ${planTable(source.target, source.id)}
WHERE op = ${{ add: 1, update: 2, remove: 3 }[op]}) GROUP BY batch ORDER BY batch`,
    );
    for (const [index, { a, z }] of places.entries()) {
      const range = {
        b: `${op}${index}`,
        p: op === "remove" ? 1 : 0,
        a: seqOf(op, Number(a)),
        z: seqOf(op, Number(z)),
        at,
      };
      records.push({ t: "i", ...range, d: "bench" }, { t: "v", ...range, s: "accepted" });
    }
  }
  return records;
}
