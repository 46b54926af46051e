/**
 * Times of the future in a ledger: a clock that ran ahead wrote them and has been set right since. Left alone, doubt would stay
 * young and refusals would wait until the clock gets there, a year perhaps; each is taken for a time of now (F08).
 */
import { heldStatement } from "../ledger/state.ts";
import { rejectionsTable, sentTable } from "../ledger/tables.ts";
import type { Workspace } from "./workspace.ts";

/** Sets what lies after `now` to now, for one sync without an open plan; under our fence. */
export async function forgetFuture(
  { warehouse, ledger, known }: Pick<Workspace, "warehouse" | "ledger" | "known">,
  id: string,
  { fence, now }: { readonly fence: number; readonly now: number },
): Promise<void> {
  const rows = known.rows.get(id);
  if (rows !== undefined && rows.newestAt <= now) return;
  const sent = sentTable(ledger, id);
  const rejections = rejectionsTable(ledger, id);
  await warehouse.script([
    heldStatement(warehouse, ledger, id, { holds: { fence, openPlan: null } }),
    `UPDATE ${sent} SET doubt_at = ${now} WHERE doubt_at > ${now}`,
    `UPDATE ${sent} SET sent_at = ${now} WHERE sent_at > ${now}`,
    `UPDATE ${rejections} SET first_at = least(first_at, ${now}), last_at = ${now}, next_after = ${now} WHERE last_at > ${now}`,
  ]);
}
