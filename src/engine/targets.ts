/** The targets of ledgers in words, and the ledgers that no sync of the project goes on with (R31). */
import type { LedgerWithoutSync } from "../core.ts";
import type { Project } from "../project/project.ts";
import type { EngineOptions, LedgerHoldings } from "./api.ts";
import { withLedger, type LedgerView } from "./open-ledger.ts";
import { rowsOf, stateOf } from "./operate.ts";
import { readTarget, targetOf } from "./target.ts";

/** `webhook member (url: https://example.com/in)`: what a person needs to know it by. */
export function targetWords(text: string): string {
  const { type, object, account, remote, outbox } = readTarget(text);
  const said = Object.entries({ ...account, ...remote }).map(
    ([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const details = [...(outbox ? ["written to files"] : []), ...said].join(", ");
  return details === "" ? `${type} ${object}` : `${type} ${object} (${details})`;
}

/** What a sync's ledger holds, its target and the one of today. */
export function readHoldings(options: EngineOptions & { readonly sync: string }): Promise<LedgerHoldings> {
  return withLedger(options, "read", async (view) => {
    const state = stateOf(view, options.sync);
    return {
      rows: await rowsOf(view, state),
      target: targetWords(state.target),
      now: targetToday(options.project, options.sync),
    };
  });
}

function targetToday(project: Project, name: string): string | null {
  const sync = project.syncs.get(name);
  const destination = sync === undefined ? undefined : project.destinations.get(sync.spec.destination);
  return sync === undefined || destination === undefined ? null : targetWords(targetOf({ sync, destination }));
}

/** Ledgers that hold somebody and belong to no sync of the project, by name; what they hold stays where it is. */
export async function ledgersWithoutSync(
  project: Project,
  view: Pick<LedgerView, "warehouse" | "ledger" | "states">,
): Promise<readonly LedgerWithoutSync[]> {
  const found: LedgerWithoutSync[] = [];
  for (const state of view.states.values()) {
    if (project.syncs.has(state.sync)) continue;
    const people = await rowsOf(view, state);
    if (people === 0) continue;
    const abandoned = state.sync.includes("__abandoned_");
    found.push({ ledger: state.sync, target: targetWords(state.target), people, abandoned });
  }
  return found.toSorted((a, b) => (a.ledger < b.ledger ? -1 : 1));
}
