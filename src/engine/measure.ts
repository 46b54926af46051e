/** How large their targets are at the platforms, and how many of those sent they knew: asked now and then, kept for `status`. */
import type { Measured } from "../destination/index.ts";
import { sharedTable, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { integer, integerOrNull, text } from "../warehouse/row.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { LedgerView } from "./open-ledger.ts";

/** What a run that sent nothing asks again after: platforms count in hours. */
export const measureAgainMs = 6 * 3_600_000;

/** What a platform last said of a sync's target. */
export interface RemoteStats {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly sizeLow: number | null;
  readonly sizeHigh: number | null;
  /** 0 to 1. */
  readonly matchRate: number | null;
}

type Opened = { readonly warehouse: Warehouse; readonly ledger: Ledger };

/** Adds what was found; nothing where the platform said nothing. */
export async function keepMeasured(
  { warehouse, ledger }: Opened,
  id: string,
  measured: Measured | null,
  at: number,
): Promise<void> {
  const { sizeLow, sizeHigh, matchRate } = measured ?? {};
  if (sizeLow === undefined && sizeHigh === undefined && matchRate === undefined) return;
  const { literal } = warehouse.dialect;
  const marked = warehouse.labelled({ sync: id });
  const cells = [id, at, sizeLow ?? null, sizeHigh ?? null, matchRate ?? null].map((cell) => literal(cell));
  await marked.execute(`INSERT INTO ${sharedTable(ledger, "remote_stats")} VALUES (${cells.join(", ")})`);
}

/** The newest of each kind of figure, by internal id. */
export async function readMeasured(view: LedgerView): Promise<ReadonlyMap<string, RemoteStats>> {
  const { warehouse, ledger, tables } = view;
  if (!tables.includes("remote_stats")) return new Map();
  const at = warehouse.dialect.quote("at");
  const newest = (column: string): string => `${wordsOf(ledger.dialect).newest(column, at)} AS ${column}`;
  const rows = await warehouse.rows(`SELECT sync, max(${at}) AS ${at},
  ${newest("size_low")}, ${newest("size_high")}, ${newest("match_rate")}
  FROM ${sharedTable(ledger, "remote_stats")} GROUP BY sync`);
  const number = (cell: unknown): number | null => (cell == null ? null : Number(cell));
  return new Map(
    rows.map((row) => [
      text(row, "sync"),
      {
        at: integer(row, "at"),
        sizeLow: integerOrNull(row, "size_low"),
        sizeHigh: integerOrNull(row, "size_high"),
        matchRate: number(row["match_rate"]),
      },
    ]),
  );
}
