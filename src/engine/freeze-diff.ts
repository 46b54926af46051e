/** The difference frozen at the desk, `plan__<id>`, with what was counted beside it. */
import { failure } from "../errors.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import {
  deltaStatement,
  deltaTable,
  planColumns,
  planQuery,
  planTable,
  reprintQuery,
  reprintTable,
  wholePlanQuery,
  type DiffInput,
} from "./diff.ts";
import { figuresOf, together, type Figure, type Figures } from "./figures.ts";

/** Makes `plan__<id>` at the desk, and `reprint__<id>` where older mappings are compared (from_now). */
export async function freezeDiff(ferry: Ferry, input: DiffInput): Promise<void> {
  if (ferry.apart) return void (await freezeApart(ferry, input, []));
  const { id, older, estimate = null } = input;
  const { warehouse, target } = ferry;
  await warehouse.execute(deltaStatement(input), [], { estimate });
  if (older.length > 0) await ferry.bring(reprintTable(target, id), reprintQuery(input));
  await ferry.bring(planTable(target, id), planQuery(input));
  await warehouse.execute(`DROP TABLE ${deltaTable(input)}`);
}

/**
 * The same where each statement of the warehouse costs a wait: one makes the plan there, one reads it and counts the figures.
 * The plan stays there until the run is over, so that its accepted rows need not travel back. E733 when rows are missing.
 */
export async function freezeApart(ferry: Ferry, input: DiffInput, figures: readonly Figure[]): Promise<Figures> {
  const { id, older, shape, estimate = null } = input;
  const { warehouse, desk, target } = ferry;
  const { quote, literal, columnType } = warehouse.dialect;
  const plan = planTable(target, id);
  const made = await ferry.make(`plan__${id}`, wholePlanQuery(input), estimate);
  if (older.length > 0) await ferry.bring(reprintTable(target, id), reprintQuery(input));
  const columns = planColumns(shape);
  const own = { query: `SELECT count(*) AS planned, sum(n) AS places FROM ${made} p`, names: ["planned", "places"] };
  await ferry.bring(
    plan,
    `SELECT ${columns.map((name) => `p.${quote(name)}`).join(", ")}, CAST(NULL AS ${columnType("text")}) AS measured FROM ${made} p
UNION ALL SELECT ${columns.map(() => literal(null)).join(", ")}, t.measured FROM (${together(warehouse.dialect, [own, ...figures])}) t`,
  );
  const [row] = await desk.rows(`SELECT measured FROM ${plan} WHERE measured IS NOT NULL`);
  await desk.execute(`DELETE FROM ${plan} WHERE measured IS NOT NULL`);
  await desk.execute(`ALTER TABLE ${plan} DROP COLUMN measured`);
  const found = figuresOf(String(row?.["measured"] ?? "{}"));
  const [here] = await desk.rows(`SELECT count(*) AS planned, coalesce(sum(n), 0) AS places FROM ${plan}`);
  if (Number(here?.["planned"]) !== found["planned"] || Number(here?.["places"]) !== found["places"])
    throw failure(
      "E733",
      `the warehouse has ${found["planned"] ?? "?"} rows of the plan, ${here?.["planned"]} arrived`,
      {
        hint: "nothing was sent; run again",
      },
    );
  ferry.standing.put(plan, made);
  return found;
}
