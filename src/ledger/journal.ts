/**
 * The journal: what was about to be sent and what came of it, on the local disk, before the ledger knows.
 *
 * Append-only, one checked line per record, the header first. An fsync that failed is fatal: the data may be gone
 * although the next write succeeds, so the journal refuses everything from then on.
 */
import type { Json } from "../core.ts";
import { failure, type MillraceError } from "../errors.ts";
import type { AppendFile, Files } from "../ports.ts";
import { encodeRecord, scanRecords, type JournalHeader } from "./journal-format.ts";

export type { JournalHeader } from "./journal-format.ts";

export interface JournalContent {
  readonly header: JournalHeader;
  readonly records: readonly Json[];
  /** Something behind the last sound record was cut away: the last write before a crash. */
  readonly torn: boolean;
  /** Bytes of the sound part. */
  readonly cutAt: number;
}

export interface Journal {
  readonly header: JournalHeader;
  /** True once the disk was full and the reserve was spent: verdicts may still fit, nothing new should be sent. */
  readonly full: boolean;
  /**
   * Hands records to the operating system, in order; `sync` makes them durable. `verdict` may use the reserve on a
   * full disk, everything else fails with E505 there and leaves the journal usable (nothing was sent yet).
   */
  append(records: readonly unknown[], options?: { readonly verdict?: boolean }): Promise<void>;
  /** Returns when everything appended before the call is on disk; many callers share one fsync. Throws when one of those was refused. */
  sync(): Promise<void>;
  /** Appends these records and returns when they are on disk. */
  commit(records: readonly unknown[], options?: { readonly verdict?: boolean }): Promise<void>;
  /** Syncs, closes and gives the reserve back; the records stay. */
  close(): Promise<void>;
}

/** Room for verdicts on a full disk: about 10,000 of them. */
const reserveBytes = 1 << 20;
const reserveOf = (path: string): string => `${path}.reserve`;

/** Makes the journal of a plan that is about to be opened: who finds the plan open later finds a journal, or knows that it was lost. */
export async function startJournal(files: Files, path: string, header: Omit<JournalHeader, "format">): Promise<void> {
  try {
    await startOrCut(files, path, { ...header, format: 1 });
  } catch (error) {
    throw codeOf(error) === "ENOSPC" ? diskFull(path) : error;
  }
}

/** Starts the journal of a plan, or goes on with it after cutting a torn tail. Throws E503–E506. */
export async function openJournal(files: Files, path: string, header: Omit<JournalHeader, "format">): Promise<Journal> {
  const wanted: JournalHeader = { ...header, format: 1 };
  try {
    await files.writeAtomic(reserveOf(path), new Uint8Array(reserveBytes));
    await startOrCut(files, path, wanted);
    return new FileJournal(files, path, wanted, await files.open(path));
  } catch (error) {
    throw codeOf(error) === "ENOSPC" ? diskFull(path) : error;
  }
}

/** Reads a journal; null when there is none. Throws E503 when it is damaged, E506 when a newer version wrote it. */
export async function readJournal(files: Files, path: string): Promise<JournalContent | null> {
  const bytes = await files.read(path);
  if (!bytes) return null;
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { records, end, damaged } = scanRecords(content);
  const [header, ...rest] = records;
  if (damaged || header === undefined) throw journalDamaged(path, end);
  return { header: headerOf(header, path), records: rest, torn: end < content.length, cutAt: end };
}

/** Puts a journal out of the way of the next run, kept for people to read. */
export async function archiveJournal(files: Files, path: string, to: string): Promise<void> {
  await files.remove(reserveOf(path));
  await files.rename(path, to);
}

async function startOrCut(files: Files, path: string, header: JournalHeader): Promise<void> {
  const old = await readJournal(files, path);
  if (!old) return await files.writeAtomic(path, encodeRecord(header));
  if (old.header.plan !== header.plan || old.header.sync !== header.sync) {
    throw failure(
      "E507",
      `the journal ${path} belongs to plan ${old.header.plan} of ${old.header.sync}, not to plan ${header.plan} of ${header.sync}`,
      {
        hint: "an earlier run was not recovered: run `millrace sync` again; it recovers before it plans",
      },
    );
  }
  if (old.torn) {
    const bytes = await files.read(path);
    if (bytes) await files.writeAtomic(path, bytes.subarray(0, old.cutAt));
  }
}

interface Entry {
  readonly content: string;
  readonly verdict: boolean;
  readonly done: (error?: unknown) => void;
}

class FileJournal implements Journal {
  readonly header: JournalHeader;
  full = false;
  readonly #files: Files;
  readonly #path: string;
  readonly #file: AppendFile;
  #waiting: Entry[] = [];
  #writing: Promise<void> | null = null;
  /** The fsync that will start when the running one ends. */
  #nextSync: Promise<void> | null = null;
  #runningSync: Promise<void> = Promise.resolve();
  #dead: unknown;
  /** An append that was refused since the last sync(). */
  #refused: unknown;

  constructor(files: Files, path: string, header: JournalHeader, file: AppendFile) {
    this.#files = files;
    this.#path = path;
    this.header = header;
    this.#file = file;
  }

  append(records: readonly unknown[], options: { readonly verdict?: boolean } = {}): Promise<void> {
    const content = records.map(encodeRecord).join("");
    const written = new Promise<void>((resolve, reject) => {
      const done = (error?: unknown): void => (error === undefined ? resolve() : reject(error));
      this.#waiting.push({ content, verdict: options.verdict ?? false, done });
    });
    // Who only waits for sync() learns of a failure there.
    written.catch(() => undefined);
    this.#writing ??= this.#drain();
    return written;
  }

  async sync(): Promise<void> {
    await this.#flush();
    const refused = this.#refused;
    this.#refused = undefined;
    if (refused !== undefined) throw refused;
  }

  async commit(records: readonly unknown[], options: { readonly verdict?: boolean } = {}): Promise<void> {
    await this.append(records, options);
    await this.#flush();
  }

  #flush(): Promise<void> {
    this.#nextSync ??= this.#syncAfter(this.#runningSync);
    return this.#nextSync;
  }

  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#file.close();
      await this.#files.remove(reserveOf(this.#path));
    }
  }

  async #syncAfter(running: Promise<void>): Promise<void> {
    await running.catch(() => undefined);
    // Those who append from here on need the next one.
    const mine = this.#writeOut();
    this.#runningSync = mine;
    this.#nextSync = null;
    await mine;
  }

  async #writeOut(): Promise<void> {
    while (this.#writing) await this.#writing;
    if (this.#dead !== undefined) throw this.#dead;
    try {
      await this.#file.sync();
    } catch (error) {
      throw this.#die(error);
    }
  }

  async #drain(): Promise<void> {
    // One turn of the event loop gathers what callers append together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const entries = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#dead !== undefined) throw this.#dead;
        await this.#file.append(Buffer.from(entries.map((entry) => entry.content).join("")));
        for (const entry of entries) entry.done();
      } catch (error) {
        if (codeOf(error) === "ENOSPC") await this.#squeeze(entries);
        else for (const entry of entries) entry.done(this.#die(error));
      }
    }
    // In the same turn as the check above: an append after it must start a drain of its own.
    this.#writing = null;
  }

  /** The disk is full: verdicts go into the room of the reserve, the rest is refused. */
  async #squeeze(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      if (!entry.verdict) {
        this.full = true;
        this.#refused = diskFull(this.#path);
        entry.done(this.#refused);
        continue;
      }
      try {
        if (this.#dead !== undefined) throw this.#dead;
        await this.#files.remove(reserveOf(this.#path));
        this.full = true;
        await this.#file.append(Buffer.from(entry.content));
        entry.done();
      } catch (error) {
        entry.done(this.#die(error));
      }
    }
  }

  #die(cause: unknown): unknown {
    this.#dead ??= failure(
      "E504",
      `the journal ${this.#path} could not be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: "what was sent since the last good write is in doubt and is settled by the next `millrace sync`; look at the disk first",
        cause,
      },
    );
    return this.#dead;
  }
}

function headerOf(record: Json, path: string): JournalHeader {
  const header = record as Partial<JournalHeader> | null;
  if (typeof header?.plan !== "string" || typeof header.sync !== "string" || typeof header.format !== "number")
    throw journalDamaged(path, 0);
  if (header.format > 1) {
    throw failure(
      "E506",
      `the journal ${path} was written by a newer version of millrace (format ${header.format}, this one reads 1)`,
      {
        hint: "use that version, or a later one",
      },
    );
  }
  return header as JournalHeader;
}

const journalDamaged = (path: string, at: number): MillraceError =>
  failure(
    "E503",
    `the journal ${path} is damaged at byte ${at}: a record there fails its check and this is no torn end`,
    {
      hint: "restore the file from a backup; without one, move it away: rows below the send horizon then count as in doubt and are sent again",
    },
  );

const diskFull = (path: string): MillraceError =>
  failure("E505", `no space left on the disk for the journal ${path}`, {
    hint: "free some space; nothing of this batch was sent",
  });

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");
