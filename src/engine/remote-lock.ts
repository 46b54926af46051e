/** The lock of an environment whose ledger stands in BigQuery or Snowflake, with a connection of its own as long as it is held. */
import type { Lock, LockOptions } from "../ledger/lock.ts";
import { LockRows, type LockRow } from "../ledger/lock-rows.ts";
import { acquireRowLock } from "../ledger/row-lock.ts";
import { ledgerTables, readStates } from "../ledger/state.ts";
import type { Ledger } from "../ledger/tables.ts";
import { openRemote, remoteTop, type RemoteSpec } from "../models/remote-warehouse.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { EngineOptions } from "./api.ts";

/** Takes it, or throws E501 naming its holder. */
export async function takeRemoteLock(
  options: EngineOptions,
  spec: RemoteSpec,
  asked: Omit<LockOptions, "lastFence">,
): Promise<Lock> {
  const place = await connect(options, spec, { run: asked.runId });
  try {
    const lastFence = await newestFence(place, await place.rows.open());
    const { name } = options.project.environment;
    return new ConnectedLock(await acquireRowLock(options.ports, place.rows, name, { ...asked, lastFence }), place);
  } catch (error) {
    await place.warehouse.close();
    throw error;
  }
}

/** Does the work with the lock's row; null where there is none. */
export async function withLockRow<T>(
  options: EngineOptions,
  spec: RemoteSpec,
  work: (rows: LockRows, row: LockRow) => Promise<T>,
): Promise<T | null> {
  const { rows, warehouse } = await connect(options, spec, {});
  try {
    const row = await rows.find();
    return row === null ? null : await work(rows, row);
  } finally {
    await warehouse.close();
  }
}

interface Place {
  readonly warehouse: Warehouse;
  readonly ledger: Ledger;
  readonly rows: LockRows;
}

async function connect(
  { project, env }: EngineOptions,
  spec: RemoteSpec,
  labels: Readonly<Record<string, string>>,
): Promise<Place> {
  const warehouse = (await openRemote(project, spec, env)).labelled(labels);
  const ledger = { dialect: warehouse.dialect, schema: [remoteTop(project, spec, env), spec.ledger_schema] };
  return { warehouse, ledger, rows: new LockRows(warehouse, ledger) };
}

/** A lock that nobody ever took, beside a ledger that was copied here: its states know the newest fence. */
async function newestFence({ warehouse, ledger }: Place, { fence, fenceFloor }: LockRow): Promise<number> {
  if (fence > 0 || fenceFloor > 0) return fence;
  const states = await readStates(warehouse, ledger, await ledgerTables(warehouse, ledger));
  return Math.max(0, ...[...states.values()].map((state) => state.fence));
}

/** Closes its connection when it is released. */
class ConnectedLock implements Lock {
  readonly #lock: Lock;
  readonly #warehouse: Warehouse;

  constructor(lock: Lock, { warehouse }: Place) {
    this.#lock = lock;
    this.#warehouse = warehouse;
  }

  get fence(): number {
    return this.#lock.fence;
  }

  get previous(): Lock["previous"] {
    return this.#lock.previous;
  }

  setHorizon(sync: string, plan: string, seq: number): Promise<number> {
    return this.#lock.setHorizon(sync, plan, seq);
  }

  heartbeat(): Promise<void> {
    return this.#lock.heartbeat();
  }

  mustStop(): boolean {
    return this.#lock.mustStop();
  }

  assertHeld(): Promise<void> {
    return this.#lock.assertHeld();
  }

  async release(): Promise<void> {
    try {
      await this.#lock.release();
    } finally {
      await this.#warehouse.close();
    }
  }
}
