/**
 * Fast prints of another engine, platform or column type compare with nothing (R18). Rows that the stable print shows to be
 * unchanged get today's fast one at the end of the run that found them so: the next run compares fast prints again.
 */
import { sentTable, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import { comparesPrints, wantedSide, type DiffInput } from "./diff.ts";
import { stablePrint } from "./wanted.ts";

export const restampTable = (target: string, id: string): string => `${target}."restamp__${id}"`;

/** States whose rows are compared by print. */
const compared = "state IN ('ok', 'assumed')";

/**
 * Makes `restamp__<id>` (k, h, h_fast) of the wanted rows that are unchanged under a tag that is not today's, and counts
 * them. The model is not read while every tag of the ledger is today's.
 */
export async function collectStale(ferry: Ferry, input: DiffInput): Promise<number> {
  if (!comparesPrints(input) || input.ledger.dialect.fastPrint([]) === null) return 0;
  const { ledger, id, shape, tag } = input;
  const table = restampTable(ferry.target, id);
  const { dialect } = ledger;
  const stable = stablePrint(dialect, shape, (column) => `d.${dialect.quote(column)}`);
  const stale = `SELECT k, h FROM ${sentTable(ledger, id)} WHERE ${compared} AND h IS NOT NULL AND h_tag IS DISTINCT FROM ${tag}`;
  await ferry.bring(
    table,
    `SELECT s.k, s.h, d.h_fast FROM ${wantedSide(input)} d JOIN (${stale}) s ON d.k = s.k WHERE s.h = ${stable}`,
  );
  const [row] = await ferry.desk.rows(`SELECT count(*) AS rows FROM ${table}`);
  return Number(row?.["rows"] ?? 0);
}

/**
 * Statement that writes the collected prints (`stale`, a relation), in a transaction that names fence and plan (R22). Rows that
 * were settled since have today's tag, or other content: neither is touched.
 */
export function restampStatement(ledger: Ledger, stale: string, id: string, tag: number): string {
  return wordsOf(ledger.dialect).updateFrom({
    table: sentTable(ledger, id),
    set: { h_fast: "r.h_fast", h_tag: String(tag) },
    from: stale,
    where: `t.k = r.k AND t.h = r.h AND t.h_tag IS DISTINCT FROM ${tag} AND t.${compared}`,
  });
}
