/**
 * The common settle, in SQL: a plain plan of which every row was accepted. What the rules make of such a row is the same
 * for all of them (ok with today's print, or gone), so nothing has to be looked at one by one; anything else is left to
 * ./settle.ts, whose results a test holds these to.
 */
import { sentTable, sharedTable } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { heldStatement } from "../ledger/state.ts";
import { opCodes, planTable } from "./diff.ts";
import { noEnding, withRows } from "./ending.ts";
import { isPlain } from "./plain.ts";
import { planCounts, planLength } from "./plan-size.ts";
import type { SettleCounts, SettleOptions } from "./settle.ts";
import { allAccepted } from "./verdicts.ts";

const defaultWindowRows = 1_000_000;

/** Settles the plan when all of it was accepted in whole batches and no row of it is special; else null, nothing written. */
export async function settleAccepted(options: SettleOptions): Promise<SettleCounts | null> {
  const { ferry, source, ending = noEnding, windowRows = defaultWindowRows } = options;
  const { warehouse, target, id } = source;
  const { add, update, remove, refresh } = await planCounts(source);
  const rows = add + update + remove;
  if (rows === 0 || refresh > 0 || !(await isPlain(source))) return null;
  if (!(await allAccepted(warehouse, target, id, rows))) return null;
  const length = await planLength(source);
  const standing = ferry.standing.of(planTable(target, id));
  for (let from = 1; from <= length; from += windowRows) {
    const within = `WHERE n >= ${from} AND n < ${from + windowRows}`;
    const window = (table: string): string => `SELECT k, seq, op, h, h_fast, b_remote_id FROM ${table} ${within}`;
    const last = from + windowRows > length ? ending : noEnding;
    // What the warehouse still has of the plan does not have to travel back.
    const lent = standing === null ? [window(planTable(target, id))] : [];
    await withRows(ferry, lent, last, ([relation = `(${window(standing ?? "")})`], ended) =>
      ferry.warehouse.script([...windowStatements(options, relation), ...ended]),
    );
  }
  const outcomes = { accepted: rows, rejected: 0, deferred: 0, skipped: 0, unsent: 0, unknown: 0 };
  return { outcomes, accepted: { add, update, remove } };
}

/** `window`: the rows of the plan to be written, as the warehouse can read them. */
function windowStatements(options: SettleOptions, window: string): readonly string[] {
  const { ferry, source, ledger, plan, runId, fence, now } = options;
  const { warehouse } = ferry;
  const { id, shape, m, tag } = source;
  const { literal } = warehouse.dialect;
  const sent = sentTable(ledger, id);
  const changes = sharedTable(ledger, "changes");
  const sync = literal(shape.sync.name);
  const op = `CASE op WHEN ${opCodes.add} THEN 'add' WHEN ${opCodes.update} THEN 'update' ELSE 'remove' END`;
  return [
    heldStatement(warehouse, ledger, id, { holds: { fence, openPlan: plan } }),
    `DELETE FROM ${sent} WHERE k IN (SELECT k FROM ${window})`,
    `INSERT INTO ${sent} SELECT k, h, h_fast, CASE WHEN h_fast IS NULL THEN NULL ELSE ${tag} END, ${m},
  ${wordsOf(ledger.dialect).ownKeyIds("k")}, 'ok', NULL, b_remote_id, NULL, NULL, ${literal(runId)}, ${now}
FROM ${window} WHERE op <> ${opCodes.remove}`,
    `DELETE FROM ${changes} WHERE plan = ${literal(plan)} AND sync = ${sync} AND seq IN (SELECT seq FROM ${window})`,
    `INSERT INTO ${changes} SELECT ${literal(runId)}, ${literal(plan)}, ${sync}, k, seq, 0, ${op}, 'accepted', NULL, NULL, ${now} FROM ${window}`,
  ];
}
