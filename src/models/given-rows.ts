import type { Json } from "../core.ts";
import { duckdbDialect } from "../warehouse/duckdb-dialect.ts";
import type { Column } from "../warehouse/warehouse.ts";

const { quote, literal } = duckdbDialect;

export type Rows = readonly Readonly<Record<string, Json>>[];

/**
 * Rows of a unit test as a SELECT, typed like the real input where its columns are known (those left out are NULL), else by what
 * the values look like: whole numbers, numbers, booleans, dates, timestamps, text; lists and objects as JSON.
 */
export function givenSelect(rows: Rows, real: readonly Column[] | null): string {
  const columns = real ?? inferred(rows);
  const extra = inferred(rows).filter(({ name }) => !columns.some((column) => column.name === name));
  const all = [...columns, ...extra];
  if (all.length === 0) return "SELECT 1 AS none WHERE FALSE";
  if (rows.length === 0)
    return `SELECT ${all.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quote(name)}`).join(", ")} WHERE FALSE`;
  return rows
    .map(
      (row) =>
        `SELECT ${all.map(({ name, type }) => `CAST(${cell(row[name])} AS ${type}) AS ${quote(name)}`).join(", ")}`,
    )
    .join("\nUNION ALL ");
}

/** A JSON value as a literal that any CAST can take. */
export function cell(value: Json | undefined): string {
  if (value === null || value === undefined) return "NULL";
  return typeof value === "object" ? literal(JSON.stringify(value)) : literal(value as string | number | boolean);
}

function inferred(rows: Rows): readonly Column[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return names.map((name) => {
    const values = rows
      .map((row) => row[name])
      .filter((value) => value !== null && value !== undefined) as readonly NonNullable<Json>[];
    const { type, family } = typeOf(values);
    return { name, type, family };
  });
}

function typeOf(values: readonly NonNullable<Json>[]): Omit<Column, "name"> {
  const every = (holds: (value: NonNullable<Json>) => boolean): boolean => values.length > 0 && values.every(holds);
  if (every((value) => typeof value === "boolean")) return { type: "BOOLEAN", family: "boolean" };
  if (every((value) => Number.isSafeInteger(value))) return { type: "BIGINT", family: "integer" };
  if (every((value) => typeof value === "number")) return { type: "DOUBLE", family: "float" };
  if (every((value) => typeof value === "object")) return { type: "JSON", family: "json" };
  if (every((value) => typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value)))
    return { type: "DATE", family: "date" };
  if (every((value) => typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(value)))
    return { type: "TIMESTAMP", family: "timestamp" };
  if (
    every(
      (value) =>
        typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$/.test(value),
    )
  ) {
    return { type: "TIMESTAMPTZ", family: "timestamptz" };
  }
  return { type: "VARCHAR", family: "text" };
}
