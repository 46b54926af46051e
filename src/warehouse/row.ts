/** Cells of a row that a statement of ours gave, at the type its SQL promises; another one is a bug and says which column. */

export type Row = Readonly<Record<string, unknown>>;

/** Throws where there is no row, no such column, NULL, or no text. */
export function text(row: Row | undefined, column: string): string {
  return typed(textOrNull(row, column), column, "text");
}

/** Text or NULL; throws on anything else. */
export function textOrNull(row: Row | undefined, column: string): string | null {
  const cell = cellOf(row, column);
  if (cell === null || typeof cell === "string") return cell;
  throw wrong(column, "text", typeof cell);
}

/** A count, or milliseconds: a whole number within ±2^53. Throws where there is no row, no such column, NULL, or another value. */
export function integer(row: Row | undefined, column: string): number {
  return typed(integerOrNull(row, column), column, "a whole number");
}

/** A whole number within ±2^53, or NULL; throws on anything else. */
export function integerOrNull(row: Row | undefined, column: string): number | null {
  const cell = cellOf(row, column);
  if (cell === null || (typeof cell === "number" && Number.isSafeInteger(cell))) return cell;
  throw wrong(column, "a whole number", typeof cell);
}

function cellOf(row: Row | undefined, column: string): unknown {
  if (row === undefined) throw new TypeError(`the warehouse gave no row, where one with "${column}" was expected`);
  return row[column];
}

function typed<T>(cell: T | null, column: string, expected: string): T {
  if (cell === null) throw wrong(column, expected, "NULL");
  return cell;
}

/** Never the value itself: it may be personal. */
const wrong = (column: string, expected: string, found: string): TypeError =>
  new TypeError(`the warehouse gave ${found} in column "${column}", where ${expected} was expected`);
