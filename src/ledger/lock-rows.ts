/**
 * The lock of a ledger as one row beside it (R25): the warehouse has no exclusive create, so whoever wants it writes its name over
 * exactly what it read, and has it only if its name is there afterwards.
 */
import type { Warehouse } from "../warehouse/warehouse.ts";
import { integer, textOrNull } from "../warehouse/row.ts";
import type { LockContent } from "./lock-file.ts";
import type { Ledger } from "./tables.ts";
import { wordsOf } from "./words.ts";

/** The row as it was read. `runId` null: free; what its last holder knew of horizons is still there. */
export interface LockRow {
  readonly fence: number;
  /** The next fence is above this one too: of a ledger that was imported. */
  readonly fenceFloor: number;
  readonly runId: string | null;
  readonly content: LockContent | null;
  readonly broken: boolean;
  /** The content as it stands there, to be compared. */
  readonly text: string | null;
}

export class LockRows {
  readonly #warehouse: Warehouse;
  readonly #ledger: Ledger;
  readonly #table: string;

  constructor(warehouse: Warehouse, ledger: Ledger) {
    this.#warehouse = warehouse;
    this.#ledger = ledger;
    this.#table = ledger.dialect.relation(...ledger.schema, "lock");
  }

  /** The row; null where no run ever took the lock, or the ledger's schema is not there. */
  async find(): Promise<LockRow | null> {
    const tables = await this.#warehouse
      .rows(wordsOf(this.#ledger.dialect).tables(this.#ledger.schema))
      .catch(() => []);
    return tables.some((row) => String(row["name"]) === "lock") ? this.#read() : null;
  }

  /** The row, made first where it is missing; of many who make it at a time, one does. */
  async open(): Promise<LockRow> {
    const there = await this.#read().catch(() => null);
    if (there !== null) return there;
    const { types } = wordsOf(this.#ledger.dialect);
    const typed = [
      `CAST(0 AS ${types.integer}) AS fence`,
      `CAST(0 AS ${types.integer}) AS fence_floor`,
      `CAST(NULL AS ${types.text}) AS run_id`,
      `CAST(NULL AS ${types.text}) AS content`,
      `CAST(FALSE AS ${types.boolean}) AS broken`,
    ];
    const schema = this.#ledger.dialect.relation(...this.#ledger.schema);
    try {
      await this.#warehouse.execute(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
      await this.#warehouse.execute(`CREATE TABLE IF NOT EXISTS ${this.#table} AS SELECT ${typed.join(", ")}`);
    } catch (error) {
      // Another run may have been making it at the same time.
      const made = await this.#read().catch(() => null);
      if (made === null) throw error;
      return made;
    }
    const made = await this.#read();
    if (made === null) throw new Error("the lock's table has no row");
    return made;
  }

  /** Writes `mine` over exactly that row; true only if it stands there afterwards. */
  async take(over: LockRow, mine: LockContent): Promise<boolean> {
    const same = (column: string, value: string | null): string =>
      value === null ? `${column} IS NULL` : `${column} = ${this.#literal(value)}`;
    await this.#set(
      { fence: mine.fence, run_id: mine.runId, content: JSON.stringify(mine), broken: false },
      `fence = ${over.fence} AND ${same("run_id", over.runId)} AND ${same("content", over.text)}`,
    );
    const now = await this.#read();
    return now !== null && isHeld(now, mine);
  }

  /** Renews what the holder says of itself; false when it holds the lock no more. */
  async renew(mine: LockContent): Promise<boolean> {
    return (await this.#set({ content: JSON.stringify(mine) }, `${this.#of(mine)} AND NOT broken`)) === 1;
  }

  /** Does that run still hold it? */
  async holds(mine: LockContent): Promise<boolean> {
    const now = await this.#read();
    return now !== null && isHeld(now, mine);
  }

  async free(mine: LockContent): Promise<void> {
    await this.#set({ run_id: null, content: JSON.stringify(mine) }, this.#of(mine));
  }

  /** A person frees it: the next run takes it over at once. */
  async break(held: LockContent): Promise<boolean> {
    return (await this.#set({ broken: true }, this.#of(held))) === 1;
  }

  async raiseFloor(fence: number): Promise<void> {
    await this.#set({ fence_floor: fence }, `fence_floor < ${fence}`);
  }

  #of({ fence, runId }: LockContent): string {
    return `fence = ${fence} AND run_id = ${this.#literal(runId)}`;
  }

  #set(values: Readonly<Record<string, string | number | boolean | null>>, where: string): Promise<number> {
    const sets = Object.entries(values).map(([column, value]) => `${column} = ${this.#literal(value)}`);
    return this.#warehouse.execute(`UPDATE ${this.#table} SET ${sets.join(", ")} WHERE ${where}`);
  }

  #literal(value: string | number | boolean | null): string {
    return this.#ledger.dialect.literal(value);
  }

  async #read(): Promise<LockRow | null> {
    const [row] = await this.#warehouse.rows(`SELECT fence, fence_floor, run_id, content, broken FROM ${this.#table}`);
    if (row === undefined) return null;
    const text = textOrNull(row, "content");
    return {
      fence: integer(row, "fence"),
      fenceFloor: integer(row, "fence_floor"),
      runId: textOrNull(row, "run_id"),
      content: text === null ? null : (JSON.parse(text) as LockContent),
      broken: row["broken"] === true,
      text,
    };
  }
}

const isHeld = (row: LockRow, { fence, runId }: LockContent): boolean =>
  row.fence === fence && row.runId === runId && !row.broken;
