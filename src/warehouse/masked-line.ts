/** A line of a warehouse's error with `…` for what may be a row's value: quoted texts and numbers. */
export function withoutValues(line: string): string {
  return line
    .replace(/'(?:[^']|'')*'/g, "'…'")
    .replace(/"[^"]*"/g, '"…"')
    .replace(/(?<![A-Za-z0-9_])-?\d[\d.:+-]*/g, "…");
}

/** At most 300 characters. */
export function cut(line: string): string {
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
