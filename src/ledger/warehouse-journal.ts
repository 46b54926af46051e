/**
 * The journal of a runner without a disk: records gathered and inserted into a table of the ledger's warehouse every few seconds.
 *
 * What is lost with the process since the last insert is covered by the send horizon, which stands in the lock's row: whatever lies
 * below it and has no verdict is in doubt (R7). Only what the horizon cannot tell again is waited for.
 */
import type { Json } from "../core.ts";
import { failure } from "../errors.ts";
import type { Clock } from "../ports.ts";
import type { Journal, JournalHeader } from "./journal.ts";

export interface WarehouseJournalOptions {
  readonly header: JournalHeader;
  readonly clock: Clock;
  /** Inserts records as the journal's part `n`; a part that is inserted twice is the same. */
  readonly insert: (n: number, records: readonly Json[]) => Promise<void>;
  /** Records that the horizon makes up for: they are inserted with the next ones. */
  readonly covered: (record: Json) => boolean;
  /** The first part's number. */
  readonly next: number;
}

/** Between two inserts: each is a statement, and the table takes only so many a day (R25). */
const everyMs = 5_000;
/** Waits before an insert that failed is tried again: a part that is inserted twice is the same. */
const againMs = [1_000, 4_000];
/** So many wait at most. */
const mostWaiting = 20_000;

export class WarehouseJournal implements Journal {
  readonly header: JournalHeader;
  readonly full = false;
  readonly #options: WarehouseJournalOptions;
  #next: number;
  #waiting: Json[] = [];
  #running: Promise<void> | null = null;
  #lastAt: number;
  #dead: Error | null = null;

  constructor(options: WarehouseJournalOptions) {
    this.#options = options;
    this.header = options.header;
    this.#next = options.next;
    this.#lastAt = options.clock.monotonic();
  }

  async append(records: readonly unknown[]): Promise<void> {
    if (this.#dead !== null) throw this.#dead;
    this.#waiting.push(...(records as readonly Json[]));
    const due = this.#options.clock.monotonic() - this.#lastAt >= everyMs;
    if (this.#waiting.length >= mostWaiting) await this.#flush();
    else if (due && this.#running === null) this.#flush().catch(() => undefined);
  }

  async sync(): Promise<void> {
    await this.#flush();
  }

  async commit(records: readonly unknown[]): Promise<void> {
    await this.append(records);
    if (!(records as readonly Json[]).every(this.#options.covered)) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
  }

  /** Returns when all that waited at the call is inserted; those who ask meanwhile share the next insert. */
  async #flush(): Promise<void> {
    while (this.#running !== null) await this.#running.catch(() => undefined);
    if (this.#dead !== null) throw this.#dead;
    if (this.#waiting.length === 0) return;
    const records = this.#waiting;
    this.#waiting = [];
    this.#running = this.#insert(records).finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  async #insert(records: readonly Json[]): Promise<void> {
    this.#lastAt = this.#options.clock.monotonic();
    try {
      await this.#tried(records);
      this.#next += 1;
    } catch (cause) {
      this.#dead = failure(
        "E504",
        `the journal of sync "${this.header.sync}" could not be written: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          hint: "what was sent since the last good write is in doubt and is settled by the next `millrace sync`",
          cause,
        },
      );
      throw this.#dead;
    }
  }

  async #tried(records: readonly Json[]): Promise<void> {
    for (const ms of againMs) {
      try {
        return await this.#options.insert(this.#next, records);
      } catch {
        await this.#options.clock.sleep(ms);
      }
    }
    await this.#options.insert(this.#next, records);
  }
}
