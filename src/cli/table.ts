/** Aligned columns without borders, as the plan and status print them. */
export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Display width: characters beyond the basic plane and East Asian wide ones take two cells, combining marks none. */
export function width(text: string): number {
  let cells = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (/\p{Mark}/u.test(character)) continue;
    cells +=
      code >= 0x1100 &&
      (code <= 0x115f ||
        (code >= 0x2e80 && code <= 0xd7a3) ||
        (code >= 0xf900 && code <= 0xfaff) ||
        (code >= 0xfe30 && code <= 0xfe6f) ||
        (code >= 0xff00 && code <= 0xff60) ||
        code >= 0x1f300)
        ? 2
        : 1;
  }
  return cells;
}

/** The text filled with blanks to `cells`. */
export function pad(text: string, cells: number, align: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, cells - width(text)));
  return align === "left" ? text + blanks : blanks + text;
}

/** Cut to `cells` with an ellipsis. */
export function cut(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  let result = "";
  for (const character of text) {
    if (width(result + character) > cells - 1) break;
    result += character;
  }
  return `${result}…`;
}

/** Lines of a table, the header first when a column has a title; two blanks between columns, no trailing blanks. */
export function table(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  indent: string = "",
): readonly string[] {
  const titled = columns.some((column) => column.title !== "");
  const lines = titled ? [columns.map((column) => column.title), ...rows] : rows;
  const widths = columns.map((_, index) => Math.max(0, ...lines.map((line) => width(line[index] ?? ""))));
  return lines.map((line) => {
    const cells = columns.map((column, index) => pad(line[index] ?? "", widths[index]!, column.align));
    return (indent + cells.join("  ")).trimEnd();
  });
}
