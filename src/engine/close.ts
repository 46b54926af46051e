/** Opening and closing of a plan in the ledger: the two moments at which a sync's state row changes (R22). */
import { failure } from "../errors.ts";
import { heldStatement, takenOver, updateStatement } from "../ledger/state.ts";
import { rejectionsTable, sentTable, sharedTable, type Ledger } from "../ledger/tables.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { lastAsked, planTable, preparedTable, reprintTable } from "./diff.ts";
import type { FrozenPlan } from "./frozen.ts";
import { forgetStatements } from "./horizon.ts";
import { identitiesOf, idsFromJson } from "./prepare.ts";
import type { SyncPlan } from "./plan-sync.ts";
import { restampStatement } from "./restamp.ts";
import type { Shape } from "./shape.ts";

export interface OpenedPlan {
  readonly warehouse: Warehouse;
  readonly ledger: Ledger;
  readonly fence: number;
  readonly runId: string;
}

/**
 * Names the plan in the state row before anything of it may be sent, and in the same transaction writes what holds from
 * then on (`alongside`); E502 when another run was faster.
 */
export async function openPlan(
  { warehouse, ledger, fence, runId }: OpenedPlan,
  frozen: FrozenPlan,
  alongside: readonly string[] = [],
): Promise<void> {
  const holds = { fence, openPlan: null };
  const values = { open_plan: frozen.plan, open_run: runId, fence };
  await held(frozen.sync, () =>
    warehouse.script([
      heldStatement(warehouse, ledger, frozen.id, { holds }),
      ...alongside,
      updateStatement(warehouse, ledger, frozen.id, holds, values),
    ]),
  );
}

/** Runs a transaction that begins with a {@link heldStatement}; E502 when another run took the sync's ledger over. */
export async function held(sync: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes(takenOver)) throw error;
    throw failure("E502", `the ledger of sync "${sync}" was taken over by another run`, {
      hint: "look at `millrace status`, then run again",
    });
  }
}

export interface Closing {
  readonly serial: number;
  readonly now: number;
}

/**
 * Ends a settled plan in one transaction: prints rewritten (from_now, or made by another engine), rejections that are no
 * longer asked forgotten (R6), events beyond their horizon too (R37), the mapping version kept, serial + 1.
 */
export async function closePlan(
  opened: OpenedPlan,
  target: string,
  frozen: FrozenPlan,
  { serial, now }: Closing,
): Promise<void> {
  const { warehouse, ledger, fence } = opened;
  const { literal } = warehouse.dialect;
  const { id, m } = frozen;
  const reprint = `UPDATE ${sentTable(ledger, id)} SET h = r.h, h_fast = r.h_fast, h_tag = ${frozen.tag}, m = ${m}
FROM ${reprintTable(target, id)} r WHERE ${sentTable(ledger, id)}.k = r.k AND state = 'ok'`;
  const mappings = sharedTable(ledger, "mappings");
  const version = [id, m, frozen.mappingHash, frozen.mapping.definition, now].map((value) => literal(value)).join(", ");
  const holds = { fence, openPlan: frozen.plan };
  const statements = [
    heldStatement(warehouse, ledger, id, { holds }),
    ...(frozen.reprinted > 0 ? [reprint] : []),
    ...(frozen.restamped > 0 ? [restampStatement(ledger, target, id, frozen.tag)] : []),
    `DELETE FROM ${rejectionsTable(ledger, id)} WHERE k NOT IN (SELECT k FROM ${planTable(target, id)} WHERE op <= ${lastAsked})`,
    `INSERT INTO ${mappings} SELECT ${version} WHERE NOT EXISTS (SELECT 1 FROM ${mappings} WHERE sync = ${literal(id)} AND m = ${m})`,
    ...forgetStatements(ledger, id, frozen.spec, now),
    updateStatement(warehouse, ledger, id, holds, { open_plan: null, open_run: null, serial: serial + 1, m, fence }),
  ];
  await held(frozen.sync, () => warehouse.script(statements));
}

/**
 * Ends a plan that asks nothing and was never opened, in one transaction: what was refused before and is no longer asked
 * is forgotten (R6), fast prints of another engine are rewritten (R18).
 */
export async function closeQuietly(
  { warehouse, ledger, fence }: Omit<OpenedPlan, "runId">,
  { sync, source, restamped }: Pick<SyncPlan, "sync" | "source" | "restamped">,
): Promise<void> {
  const { id, target, tag } = source;
  const statements = [
    heldStatement(warehouse, ledger, id, { holds: { fence, openPlan: null } }),
    `DELETE FROM ${rejectionsTable(ledger, id)}`,
    ...(restamped > 0 ? [restampStatement(ledger, target, id, tag)] : []),
  ];
  await held(sync.name, () => warehouse.script(statements));
}

/**
 * `initial: from_now`: everybody wanted is taken as held already, and nothing is sent (R15). The statement belongs to the
 * transaction that opens the plan: a crash beside it would leave a first run half assumed, or assumed twice.
 */
export function assumeStatement(
  { warehouse, ledger, runId }: OpenedPlan,
  target: string,
  frozen: FrozenPlan,
  shape: Shape,
  now: number,
): string {
  const { literal } = warehouse.dialect;
  const identities = identitiesOf(shape)
    .map(
      ({ kind, version }, index) =>
        `CASE WHEN q.v_${index} IS NULL THEN NULL ELSE {'kind': ${literal(kind)}, 'value': q.v_${index}, 'version': ${version}} END`,
    )
    .join(", ");
  const ids = idsFromJson(`CAST(to_json(list_filter([${identities}], x -> x IS NOT NULL)) AS VARCHAR)`);
  return `INSERT INTO ${sentTable(ledger, frozen.id)}
SELECT p.k, p.h, p.h_fast, ${frozen.tag}, ${frozen.m}, ${ids}, 'assumed', NULL, NULL, NULL, NULL, ${literal(runId)}, ${now}
FROM ${planTable(target, frozen.id)} p JOIN ${preparedTable(target, frozen.id)} q ON q.n = p.n WHERE p.op <= ${lastAsked}`;
}

/** Empties a plan whose rows were assumed: none of them is sent. */
export async function emptyPlan({ warehouse }: OpenedPlan, target: string, { id }: FrozenPlan): Promise<void> {
  await warehouse.execute(`DELETE FROM ${planTable(target, id)}`);
}
