import { expect } from "vitest";
import type { Warehouse } from "../../../src/warehouse/warehouse.ts";
import type { Sample } from "./samples.ts";
import { columnTypes, type Type } from "./words.ts";

/** One warehouse under test. */
export interface Subject {
  readonly warehouse: Warehouse;
  /** A table of this name in the schema of the tests, quoted. */
  table(name: string): string;
  /** Whether this value is tried: some are exceptions of an emulator. Absent: all are. */
  takes?(sample: string): boolean;
}

export interface Operation {
  readonly operation: string;
  /** Throws where the warehouse does not do it. Tables that it makes are its own. */
  run(subject: Subject): Promise<void>;
}

/** The values that are tried here. */
export const taken = <T extends { readonly name: string }>({ takes }: Subject, all: readonly T[]): readonly T[] =>
  all.filter(({ name }) => takes?.(name) ?? true);

export const sqlOf = ({ sql }: Sample, type: Type): string => (typeof sql === "string" ? sql : sql[type]);

/** A SELECT of expressions as columns `c0`, `c1` and so on. */
export function selectOf({ warehouse: { dialect } }: Subject, expressions: readonly string[]): string {
  return `SELECT ${expressions.map((sql, index) => `${sql} AS ${dialect.quote(`c${index}`)}`).join(", ")}`;
}

/** The values of one row of expressions. */
export async function valuesOf(subject: Subject, expressions: readonly string[]): Promise<unknown[]> {
  const [row] = await subject.warehouse.rows(selectOf(subject, expressions));
  return expressions.map((_, index) => row?.[`c${index}`]);
}

/** All rows of a streamed query. */
export async function collected(warehouse: Warehouse, sql: string): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const batch of warehouse.read(sql)) {
    for (let row = 0; row < batch.rows; row += 1) rows.push(batch.columns.map((column) => column[row]));
  }
  return rows;
}

/** Makes an empty table with columns of these families. */
export async function makeTable(
  { warehouse, table }: Subject,
  name: string,
  columns: Readonly<Record<string, keyof typeof columnTypes>>,
): Promise<string> {
  const relation = table(name);
  const list = Object.entries(columns).map(
    ([column, family]) => `${warehouse.dialect.quote(column)} ${columnTypes[family][warehouse.type]}`,
  );
  await warehouse.execute(`CREATE TABLE ${relation} (${list.join(", ")})`);
  return relation;
}

/** The rows of a table in the order of its first column. */
export async function rowsIn({ warehouse }: Subject, relation: string): Promise<unknown[][]> {
  const rows = await warehouse.rows(`SELECT * FROM ${relation} ORDER BY 1`);
  return rows.map((row) => Object.values(row));
}

/** The words of an error that must come, which are one line, with a code, and say nothing of rows. */
export async function refusal(call: () => Promise<unknown>): Promise<string> {
  const error = await call().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: "MillraceError", message: expect.stringMatching(/^E7\d\d: [^\n]+$/) as string });
  const { message } = error as Error;
  expect(message).not.toContain("marie@example.com");
  return message;
}
