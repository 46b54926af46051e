/** Reads a frozen plan in order of `seq` as the rules' values: the ledger's row and what is wanted. */
import type { Json } from "../core.ts";
import type { LedgerRow, Netted, Rejection, Wanted } from "../ledger/rules.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { readLists, type TextQuery } from "./blocks.ts";
import { opCodes, planTable, preparedTable, refusedTable, nettedTable, type PlanOp } from "./diff.ts";
import { identitiesOf, type Identity } from "./prepare.ts";
import { rowOf, rowText, type RowCells } from "./row-text.ts";
import type { Shape } from "./shape.ts";

/** One row of a plan. `n` counts the plan's rows from 1; `seq` = op · 2^48 + n. */
export interface PlanRow {
  readonly seq: number;
  readonly op: PlanOp;
  readonly k: string;
  /** The key as it travels. */
  readonly key: Json;
  readonly row: LedgerRow | null;
  readonly wanted: Wanted | null;
  /** `{destination field: value}`, templates and lookups with what they read; null on removes. */
  readonly fields: Readonly<Record<string, Json>> | null;
  /** Raw identifiers by position of the shape's identifiers. */
  readonly raw: readonly (string | null)[];
  /** The fate of each part of what the row asks, where it shares identifiers with others (R12); else null: all are sent. */
  readonly net: readonly Netted[] | null;
  /** What earlier runs were told about this key. */
  readonly rejections: readonly Rejection[];
}

export interface PlanSource {
  readonly warehouse: Warehouse;
  readonly target: string;
  readonly id: string;
  readonly shape: Shape;
  /** The mapping version of this plan's fingerprints, and the tag of its fast ones. */
  readonly m: number;
  readonly tag: number;
  readonly full: boolean;
}

export const seqOf = (op: PlanOp, n: number): number => opCodes[op] * 2 ** 48 + n;

/** Some thousand rows of one op at a time, ascending `seq` within an op; quiet rows are left out. */
export async function* readPlan(
  source: PlanSource,
  windowRows?: number,
): AsyncGenerator<{ readonly op: PlanOp; readonly rows: readonly PlanRow[] }> {
  const identities = identitiesOf(source.shape);
  const query: TextQuery = (op, from, to) => rowQuery(source, identities, op, from, to);
  for await (const { op, list } of readLists(source, query, windowRows)) {
    const cells = JSON.parse(list) as readonly RowCells[];
    yield { op, rows: cells.map((one) => rowOf(source, identities, op, one)) };
  }
}

/** The rows with these places, for samples. */
export async function pickRows(source: PlanSource, op: PlanOp, places: readonly number[]): Promise<readonly PlanRow[]> {
  if (places.length === 0) return [];
  const identities = identitiesOf(source.shape);
  const [least, most] = [Math.min(...places), Math.max(...places) + 1];
  const query = rowQuery(source, identities, op, least, most, `AND n IN (${places.join(", ")})`);
  const picked = await source.warehouse.rows(`SELECT "text" FROM (${query}) ORDER BY n`);
  return picked.map((row) => rowOf(source, identities, op, JSON.parse(row["text"]) as RowCells));
}

function rowQuery(
  { target, id, shape }: PlanSource,
  identities: readonly Identity[],
  op: PlanOp,
  from: number,
  to: number,
  only = "",
): string {
  const within = `n >= ${from} AND n < ${to}`;
  const beside = (table: string, as: string): string =>
    `LEFT JOIN (SELECT * FROM ${table} WHERE ${within}) ${as} ON ${as}.n = p.n`;
  return `SELECT p.n AS n, ${rowText(shape, identities)} AS "text"
FROM (SELECT * FROM ${planTable(target, id)} WHERE op = ${opCodes[op]} AND ${within} ${only}) p
${shape.object.identify === "key" ? "" : beside(preparedTable(target, id), "q")}
${beside(nettedTable(target, id), "w")}
${beside(refusedTable(target, id), "r")}`;
}
