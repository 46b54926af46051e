/** Settled rows on their way into the ledger: gathered beside it, then written by one transaction. */
import type { Rejection, LedgerRow, Settled } from "../ledger/rules.ts";
import { rejectionsTable, sentTable, sharedTable, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { heldStatement } from "../ledger/state.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import { type Ending, noEnding, withRows } from "./ending.ts";
import type { RowRequests } from "./requests.ts";
import type { PlanRow } from "./rows.ts";

export interface StagingInput {
  readonly sync: string;
  readonly plan: string;
  readonly runId: string;
  readonly now: number;
  /** What the state row must still say when rows are written (R22). */
  readonly holds: { readonly fence: number; readonly openPlan: string | null };
}

/** Rows handed to the appender at a time. */
const chunkRows = 8_192;

const stagedColumns = `k VARCHAR, h VARCHAR, h_fast VARCHAR, h_tag UINTEGER, m INTEGER, ids VARCHAR, state VARCHAR,
  doubt_at BIGINT, remote_id VARCHAR, idem VARCHAR, fields VARCHAR, run_id VARCHAR, sent_at BIGINT, keep BOOLEAN`;
const rejectionColumns = `k VARCHAR, op VARCHAR, kind VARCHAR, "value" VARCHAR, h VARCHAR, code VARCHAR, message VARCHAR, attempts INTEGER,
  first_at BIGINT, last_at BIGINT, next_after BIGINT, dead BOOLEAN`;
const changeColumns = "k VARCHAR, seq UBIGINT, op VARCHAR, status VARCHAR, code VARCHAR, message VARCHAR";

const tables = {
  staged: stagedColumns,
  staged_rejections: rejectionColumns,
  staged_changes: changeColumns,
  staged_keys: "k VARCHAR",
} as const;
type Table = keyof typeof tables;
const names = Object.keys(tables) as readonly Table[];

const noRows = (): Record<Table, (readonly unknown[])[]> => ({
  staged: [],
  staged_rejections: [],
  staged_changes: [],
  staged_keys: [],
});

export class Staging {
  readonly #ferry: Ferry;
  readonly #ledger: Ledger;
  readonly #id: string;
  readonly #tag: number;
  readonly #input: StagingInput;
  #rows = noRows();
  /** What was gathered beside the ledger and is not in it yet. */
  readonly #staged = new Set<Table>();

  constructor(
    ferry: Ferry,
    ledger: Ledger,
    { id, tag }: { readonly id: string; readonly tag: number },
    input: StagingInput,
  ) {
    this.#ferry = ferry;
    this.#ledger = ledger;
    this.#id = id;
    this.#tag = tag;
    this.#input = input;
  }

  #table(name: Table): string {
    return `${this.#ferry.target}."${name}__${this.#id}"`;
  }

  async open(): Promise<void> {
    for (const name of names) {
      await this.#ferry.desk.execute(`CREATE OR REPLACE TABLE ${this.#table(name)} (${tables[name]})`);
    }
  }

  /** One settled row: its new ledger row, rejections and change. Rows that stay as they are cost nothing. */
  add(row: PlanRow, settled: Pick<Settled, "row" | "rejections" | "outcome">, asked: RowRequests): void {
    if (settled.row !== row.row) this.replace(row.k, settled.row);
    if (row.rejections.length > 0) this.#rows.staged_keys.push([row.k]);
    for (const rejection of settled.rejections) this.#rows.staged_rejections.push(rejectionCells(rejection));
    if (settled.outcome === "none") return;
    const told = settled.rejections.find((one) => one.lastAt === this.#input.now);
    const [code, message] = settled.outcome === "rejected" ? [told?.code, told?.message] : [null, null];
    const op = asked.ask.kind === "send" ? asked.ask.op : row.op;
    this.#rows.staged_changes.push([row.k, row.seq, op, settled.outcome, code, message]);
  }

  /** The row as it will stand, or null when the ledger forgets the key. */
  replace(k: string, next: LedgerRow | null): void {
    this.#rows.staged.push(cells(k, next, this.#tag));
  }

  /** Moves what was gathered beside the ledger, so that memory stays flat however many rows a window has. */
  async spill(atLeast = chunkRows): Promise<void> {
    for (const name of names) {
      const rows = this.#rows[name];
      if (rows.length < atLeast || rows.length === 0) continue;
      this.#rows = { ...this.#rows, [name]: [] };
      await this.#ferry.desk.append(this.#table(name), [rows]);
      this.#staged.add(name);
    }
  }

  /**
   * Writes everything gathered since the last call into the ledger, with an ending where it is the last: all or nothing. It
   * fails when another run took the ledger over.
   */
  async apply(ending: Ending = noEnding): Promise<void> {
    await this.spill(1);
    const staged = names.filter((name) => this.#staged.has(name));
    if (staged.length + ending.parts.length + ending.statements.length === 0) return;
    const { warehouse, desk } = this.#ferry;
    const held = heldStatement(warehouse, this.#ledger, this.#id, this.#input);
    const queries = staged.map((name) => `SELECT * FROM ${this.#table(name)}`);
    await withRows(this.#ferry, queries, ending, (relations, ended) => {
      const given = Object.fromEntries(staged.map((name, at) => [name, relations[at]]));
      return warehouse.script([held, ...this.#statements(given), ...ended]);
    });
    for (const name of staged) await desk.execute(`DELETE FROM ${this.#table(name)}`);
    this.#staged.clear();
  }

  async close(): Promise<void> {
    for (const name of names) await this.#ferry.desk.execute(`DROP TABLE IF EXISTS ${this.#table(name)}`);
  }

  /** Given the staged rows as the warehouse can read them; nothing is written where there are none. */
  #statements(given: { readonly [Name in Table]?: string | undefined }): readonly string[] {
    const { staged, staged_rejections: told, staged_changes: history, staged_keys: keys } = given;
    const sent = sentTable(this.#ledger, this.#id);
    const rejections = rejectionsTable(this.#ledger, this.#id);
    const changes = sharedTable(this.#ledger, "changes");
    const { literal, quote } = this.#ledger.dialect;
    const { idsOf, printOf } = wordsOf(this.#ledger.dialect);
    const { plan, runId, now } = this.#input;
    const sync = literal(this.#input.sync);
    const answered = [keys, told].flatMap((relation) => (relation === undefined ? [] : [`SELECT k FROM ${relation}`]));
    const statements: string[] = [];
    if (staged !== undefined)
      statements.push(
        `DELETE FROM ${sent} WHERE k IN (SELECT k FROM ${staged})`,
        `INSERT INTO ${sent} SELECT k, ${printOf("h")}, ${printOf("h_fast")}, h_tag, m, ${idsOf("ids")}, state, doubt_at,
       remote_id, idem, fields, run_id, sent_at FROM ${staged} WHERE keep`,
      );
    if (answered.length > 0) statements.push(`DELETE FROM ${rejections} WHERE k IN (${answered.join(" UNION ALL ")})`);
    if (told !== undefined)
      statements.push(
        `INSERT INTO ${rejections} SELECT k, op, kind, ${quote("value")}, ${printOf("h")}, code, message, attempts, first_at, last_at, next_after, dead FROM ${told}`,
      );
    if (history !== undefined)
      statements.push(
        `DELETE FROM ${changes} WHERE plan = ${literal(plan)} AND sync = ${sync} AND seq IN (SELECT seq FROM ${history})`,
        `INSERT INTO ${changes} SELECT ${literal(runId)}, ${literal(plan)}, ${sync}, k, seq, 0, op, status, code, message, ${now} FROM ${history}`,
      );
    return statements;
  }
}

function cells(k: string, next: LedgerRow | null, tag: number): readonly unknown[] {
  if (next === null) return [k, null, null, null, null, null, null, null, null, null, null, null, null, false];
  const { h, hFast, m, ids, state, doubtAt, remoteId, idem, fields, runId, sentAt } = next;
  const tagged = hFast === null ? null : tag;
  return [k, h, hFast, tagged, m, JSON.stringify(ids), state, doubtAt, remoteId, idem, fields, runId, sentAt, true];
}

function rejectionCells(one: Rejection): readonly unknown[] {
  return [
    one.k,
    one.op,
    one.kind,
    one.value,
    one.h,
    one.code,
    one.message,
    one.attempts,
    one.firstAt,
    one.lastAt,
    one.nextAfter,
    one.dead,
  ];
}
