export type Separator = "," | ";" | "\t";

/** A cell and what ends it. */
const cells = (separator: Separator): RegExp =>
  new RegExp(`"([^"]*(?:""[^"]*)*)"(${separator}|\\r?\\n|$)|([^"${separator}\\r\\n]*)(${separator}|\\r?\\n|$)`, "y");

/**
 * RFC 4180 text as lines of cells; undefined where it is none (an unclosed quote, lines of several widths). Lines without any
 * character are left out; a missing last line end is no fault.
 */
export function csvLines(text: string, separator: Separator = ","): readonly (readonly string[])[] | undefined {
  const lines: string[][] = [];
  let line: string[] = [];
  const cell = cells(separator);
  cell.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (found === null) return undefined;
    const [, quoted, quotedEnd, plain, plainEnd] = found;
    line.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    const end = quotedEnd ?? plainEnd;
    if (end === separator) {
      // A separator at the very end stands before an empty cell.
      if (cell.lastIndex < text.length) continue;
      line.push("");
    }
    if (line.length > 1 || found[0].trim() !== "") lines.push(line);
    line = [];
  }
  return lines.some(({ length }) => length !== lines[0]?.length) ? undefined : lines;
}

/** The same with a header line, as rows by column. */
export function csvRows(text: string): readonly Readonly<Record<string, string>>[] | undefined {
  const lines = csvLines(text);
  const [header = [], ...rows] = lines ?? [];
  return lines && rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ""])));
}
