/** The ledger by itself, without models: for what only reads it or keeps it in order. */
import type { SyncState } from "../ledger/state.ts";
import type { Ledger } from "../ledger/tables.ts";
import { openSession, type Session } from "../models/session.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { EngineOptions } from "./api.ts";
import { openPersons, type Person } from "./persons.ts";
import { tellUnfolded } from "./unfolded.ts";
import { checkVersion, describeLedger, makeLedger, readKnown } from "./workspace.ts";

export interface LedgerView {
  readonly session: Session;
  readonly warehouse: Warehouse;
  readonly ledger: Ledger;
  /** Names of the ledger's tables; empty where there was no run yet. */
  readonly tables: readonly string[];
  readonly states: ReadonlyMap<string, SyncState>;
  readonly person: Person;
}

/** Opens the ledger for as long as the work takes. Reading works where there is none yet; E511 for a newer layout. */
export async function withLedger<T>(
  options: EngineOptions,
  mode: "read" | "write",
  work: (view: LedgerView) => Promise<T>,
): Promise<T> {
  const { project, ports } = options;
  const write = mode === "write";
  const session = await openSession(project, {
    write,
    env: options.env,
    clock: ports.clock,
    onUnfolded: tellUnfolded(options.onEvent),
  });
  try {
    const { warehouse } = session;
    const ledger: Ledger = {
      dialect: warehouse.dialect,
      schema: session.ledgerPlace,
    };
    if (write) await makeLedger(session, ledger);
    const { ledger: tables } = await session.tables();
    const known = await readKnown(project, session, [], { light: true });
    checkVersion(known);
    if (write && known.version === null) await describeLedger(options, warehouse, ledger);
    const { states } = known;
    const person = await openPersons(ports.files, project.root);
    return await work({ session, warehouse, ledger, tables, states, person });
  } finally {
    await session.close();
  }
}
