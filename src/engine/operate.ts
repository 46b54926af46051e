/** What people do to a sync's ledger by hand: under its fence, all of it or nothing, with who did it and why (R22, R31). */
import { failure } from "../errors.ts";
import { heldStatement, type SyncState } from "../ledger/state.ts";
import { sentTable, sharedTable } from "../ledger/tables.ts";
import { integer } from "../warehouse/row.ts";
import type { EngineOptions } from "./api.ts";
import { held } from "./close.ts";
import type { LedgerView } from "./open-ledger.ts";
import type { Operation } from "./under-lock.ts";

export interface Deed {
  /** The name the operation is filed under. */
  readonly sync: string;
  readonly name: "mv" | "abandon" | "drain" | "recreate";
  readonly reason: string | null;
  readonly rows: number;
  /** The run that it belongs to, where it is not the operation's own. */
  readonly runId?: string;
}

/** Runs the statements in one transaction that also files the deed in `operations`; E502 when the ledger was taken over. */
export async function operate(
  { warehouse, ledger }: LedgerView,
  { actor, ports }: EngineOptions,
  { fence, runId, assertHeld }: Operation,
  state: SyncState,
  statements: readonly string[],
  deed: Deed,
): Promise<void> {
  const { literal } = warehouse.dialect;
  const cells = [deed.runId ?? runId, deed.sync, deed.name, actor, deed.reason, deed.rows, ports.clock.now()];
  await assertHeld();
  await held(state.sync, () =>
    warehouse.script([
      heldStatement(warehouse, ledger, state.id, { holds: { fence, openPlan: null } }),
      ...statements,
      `INSERT INTO ${sharedTable(ledger, "operations")} VALUES (${cells.map((cell) => literal(cell)).join(", ")})`,
    ]),
  );
}

/** The state of a sync by its name; E595 where the ledger does not know it. */
export function stateOf({ states }: LedgerView, sync: string): SyncState {
  const state = states.get(sync);
  if (state !== undefined) return state;
  const known = [...states.keys()].toSorted();
  throw failure("E595", `the ledger knows no sync "${sync}"`, {
    exit: 64,
    hint: known.length === 0 ? "it is empty" : `it knows ${known.join(", ")}`,
  });
}

/** Rows the ledger of a sync holds. */
export async function rowsOf(
  { warehouse, ledger }: Pick<LedgerView, "warehouse" | "ledger">,
  { id }: SyncState,
): Promise<number> {
  const [row] = await warehouse.rows(`SELECT count(*) AS total FROM ${sentTable(ledger, id)}`);
  return integer(row, "total");
}

/** A statement after which no plan saved on the sync's ledger can be sent: it must not fit another ledger by chance. */
export function expirePlans({ warehouse, ledger }: LedgerView, sync: string, now: number): string {
  const { literal } = warehouse.dialect;
  const named = literal(`${JSON.stringify(sync)}:`);
  // Every warehouse asks in another way whether a text is in another one; all of them replace it alike.
  return `UPDATE ${sharedTable(ledger, "plans")} SET expires_at = ${now - 1} WHERE used_by IS NULL AND replace(document, ${named}, '') <> document`;
}
