/** The ledger's tables as text and back: which there are, and how each column is written so that nothing is lost. */
import { syncColumns, sharedColumns, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";

export interface LedgerColumn {
  readonly name: string;
  readonly toText: (column: string) => string;
  readonly fromText: (text: string) => string;
}

/** Columns of a members history (audience/members.ts). */
const membersColumns = [
  ["k", "VARCHAR"],
  ["entered_at", "TIMESTAMP WITH TIME ZONE"],
  ["entered_run", "VARCHAR"],
  ["left_at", "TIMESTAMP WITH TIME ZONE"],
  ["left_run", "VARCHAR"],
] as const;

const perSync = /^(sent|rejections|state)__([a-z][a-z0-9_]*)$/;

/** Columns of a table of the ledger; null for what does not travel: rows of saved plans and foreign tables. */
export function layoutOf(ledger: Ledger, table: string): readonly LedgerColumn[] | null {
  const columns = columnsOf(ledger, table);
  return columns === null ? null : columns.map(([name, type]) => columnOf(ledger, name, type));
}

/** `sent__newsletter` -> `newsletter`; null for tables that are not a sync's. */
export const syncIdOf = (table: string): string | null => perSync.exec(table)?.[2] ?? null;

/** `members__vip` -> `vip`; null for other tables. */
export const audienceOf = (table: string): string | null => /^members__([a-z][a-z0-9_]*)$/.exec(table)?.[1] ?? null;

function columnsOf(ledger: Ledger, table: string): readonly (readonly [string, string])[] | null {
  const kind = perSync.exec(table)?.[1];
  if (kind !== undefined) return syncColumns(ledger, kind as "sent" | "rejections" | "state");
  return audienceOf(table) === null ? sharedColumns(ledger, table) : membersColumns;
}

function columnOf({ dialect }: Ledger, name: string, type: string): LedgerColumn {
  const words = wordsOf(dialect);
  if (name === "ids") return { name, toText: words.idsText, fromText: words.idsOf };
  return { name, toText: words.text, fromText: (text) => `CAST(${text} AS ${type})` };
}
