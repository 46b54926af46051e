/** A cell and what ends it. */
const cells = /"([^"]*(?:""[^"]*)*)"(,|\r?\n|$)|([^",\r\n]*)(,|\r?\n|$)/y;

/**
 * RFC 4180 text with a header line as rows by column; undefined where it is none (an unclosed quote, a row of another width).
 * Lines without any character are left out; a missing last line end is no fault.
 */
export function csvRows(text: string): readonly Readonly<Record<string, string>>[] | undefined {
  const lines: string[][] = [];
  let line: string[] = [];
  cells.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  while (cells.lastIndex < text.length) {
    const found = cells.exec(text);
    if (found === null) return undefined;
    const [, quoted, quotedEnd, plain, plainEnd] = found;
    line.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    const end = quotedEnd ?? plainEnd;
    if (end === ",") {
      // A comma at the very end stands before an empty cell.
      if (cells.lastIndex < text.length) continue;
      line.push("");
    }
    if (line.length > 1 || found[0].trim() !== "") lines.push(line);
    line = [];
  }
  const [header = [], ...rows] = lines;
  if (rows.some((row) => row.length !== header.length)) return undefined;
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ""])));
}
