/** `require_success`: what dbt's last run says about the nodes it built. */
import type { RunResults } from "./manifest-schema.ts";

/** Commands of dbt that build or test; the others write a run_results.json as well, which says nothing about tables. */
const building = new Set(["build", "run", "test", "seed", "snapshot", "retry"]);

const bad = new Set(["error", "fail", "skipped", "runtime error", "partial success"]);

export interface Success {
  readonly failed: ReadonlyMap<string, string>;
  readonly unproven: string | null;
}

/**
 * Unique ids of what failed, with why; a failed test counts against the node it stands at. Nodes that the run did not
 * choose keep what an earlier run left: nothing speaks against them.
 */
export function judgeResults(results: RunResults, attachedTo: ReadonlyMap<string, string>): Success {
  const { which } = results.args;
  if (typeof which === "string" && !building.has(which))
    return { failed: new Map(), unproven: `run_results.json is of "dbt ${which.slice(0, 40)}", which builds nothing` };
  const failed = new Map<string, string>();
  for (const { unique_id: id, status } of results.results) {
    if (!bad.has(status)) continue;
    const test = attachedTo.get(id);
    if (test === undefined) failed.set(id, `dbt reports it as ${status}`);
    else if (status !== "skipped" && !failed.has(test))
      failed.set(test, `its dbt test ${testName(id)} ended as ${status}`);
  }
  return { failed, unproven: null };
}

/** `test.shop.unique_orders_id.c5af1ff4b1` -> `unique_orders_id`. */
function testName(id: string): string {
  return id.split(".")[2] ?? id;
}
