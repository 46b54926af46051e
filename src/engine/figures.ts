/** Numbers about a plan that its warehouse counts: one row each, asked alone or all of them in one statement beside the rows. */
import type { Dialect, Warehouse } from "../warehouse/warehouse.ts";

export interface Figure {
  /** A query of one row of whole numbers. */
  readonly query: string;
  /** Its columns. */
  readonly names: readonly string[];
}

export type Figures = Readonly<Record<string, number>>;

/** What one figure says; what is NULL counts as nothing. */
export async function ask(warehouse: Warehouse, { query, names }: Figure): Promise<Figures> {
  const [row] = await warehouse.rows(query);
  return Object.fromEntries(names.map((name) => [name, Number(row?.[name] ?? 0)]));
}

/** A query of one row and one column, `measured`: all of them as JSON text. */
export function together({ jsonObject, wireJson }: Dialect, figures: readonly Figure[]): string {
  const members = figures.flatMap(({ names }, at) =>
    names.map((name) => [name, wireJson(`f${at}.${name}`, "integer")] as const),
  );
  const from = figures.map(({ query }, at) => `(${query}) f${at}`);
  return `SELECT ${jsonObject(members)} AS measured FROM ${from.join(" CROSS JOIN ")}`;
}

/** The figures of such a text. */
export function figuresOf(measured: string): Figures {
  const told = JSON.parse(measured) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(told).map(([name, value]) => [name, Number(value ?? 0)]));
}
