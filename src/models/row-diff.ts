/** A row as texts by column; null is NULL. */
export type TextRow = Readonly<Record<string, string | null>>;

export interface RowDiff {
  readonly equal: boolean;
  /** What a person reads, cell by cell. */
  readonly lines: readonly string[];
}

/** Compares rows without regard to their order; rows of one key that are not equal are shown cell by cell. */
export function diffRows(
  expected: readonly TextRow[],
  actual: readonly TextRow[],
  columns: readonly string[],
  key: readonly string[],
): RowDiff {
  const { onlyLeft, onlyRight } = unmatched(expected, actual, columns);
  const pairs: [TextRow, TextRow][] = [];
  const missing: TextRow[] = [];
  const rest = [...onlyRight];
  for (const row of onlyLeft) {
    const found = rest.findIndex((other) => key.every((column) => other[column] === row[column]));
    if (found < 0) missing.push(row);
    else pairs.push([row, ...(rest.splice(found, 1) as [TextRow])]);
  }
  const equal = pairs.length + missing.length + rest.length === 0;
  return { equal, lines: equal ? [] : lines(pairs, missing, rest, columns, key) };
}

function unmatched(
  left: readonly TextRow[],
  right: readonly TextRow[],
  columns: readonly string[],
): { onlyLeft: TextRow[]; onlyRight: TextRow[] } {
  const print = (row: TextRow): string => JSON.stringify(columns.map((column) => row[column] ?? null));
  const spare = new Map<string, number>();
  for (const row of right) spare.set(print(row), (spare.get(print(row)) ?? 0) + 1);
  const onlyLeft = left.filter((row) => !take(spare, print(row)));
  return { onlyLeft, onlyRight: right.filter((row) => take(spare, print(row))) };
}

function take(counts: Map<string, number>, print: string): boolean {
  const count = counts.get(print) ?? 0;
  if (count > 0) counts.set(print, count - 1);
  return count > 0;
}

function lines(
  pairs: readonly [TextRow, TextRow][],
  missing: readonly TextRow[],
  unexpected: readonly TextRow[],
  columns: readonly string[],
  key: readonly string[],
): readonly string[] {
  const head =
    pairs.length === 0
      ? []
      : [`${pairs.length} row${pairs.length === 1 ? " differs" : "s differ"} (key ${key.join(", ")})`];
  const wrong = columns.filter(
    (column) => !key.includes(column) && pairs.some(([left, right]) => left[column] !== right[column]),
  );
  const cells = pairs.flatMap(([left, right]) => [
    [
      ...key.map((column) => show(left[column])),
      ...wrong.map((column) =>
        left[column] === right[column] ? show(left[column]) : `expected ${show(left[column])}`,
      ),
    ],
    [
      ...key.map(() => ""),
      ...wrong.map((column) => (left[column] === right[column] ? "" : `actual   ${show(right[column])}`)),
    ],
  ]);
  return [
    ...head,
    ...(pairs.length === 0 ? [] : table([...key, ...wrong], cells)),
    ...listing("missing", missing, columns),
    ...listing("unexpected", unexpected, columns),
    `missing rows: ${missing.length} · unexpected rows: ${unexpected.length} · columns compared: ${columns.join(", ")}`,
  ];
}

function listing(word: string, rows: readonly TextRow[], columns: readonly string[]): readonly string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, 5).map((row) => columns.map((column) => show(row[column])));
  return [`${word}:`, ...table(columns, shown), ...(rows.length > 5 ? [`… and ${rows.length - 5} more`] : [])];
}

function show(value: string | null | undefined): string {
  return value === null || value === undefined ? "NULL" : value.length > 60 ? `${value.slice(0, 59)}…` : value;
}

/** Columns side by side: `a │ b`, a rule below the head. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((name, index) => Math.max(name.length, ...rows.map((row) => (row[index] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join(" │ ")
      .trimEnd();
  return [line(head), widths.map((width) => "─".repeat(width)).join("─┼─"), ...rows.map(line)];
}
