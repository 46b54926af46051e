/** Rows of the ledger with a request whose effect is not known, as the rules take them. */
import type { SentIdentifier } from "../core.ts";
import type { LedgerRow } from "../ledger/rules.ts";
import { sentTable, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { integer, integerOrNull, text, textOrNull } from "../warehouse/row.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";

/** The rows of a sync for which a condition on the ledger's columns holds, by key; `id`: internal id of the sync. */
export async function unsettledRows(
  warehouse: Warehouse,
  ledger: Ledger,
  id: string,
  where: string,
): Promise<readonly LedgerRow[]> {
  const { text: asText, idsText } = wordsOf(ledger.dialect);
  const rows = await warehouse.rows(`SELECT k, ${asText("h")} AS h, ${asText("h_fast")} AS h_fast, m,
  ${idsText("ids")} AS ids, state, doubt_at, remote_id, idem, fields, run_id, sent_at
FROM ${sentTable(ledger, id)} WHERE ${where} ORDER BY k`);
  return rows.map((row) => ({
    k: text(row, "k"),
    h: textOrNull(row, "h"),
    hFast: textOrNull(row, "h_fast"),
    m: integerOrNull(row, "m"),
    ids: JSON.parse(textOrNull(row, "ids") ?? "[]") as readonly SentIdentifier[],
    state: text(row, "state") as LedgerRow["state"],
    doubtAt: integerOrNull(row, "doubt_at"),
    remoteId: textOrNull(row, "remote_id"),
    idem: textOrNull(row, "idem"),
    fields: textOrNull(row, "fields"),
    runId: text(row, "run_id"),
    sentAt: integer(row, "sent_at"),
  }));
}
