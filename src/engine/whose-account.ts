/** Whose account a destination's credentials open, where only the platform can say it (R31). */
import type { Exchange } from "../destination/index.ts";
import { failure, type MillraceError } from "../errors.ts";
import type { Knowledge } from "../ledger/knowledge.ts";
import { sharedTable } from "../ledger/tables.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { Account } from "./account.ts";
import type { DeliveredSync } from "./delivery.ts";
import { unanswered } from "./unanswered.ts";

/** The platform's answer: an id, null where it does not tell, or why it could not be asked. */
export type Whose = { readonly id: string | null } | { readonly error: MillraceError };

/** Asks the platform; null for destinations whose configuration says it. */
export async function askWhose({ definition, config, line }: Account, signal: AbortSignal): Promise<Whose | null> {
  const { account } = definition;
  if (account === undefined) return null;
  const exchange: Exchange<string | undefined> = account.call(definition, { config });
  const ended = await line.converse(exchange, { once: false, signal });
  if (ended.status === "answered") return { id: ended.value ?? null };
  return { error: unanswered(ended, undefined) };
}

export interface WhoseOptions {
  readonly warehouse: Warehouse;
  readonly known: Pick<Knowledge, "accounts">;
  readonly plan: Pick<DeliveredSync, "sync" | "state" | "ledger">;
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Holds the answer against the ledger's, which keeps the first one. E524 where it is another; throws what asking failed with. */
export async function holdAccount(whose: Whose, { warehouse, known, plan, runId, at }: WhoseOptions): Promise<void> {
  if ("error" in whose) throw whose.error;
  const { ledger, state } = plan;
  const before = known.accounts.get(state.id) ?? null;
  if (before === whose.id) return;
  if (before !== null) throw otherAccount(plan, before, whose.id);
  const { literal } = warehouse.dialect;
  const cells = [state.id, whose.id, runId, at].map(literal).join(", ");
  await warehouse.execute(`INSERT INTO ${sharedTable(ledger, "accounts")} VALUES (${cells})`);
  known.accounts.set(state.id, whose.id);
}

function otherAccount({ sync }: WhoseOptions["plan"], known: string, now: string | null): MillraceError {
  const { name } = sync;
  const found = now === null ? "the platform does not say whose account it is now" : `the credentials open ${now}`;
  return failure("E524", `the ledger of sync "${name}" speaks of account ${known}, ${found}`, {
    at: sync.at(["destination"]),
    hint: `put the old credentials back; with them \`millrace state retarget ${name} --drain --reason TEXT\` takes everybody out there, \`--abandon\` instead of \`--drain\` leaves them`,
  });
}
