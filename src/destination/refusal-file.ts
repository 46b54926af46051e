import { csvLines, type Separator } from "./csv-rows.ts";

export interface RefusalFile {
  /** A value that was sent -> the platform's words about it, empty where it has none. */
  readonly words: ReadonlyMap<string, string>;
  /** Lines that name no value that was sent. */
  readonly strange: number;
}

/** Headings of columns that say why. */
const telling = /error|reason|message/i;

/**
 * Which of the identifiers that were sent a platform's CSV of refused rows names, in lower case. They stand under a heading that
 * begins with their kind; where none does, in the first column that has one of them. Platforms separate by commas, semicolons or tabs, with or without a line
 * of headings. Undefined where the text is no CSV or names none of them.
 */
export function refusalFile(text: string, sent: ReadonlySet<string>, kind: string): RefusalFile | undefined {
  const lines = csvLines(text, separatorOf(text));
  if (lines === undefined) return undefined;
  const named = (cell: string | undefined): string | undefined => {
    const value = (cell ?? "").trim().toLowerCase();
    return sent.has(value) ? value : undefined;
  };
  const headed = lines[0]?.some((cell) => named(cell) !== undefined) === false;
  const headings = headed ? (lines[0] ?? []) : [];
  const rows = headed ? lines.slice(1) : lines;
  const headedAt = headings.findIndex((heading) =>
    heading
      .toLowerCase()
      .replace(/[^a-z]/g, "")
      .startsWith(kind),
  );
  const at = headedAt >= 0 ? headedAt : firstColumn(rows, (cell) => named(cell) !== undefined);
  const why = [...headings.keys()].filter((index) => index !== at && telling.test(headings[index] ?? ""));
  const words = new Map<string, string>();
  let strange = 0;
  for (const row of rows) {
    const value = named(row[at]);
    if (value === undefined) strange += 1;
    else if (!words.has(value)) words.set(value, why.flatMap((index) => row[index]?.trim() || []).join(": "));
  }
  return words.size === 0 ? undefined : { words, strange };
}

/** The leftmost column that has such a cell in any row. */
function firstColumn(rows: readonly (readonly string[])[], has: (cell: string) => boolean): number {
  const places = rows.map((row) => row.findIndex(has));
  return places.reduce((first, place) => (place < 0 ? first : Math.min(first, place)), Number.POSITIVE_INFINITY);
}

/** The first separator of the first line. */
function separatorOf(text: string): Separator {
  const [, found] = /^(?:"[^"]*"|[^",;\t\r\n])*([,;\t])/.exec(text.slice(0, 10_000)) ?? [];
  return (found ?? ",") as Separator;
}
