import type { Json } from "../core.ts";
import { failure } from "../errors.ts";
import type { ColumnSpec } from "../project/project.ts";
import { didYouMean } from "../project/suggest.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { integer } from "../warehouse/row.ts";
import type { Column } from "../warehouse/warehouse.ts";
import { isPersonal, mask } from "./mask.ts";

export interface ShowInput {
  /** A SELECT, as a compiler or the audience layer gives it. */
  readonly query: string;
  readonly columns: readonly Column[];
  /** Which to show and in which order; all of them when absent. E204 for one that is not there. */
  readonly only?: readonly string[];
  readonly limit: number;
  /** Of the model, for `pii:`. */
  readonly specs?: readonly ColumnSpec[];
  /** Order of the rows; without it they come as the warehouse gives them. */
  readonly orderBy?: readonly string[];
  /** Nothing is masked. */
  readonly reveal?: boolean;
}

export interface Shown {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Json[])[];
  /** Names of columns whose values are masked. */
  readonly masked: readonly string[];
}

/** The first rows of a query, personal values masked. Integers beyond 2^53 are texts. */
export async function showRows(warehouse: Warehouse, input: ShowInput): Promise<Shown> {
  const columns = chosen(input);
  const { quote } = warehouse.dialect;
  const list = columns.map(({ name }) => quote(name)).join(", ");
  const order =
    input.orderBy === undefined || input.orderBy.length === 0
      ? ""
      : `\nORDER BY ${input.orderBy.map(quote).join(", ")}`;
  const rows = await warehouse.rows(
    `SELECT ${list} FROM (\n${input.query}\n) q${order}\nLIMIT ${Math.max(0, Math.trunc(input.limit))}`,
  );
  const masked =
    input.reveal === true ? [] : columns.filter(({ name }) => isPersonal(name, input.specs)).map(({ name }) => name);
  return {
    columns,
    rows: rows.map((row) => columns.map(({ name }) => (masked.includes(name) ? mask(row[name]) : plain(row[name])))),
    masked,
  };
}

/** How many rows a query has. */
export async function countRows(warehouse: Warehouse, query: string): Promise<number> {
  const [row] = await warehouse.rows(`SELECT count(*) AS n FROM (\n${query}\n) q`);
  return integer(row, "n");
}

function chosen({ columns, only }: ShowInput): readonly Column[] {
  if (only === undefined) return columns;
  return only.map((name) => {
    const column = columns.find((each) => each.name === name);
    if (column !== undefined) return column;
    const hint = didYouMean(
      name,
      columns.map((each) => each.name),
    );
    throw failure("E204", `there is no column "${name}"`, hint === undefined ? {} : { hint });
  });
}

function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null, (_key, each) => (typeof each === "bigint" ? String(each) : each)));
}
