/** Plans that can go out as lines built in SQL: no row needs a look of its own. */
import type { Op } from "../core.ts";
import type { ObjectSpec } from "../destination/index.ts";
import { integer } from "../warehouse/row.ts";
import { opCodes, planTable, refusedTable, nettedTable, type PlanOp } from "./diff.ts";
import type { PlanSource } from "./rows.ts";

/**
 * May the plan go out as lines built in SQL? Only where nothing needs a look row by row: our own key is the identity, no
 * templates, lookups, limits or special states, nobody was refused before.
 */
export async function isPlain({ warehouse, target, id, shape, full }: PlanSource): Promise<boolean> {
  const { object, fields, policy } = shape;
  if (object.passThrough !== true || object.identify !== "key" || full || policy.delivery === "once") return false;
  if (policy.mode !== "mirror" && policy.mode !== "upsert") return false;
  if (fields.some(({ mapping }) => !("from" in mapping) && !("value" in mapping))) return false;
  const onLeave = policy.onLeave === "remove" || policy.onLeave === "delete";
  const [row] = await warehouse.rows(`SELECT
  (SELECT count(*) FROM ${planTable(target, id)} WHERE b_state IS NOT NULL AND b_state <> 'ok') AS special,
  (SELECT count(*) FROM ${planTable(target, id)} WHERE op = ${opCodes.remove}) AS removes,
  (SELECT count(*) FROM ${refusedTable(target, id)}) + (SELECT count(*) FROM ${nettedTable(target, id)}) AS refused`);
  return integer(row, "special") === 0 && integer(row, "refused") === 0 && (onLeave || integer(row, "removes") === 0);
}

/** As what lines of an op of the plan travel. */
export function lineOp({ ops }: Pick<ObjectSpec<any>, "ops">, op: PlanOp): Op {
  if (op === "remove") return "remove";
  return op === "update" && ops.includes("update") ? "update" : "add";
}

/** `n` and "text" of each row of an op with n in [from, to): its place and its line. */
export function lineQuery(
  { warehouse: { dialect }, target, id, shape }: PlanSource,
  op: PlanOp,
  from: number,
  to: number,
): string {
  // Members as texts: concat_ws leaves out what is NULL, and no JSON has to be read again.
  const identifiers = shape.identifiers.map(
    ({ kind }, index) => `${dialect.literal(`${JSON.stringify(kind)}:`)} || CAST(to_json(raw_${index}) AS VARCHAR)`,
  );
  const known = identifiers.length === 0 ? "'{}'" : `'{' || concat_ws(',', ${identifiers.join(", ")}) || '}'`;
  const fields =
    shape.sync.spec.nulls === "clear"
      ? "fields"
      : "CASE WHEN contains(fields, ':null') THEN CAST(json_merge_patch('{}', fields) AS VARCHAR) ELSE fields END";
  const line =
    op === "remove"
      ? `'{"key":' || "key" || ',"identifiers":{}}'`
      : `'{"key":' || "key" || ',"identifiers":' || ${known} || ',"fields":' || ${fields} || '}'`;
  return `SELECT n, ${line} AS "text"
FROM ${planTable(target, id)} WHERE op = ${opCodes[op]} AND n >= ${from} AND n < ${to}`;
}
