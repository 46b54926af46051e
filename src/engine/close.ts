/** Opening and closing of a plan in the ledger: the two moments at which a sync's state row changes (R22). */
import { failure } from "../errors.ts";
import { heldStatement, takenOver, updateStatement } from "../ledger/state.ts";
import { rejectionsTable, sentTable, sharedTable, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { integer } from "../warehouse/row.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import { lastAsked, planTable, preparedTable, reprintTable } from "./diff.ts";
import type { FrozenPlan } from "./frozen.ts";
import { forgetStatements } from "./horizon.ts";
import { type Ending, type Part, withRows } from "./ending.ts";
import { identitiesOf, toldTable } from "./prepare.ts";
import type { SyncPlan } from "./plan-sync.ts";
import { restampStatement, restampTable } from "./restamp.ts";
import type { Shape } from "./shape.ts";

export interface OpenedPlan {
  readonly ferry: Ferry;
  readonly ledger: Ledger;
  readonly fence: number;
  readonly runId: string;
}

/**
 * Names the plan in the state row before anything of it may be sent, and in the same transaction writes what holds from
 * then on (`alongside`); E502 when another run was faster.
 */
export async function openPlan(
  { ferry: { warehouse }, ledger, fence, runId }: OpenedPlan,
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
export async function held<T>(sync: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
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
  /** The target was replaced, or may have been: those left there by an earlier `on_leave` are there no longer. */
  readonly replaced?: boolean;
}

/** Ends a settled plan in one transaction of its own; {@link endingOf} says what is in it. */
export async function closePlan(opened: OpenedPlan, frozen: FrozenPlan, closing: Closing): Promise<void> {
  const { ferry, ledger, fence } = opened;
  const { warehouse } = ferry;
  const holds = { fence, openPlan: frozen.plan };
  const ending = await endingOf(opened, frozen, closing);
  await held(frozen.sync, () =>
    withRows(ferry, [], ending, (_, written) =>
      warehouse.script([heldStatement(warehouse, ledger, frozen.id, { holds }), ...written]),
    ),
  );
}

/**
 * What ends a settled plan, in a transaction that names fence and plan: prints rewritten (from_now, or made by another
 * engine), rejections that are no longer asked forgotten (R6), events beyond their horizon too (R37), the mapping version
 * kept, serial + 1.
 */
export async function endingOf(
  { ferry, ledger, fence }: OpenedPlan,
  frozen: FrozenPlan,
  { serial, now, replaced = false }: Closing,
): Promise<Ending> {
  const { warehouse, target } = ferry;
  const { literal } = warehouse.dialect;
  const { id, m, tag } = frozen;
  const mappings = sharedTable(ledger, "mappings");
  const version = [id, m, frozen.mappingHash, frozen.mapping.definition, now].map((value) => literal(value)).join(", ");
  const holds = { fence, openPlan: frozen.plan };
  const parts = [
    ...(frozen.reprinted > 0 ? [reprint(ledger, target, frozen)] : []),
    ...(frozen.restamped > 0 ? [restamp(ledger, target, id, tag)] : []),
    ...((await anyTold(ferry, id)) ? [forgetUnasked(ledger, target, id)] : []),
  ];
  const statements = [
    ...(replaced ? [`UPDATE ${sentTable(ledger, id)} SET h = NULL, h_fast = NULL WHERE state = 'left'`] : []),
    ...(frozen.mapping.isNew
      ? [
          `INSERT INTO ${mappings} SELECT ${version} FROM ${wordsOf(ledger.dialect).oneRow} WHERE NOT EXISTS (SELECT 1 FROM ${mappings} WHERE sync = ${literal(id)} AND m = ${m})`,
        ]
      : []),
    ...forgetStatements(ledger, id, frozen.spec, now),
    updateStatement(warehouse, ledger, id, holds, { open_plan: null, open_run: null, serial: serial + 1, m, fence }),
  ];
  return { parts, statements };
}

/** from_now: rows of the same content under an older mapping get today's prints (R16). */
const reprint = (ledger: Ledger, target: string, { id, tag, m }: FrozenPlan): Part => ({
  rows: `SELECT * FROM ${reprintTable(target, id)}`,
  statement: (from) =>
    wordsOf(ledger.dialect).updateFrom({
      table: sentTable(ledger, id),
      set: { h: "r.h", h_fast: "r.h_fast", h_tag: String(tag), m: String(m) },
      from,
      where: "t.k = r.k AND t.state = 'ok'",
    }),
});

/** Rejections of keys that the plan did not ask for (R6). */
const forgetUnasked = (ledger: Ledger, target: string, id: string): Part => ({
  rows: `SELECT k FROM ${planTable(target, id)} WHERE op <= ${lastAsked}`,
  statement: (asked) => `DELETE FROM ${rejectionsTable(ledger, id)} WHERE k NOT IN (SELECT k FROM ${asked})`,
});

const restamp = (ledger: Ledger, target: string, id: string, tag: number): Part => ({
  rows: `SELECT * FROM ${restampTable(target, id)}`,
  statement: (rows) => restampStatement(ledger, rows, id, tag),
});

/** Had earlier runs been refused anything when the plan was made? What its own run was refused, it asked for. */
async function anyTold({ desk, target }: Ferry, id: string): Promise<boolean> {
  const [row] = await desk.rows(`SELECT count(*) AS total FROM ${toldTable(target, id)}`);
  return integer(row, "total") > 0;
}

/**
 * Ends a plan that asks nothing and was never opened, in one transaction: what was refused before and is no longer asked
 * is forgotten (R6), fast prints of another engine are rewritten (R18).
 */
export async function closeQuietly(
  { ferry, ledger, fence }: Omit<OpenedPlan, "runId">,
  { sync, source, restamped }: Pick<SyncPlan, "sync" | "source" | "restamped">,
): Promise<void> {
  const { id, tag } = source;
  const { warehouse, target } = ferry;
  const parts = restamped > 0 ? [restamp(ledger, target, id, tag)] : [];
  const statements = (await anyTold(ferry, id)) ? [`DELETE FROM ${rejectionsTable(ledger, id)} WHERE TRUE`] : [];
  if (parts.length + statements.length === 0) return;
  const holds = { fence, openPlan: null };
  await held(sync.name, () =>
    withRows(ferry, [], { parts, statements }, (_, written) =>
      warehouse.script([heldStatement(warehouse, ledger, id, { holds }), ...written]),
    ),
  );
}

/**
 * `initial: from_now`: opens the plan, and in the same transaction takes everybody wanted as held already; nothing is sent (R15).
 * A crash beside it would leave a first run half assumed, or assumed twice.
 */
export async function openAssumed(opened: OpenedPlan, frozen: FrozenPlan, shape: Shape, now: number): Promise<void> {
  const { ferry, ledger, runId } = opened;
  const { desk, target } = ferry;
  const { literal } = desk.dialect;
  const identities = identitiesOf(shape)
    .map(
      ({ kind, version }, index) =>
        `CASE WHEN q.v_${index} IS NULL THEN NULL ELSE {'kind': ${literal(kind)}, 'value': q.v_${index}, 'version': ${version}} END`,
    )
    .join(", ");
  const rows = `SELECT p.k, p.h, p.h_fast, CAST(to_json(list_filter([${identities}], x -> x IS NOT NULL)) AS VARCHAR) AS ids
FROM ${planTable(target, frozen.id)} p JOIN ${preparedTable(target, frozen.id)} q ON q.n = p.n WHERE p.op <= ${lastAsked}`;
  const statement = (assumed: string): string => `INSERT INTO ${sentTable(ledger, frozen.id)}
SELECT k, h, h_fast, ${frozen.tag}, ${frozen.m}, ${wordsOf(ledger.dialect).idsOf("ids")}, 'assumed', NULL, NULL, NULL, NULL, ${literal(runId)}, ${now} FROM ${assumed}`;
  await withRows(ferry, [], { parts: [{ rows, statement }], statements: [] }, (_, written) =>
    openPlan(opened, frozen, written),
  );
  await desk.execute(`DELETE FROM ${planTable(target, frozen.id)}`);
}
