/** Two tables of a ledger that is written with `journal: warehouse`: rows of open plans, and what became of them so far. */
import type { Json } from "../core.ts";
import { integer, text } from "../warehouse/row.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { JournalContent, JournalHeader } from "./journal.ts";
import type { Ledger } from "./tables.ts";
import { wordsOf } from "./words.ts";

/** A plan of a run, by the sync's internal id. */
export interface KeptPlan {
  readonly runId: string;
  readonly id: string;
}

export class KeptTables {
  readonly #warehouse: Warehouse;
  readonly #ledger: Ledger;

  constructor(warehouse: Warehouse, ledger: Ledger) {
    this.#warehouse = warehouse;
    this.#ledger = ledger;
  }

  /** Makes the tables where they are missing. */
  async create(): Promise<void> {
    const { types, createTable } = wordsOf(this.#ledger.dialect);
    const columns = (...texts: readonly string[]): string =>
      [...texts.map((name) => `${this.#quote(name)} ${types.text}`), `n ${types.integer}`].join(", ");
    for (const name of ["kept_plans", "journal"])
      await this.#warehouse.execute(createTable(this.#table(name), columns("run_id", "id", "content")));
  }

  /** A plan's file, in pieces of text; what an attempt before left is gone first. */
  async keep({ runId, id }: KeptPlan, pieces: AsyncIterable<string>): Promise<void> {
    await this.#warehouse.execute(`DELETE FROM ${this.#table("kept_plans")} WHERE ${this.#of({ runId, id })}`);
    async function* rows(): AsyncGenerator<readonly (readonly unknown[])[]> {
      let n = 0;
      for await (const piece of pieces) yield [[runId, id, piece, n++]];
    }
    await this.#warehouse.append(this.#table("kept_plans"), rows());
  }

  /** The pieces in order; none where the plan was not kept. */
  async *kept(plan: KeptPlan): AsyncGenerator<string> {
    const query = `SELECT ${this.#quote("content")} FROM ${this.#table("kept_plans")} WHERE ${this.#of(plan)} ORDER BY n`;
    for await (const { rows, columns } of this.#warehouse.read(query))
      for (let row = 0; row < rows; row += 1) yield String(columns[0]?.[row]);
  }

  /** Part `n` of a plan's journal; part 0 is its header. */
  async insert({ runId, id }: KeptPlan, n: number, records: readonly Json[]): Promise<void> {
    await this.#warehouse.append(this.#table("journal"), [[[runId, id, JSON.stringify(records), n]]]);
  }

  /** The journal of a plan; null where there is none. A part that was inserted twice counts once. */
  async journal(plan: KeptPlan): Promise<JournalContent | null> {
    const query = `SELECT n, ${this.#quote("content")} AS content FROM ${this.#table("journal")} WHERE ${this.#of(plan)} ORDER BY n`;
    const parts = new Map<number, readonly Json[]>();
    for (const row of await this.#warehouse.rows(query))
      parts.set(integer(row, "n"), JSON.parse(text(row, "content")) as readonly Json[]);
    const [header, ...records] = [...parts.values()].flat();
    if (header === undefined) return null;
    return { header: header as unknown as JournalHeader, records, torn: false, cutAt: 0 };
  }

  /** Under the lock, with every plan closed, nothing in them is of use to anybody. */
  async clear(): Promise<void> {
    for (const name of ["journal", "kept_plans"])
      await this.#warehouse.execute(`DELETE FROM ${this.#table(name)} WHERE n >= 0`);
  }

  #of({ runId, id }: KeptPlan): string {
    const { literal } = this.#ledger.dialect;
    return `run_id = ${literal(runId)} AND id = ${literal(id)}`;
  }

  #quote(name: string): string {
    return this.#ledger.dialect.quote(name);
  }

  #table(name: string): string {
    return this.#ledger.dialect.relation(...this.#ledger.schema, name);
  }
}
