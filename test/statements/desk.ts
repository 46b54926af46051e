/** A desk with the run's tables of a plan of `vip`: one row to add, one to remove, as far as statements depend on rows. */
import { toldTable } from "../../src/engine/prepare.ts";
import {
  nettedTable,
  planColumns,
  planTable,
  preparedTable,
  refusedTable,
  reprintTable,
} from "../../src/engine/diff.ts";
import { restampTable } from "../../src/engine/restamp.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import { deskTarget } from "./recorded.ts";

const typed: Readonly<Record<string, string>> = {
  seq: "UBIGINT",
  n: "UBIGINT",
  op: "UTINYINT",
  h: "UBIGINT",
  h_fast: "UBIGINT",
};

/** `told`: rows that earlier runs were refused; `empty`: no rows to be rewritten. */
export async function openDesk(shape: Shape, { told = 1 } = {}): Promise<DuckDBWarehouse> {
  const desk = await openDuckDB({ threads: 1 });
  const columns = planColumns(shape).map((name) => `"${name}" ${typed[name] ?? "VARCHAR"}`);
  const of = (table: (target: string, id: string) => string): string => table(deskTarget, "vip");
  await desk.execute(`CREATE TABLE ${of(planTable)} (${columns.join(", ")})`);
  await desk.execute(
    `INSERT INTO ${of(planTable)} (seq, n, op, k, h) VALUES ((1::UBIGINT << 48) + 1, 1, 1, '1', 11), ((3::UBIGINT << 48) + 2, 2, 3, '2', 12)`,
  );
  await desk.execute(`CREATE TABLE ${of(preparedTable)} (n UBIGINT, v_0 VARCHAR, v_1 VARCHAR)`);
  await desk.execute(`INSERT INTO ${of(preparedTable)} VALUES (1, 'ada@example.com', NULL)`);
  await desk.execute(`CREATE TABLE ${of(toldTable)} AS SELECT '1' AS k FROM range(${told})`);
  for (const table of [reprintTable, restampTable])
    await desk.execute(`CREATE TABLE ${of(table)} AS SELECT '1' AS k, 11::UBIGINT AS h, 12::UBIGINT AS h_fast`);
  for (const table of [refusedTable, nettedTable]) await desk.execute(`CREATE TABLE ${of(table)} (n UBIGINT)`);
  return desk;
}
