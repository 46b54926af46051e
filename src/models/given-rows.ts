import type { Json } from "../core.ts";
import type { Column, ColumnFamily, Dialect } from "../warehouse/warehouse.ts";
import { wordsOf } from "./words.ts";

export type Rows = readonly Readonly<Record<string, Json>>[];

/**
 * Rows of a unit test as a SELECT, typed like the real input where its columns are known (those left out are NULL), else by what
 * the values look like: whole numbers, numbers, booleans, dates, timestamps, text; lists and objects as JSON.
 */
export function givenSelect(dialect: Dialect, rows: Rows, real: readonly Column[] | null): string {
  const columns = real ?? inferred(dialect, rows);
  const extra = inferred(dialect, rows).filter(({ name }) => !columns.some((column) => column.name === name));
  const all = [...columns, ...extra];
  // BigQuery takes no WHERE without a FROM.
  const nothing = "FROM (SELECT 1 AS one) AS o WHERE FALSE";
  if (all.length === 0) return `SELECT 1 AS none ${nothing}`;
  if (rows.length === 0) return `${typedSelect(dialect, all, {})} ${nothing}`;
  return rows.map((row) => typedSelect(dialect, all, row)).join("\nUNION ALL ");
}

/** One row as a SELECT of these columns, in their types; what the row does not have is NULL. */
export function typedSelect(dialect: Dialect, columns: readonly Column[], row: Rows[number]): string {
  const { quote } = dialect;
  return `SELECT ${columns.map((column) => `${cell(dialect, column, row[column.name])} AS ${quote(column.name)}`).join(", ")}`;
}

function cell(dialect: Dialect, column: Column, value: Json | undefined): string {
  const cast = (text: string): string => `CAST(${text} AS ${column.type})`;
  if (value === null || value === undefined) return cast("NULL");
  if (typeof value !== "object") return cast(dialect.literal(value));
  return wordsOf(dialect).fromJson(dialect.literal(JSON.stringify(value)), column);
}

function inferred(dialect: Dialect, rows: Rows): readonly Column[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return names.map((name) => {
    const values = rows
      .map((row) => row[name])
      .filter((value) => value !== null && value !== undefined) as readonly NonNullable<Json>[];
    const family = familyOf(values);
    return { name, type: family === "integer" ? wordsOf(dialect).whole : dialect.columnType(family), family };
  });
}

function familyOf(values: readonly NonNullable<Json>[]): ColumnFamily {
  const every = (holds: (value: NonNullable<Json>) => boolean): boolean => values.length > 0 && values.every(holds);
  if (every((value) => typeof value === "boolean")) return "boolean";
  if (every((value) => Number.isSafeInteger(value))) return "integer";
  if (every((value) => typeof value === "number")) return "float";
  if (every((value) => typeof value === "object")) return "json";
  if (every((value) => typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value))) return "date";
  if (every((value) => typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(value)))
    return "timestamp";
  if (
    every(
      (value) =>
        typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$/.test(value),
    )
  ) {
    return "timestamptz";
  }
  return "text";
}
