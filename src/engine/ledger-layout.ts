/** The ledger's tables as text and back: which there are, and how each column is written so that nothing is lost. */
import { syncColumns, sharedColumns, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { wordsOf as audienceWords } from "../audience/words.ts";

/** A column of a ledger; exports hold the texts that DuckDB's ledgers have, whatever warehouse they are from. */
export interface LedgerColumn {
  readonly name: string;
  /** In SQL: the text that is read, and the value of a text that is written. */
  readonly toText: (column: string) => string;
  readonly fromText: (text: string) => string;
  /** The text of an export, of the text that was read, and back. */
  readonly exported: (text: string) => string;
  readonly imported: (text: string) => string | null;
}

const membersColumns = ["k", "entered_at", "entered_run", "left_at", "left_run"] as const;
const instants: ReadonlySet<string> = new Set(["entered_at", "left_at"]);

const perSync = /^(sent|rejections|state)__([a-z][a-z0-9_]*)$/;

/** Columns of a table of the ledger; null for what does not travel: rows of saved plans and foreign tables. */
export function layoutOf(ledger: Ledger, table: string): readonly LedgerColumn[] | null {
  const kind = perSync.exec(table)?.[1];
  if (audienceOf(table) !== null) return membersColumns.map((name) => memberColumn(ledger, name));
  const columns =
    kind === undefined ? sharedColumns(ledger, table) : syncColumns(ledger, kind as "sent" | "rejections" | "state");
  return columns === null ? null : columns.map(([name, type]) => columnOf(ledger, name, type));
}

/** `sent__newsletter` -> `newsletter`; null for tables that are not a sync's. */
export const syncIdOf = (table: string): string | null => perSync.exec(table)?.[2] ?? null;

/** `members__vip` -> `vip`; null for other tables. */
export const audienceOf = (table: string): string | null => /^members__([a-z][a-z0-9_]*)$/.exec(table)?.[1] ?? null;

const same = (text: string): string => text;

function columnOf({ dialect }: Ledger, name: string, type: string): LedgerColumn {
  const words = wordsOf(dialect);
  const cast = { toText: words.text, fromText: (text: string) => `CAST(${text} AS ${type})` };
  switch (name) {
    case "ids":
      return { name, toText: words.idsText, fromText: words.idsOf, exported: same, imported: same };
    case "h":
      return { name, ...cast, exported: words.exportedPrint, imported: words.importedPrint };
    case "h_fast":
    case "h_tag":
      // A fast print of another warehouse compares with nothing, and is no number of this one.
      return { name, ...cast, exported: same, imported: dialect.fastPrint([]) === null ? () => null : same };
    default:
      return { name, ...cast, exported: same, imported: same };
  }
}

/** Of a members history (audience/members.ts). */
function memberColumn({ dialect }: Ledger, name: string): LedgerColumn {
  const { text, instant } = audienceWords(dialect).types;
  if (!instants.has(name))
    return {
      name,
      toText: wordsOf(dialect).text,
      fromText: (value) => `CAST(${value} AS ${text})`,
      exported: same,
      imported: same,
    };
  return {
    name,
    toText: (column) => dialect.canonical(column, "timestamptz"),
    fromText: (value) => `CAST(${value} AS ${instant})`,
    exported: duckdbInstant,
    imported: isoInstant,
  };
}

/** `2026-03-02T06:00:00.250000Z` -> `2026-03-02 06:00:00.25+00`. */
const duckdbInstant = (iso: string): string => iso.replace("T", " ").replace(/\.?0*Z$/, "+00");

/** Back, as every warehouse reads it: `2026-03-02T06:00:00.25+00:00`. */
const isoInstant = (text: string): string => text.replace(" ", "T").replace(/(Z|\+00(:?00)?)$/, "+00:00");
