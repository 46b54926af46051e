import type { Ferry } from "../warehouse/ferry.ts";
import {
  deltaStatement,
  deltaTable,
  planQuery,
  planTable,
  reprintQuery,
  reprintTable,
  type DiffInput,
} from "./diff.ts";

/** Makes `plan__<id>` at the desk, and `reprint__<id>` where older mappings are compared (from_now). */
export async function freezeDiff(ferry: Ferry, input: DiffInput): Promise<void> {
  const { id, older, estimate = null } = input;
  const { warehouse, target } = ferry;
  await warehouse.execute(deltaStatement(input), [], { estimate });
  if (older.length > 0) await ferry.bring(reprintTable(target, id), reprintQuery(input));
  await ferry.bring(planTable(target, id), planQuery(input));
  await warehouse.execute(`DROP TABLE ${deltaTable(input)}`);
}
