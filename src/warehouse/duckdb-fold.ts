/**
 * Folds a DuckDB file's write-ahead log into it by a copy. DuckDB's own checkpoint writes over blocks that the header still
 * refers to: a process killed in the middle of such a write leaves a file that nobody can open. Here only a copy is ever
 * checkpointed, and renames put it in the file's place.
 */
import { randomBytes } from "node:crypto";
import { chmod, copyFile, open, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { openDuckDB, type DuckDBOptions } from "./duckdb.ts";

/** Files below this size are folded whenever they have a log, larger ones once a tenth of them is owed. */
const smallBytes = 8 * 2 ** 20;

/** DuckDB's storage format: three headers of 4 KiB, then blocks; numbers are little-endian (duckdb.org, internals/storage). */
const headersBytes = 12_288;
const headerAt = [4096, 8192] as const;

/** What stands beside a file while it is folded; `id` tells one fold from another. */
interface Beside {
  /** Copy of the file, later its successor. */
  readonly copy: string;
  /** The log, moved aside: from then on the copy counts. */
  readonly aside: string;
}

const beside = (file: string, id: string): Beside => ({
  copy: `${file}.${id}.fold`,
  aside: `${file}.${id}.folded`,
});

const logOf = (file: string): string => `${file}.wal`;

export interface FoldOptions extends Pick<DuckDBOptions, "threads" | "memoryLimit" | "tempDirectory"> {
  /** Fold whatever is owed. */
  readonly always?: boolean;
}

/** The copy's log cannot be read back: neither could the file's own, once it is closed. */
export class UnreadableLog extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "UnreadableLog";
  }
}

/**
 * Folds the log when enough is owed; throws what hindered it, after which file and log stand as before, {@link UnreadableLog}
 * where DuckDB wrote one that it does not read.
 *
 * The caller's DuckDB holds the file open for writing, with nothing under way, and is closed next: no other process can
 * write meanwhile. `handle` reads the file and is closed after that, because closing any descriptor of a file gives up all
 * locks the process has on it (fcntl, POSIX).
 */
export async function foldLog(file: string, handle: FileHandle, options: FoldOptions): Promise<void> {
  if (!(await isDue(file, handle, options.always ?? false))) return;
  for await (const _ of foldSteps(file, handle, options));
}

/** What is owed: the log, and blocks that were written into the file since its last checkpoint, ahead of their commit. */
async function isDue(file: string, handle: FileHandle, always: boolean): Promise<boolean> {
  const log = await sizeOf(logOf(file));
  if (log === 0) return false;
  const { size } = await handle.stat();
  const folded = await foldedBytes(handle);
  return always || size < smallBytes || log + size - folded > folded / 10;
}

/** Bytes of the file that its newest header vouches for. */
async function foldedBytes(handle: FileHandle): Promise<number> {
  const { buffer } = await handle.read(Buffer.alloc(headersBytes), 0, headersBytes, 0);
  const number = (at: number): number => Number(buffer.readBigUInt64LE(at));
  // After its checksum a header has: iteration, root, free list, blocks, bytes of a block.
  const [newest] = headerAt.toSorted((a, b) => number(b + 8) - number(a + 8));
  return newest === undefined ? headersBytes : headersBytes + number(newest + 32) * number(newest + 40);
}

/**
 * One fold, step by step. A process that ends between two steps, or within one, leaves what {@link finishFold} and
 * {@link clearFolds} mend: until the log is aside, file and log count; from then on, the copy.
 */
export async function* foldSteps(file: string, handle: FileHandle, options: FoldOptions): AsyncGenerator<string, void> {
  const names = beside(file, randomBytes(6).toString("hex"));
  try {
    const log = await sizeOf(logOf(file));
    await copyFrom(handle, names.copy);
    yield "file copied";
    await copyFile(logOf(file), logOf(names.copy));
    yield "log copied";
    await checkpoint(names.copy, options);
    yield "copy checkpointed";
    if ((await sizeOf(logOf(file))) !== log) throw new Error("the log grew while it was folded");
    await rename(logOf(file), names.aside);
  } catch (error) {
    for (const name of [names.copy, logOf(names.copy)]) await rm(name, { force: true });
    throw error;
  }
  await syncFolder(file);
  yield "log aside";
  await putInPlace(file, names);
  yield "copy in place";
  await rm(names.aside, { force: true });
}

/** Finishes a fold whose process ended after it had moved the log aside. Before the file is opened, by whoever opens it. */
export async function finishFold(file: string): Promise<void> {
  for (const id of await foldsBeside(file, "folded")) {
    const names = beside(file, id);
    await putInPlace(file, names);
    await rm(names.aside, { force: true });
  }
}

/** Removes copies of folds that were never finished. Only while the file is held for writing: then no fold is under way. */
export async function clearFolds(file: string): Promise<void> {
  for (const id of await foldsBeside(file, "fold")) {
    const { copy } = beside(file, id);
    for (const name of [copy, logOf(copy)]) await rm(name, { force: true });
  }
}

async function foldsBeside(file: string, end: "fold" | "folded"): Promise<readonly string[]> {
  const start = `${path.basename(file)}.`;
  const names = await readdir(path.dirname(file));
  return names.flatMap((name) => {
    const found = new RegExp(`^([0-9a-f]{12})\\.${end}(?:\\.wal)?$`).exec(name.slice(start.length));
    return name.startsWith(start) && found !== null ? [found[1] ?? ""] : [];
  });
}

/** Two may do it at once, each process that found the log aside: the copy is moved once, whoever comes later finds it done. */
async function putInPlace(file: string, { copy }: Beside): Promise<void> {
  try {
    await rename(copy, file);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return;
  }
  await syncFolder(file);
}

async function copyFrom(handle: FileHandle, to: string): Promise<void> {
  const target = await open(to, "wx", 0o600);
  try {
    const buffer = Buffer.allocUnsafe(2 ** 20);
    for (let at = 0; ;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      await target.writeFile(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await target.close();
  }
}

/** Checkpoints the copy and waits until it is on the disk. */
async function checkpoint(copy: string, { threads, memoryLimit, tempDirectory }: FoldOptions): Promise<void> {
  const warehouse = await openDuckDB({
    ...(threads === undefined ? {} : { threads }),
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
    ...(tempDirectory === undefined ? {} : { tempDirectory }),
  });
  try {
    await warehouse.attach(copy, "copy").catch((error: unknown) => {
      throw new UnreadableLog(error);
    });
    await warehouse.execute("CHECKPOINT copy");
  } finally {
    await warehouse.close();
  }
  if ((await sizeOf(logOf(copy))) > 0) throw new Error("the log was not folded into the copy");
  const handle = await open(copy, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await chmod(copy, 0o600);
  await syncFolder(copy);
}

/** 0 when there is no such file. */
async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    (error: unknown) => {
      if (isMissing(error)) return 0;
      throw error;
    },
  );
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

/** A rename is durable only when its folder is. */
async function syncFolder(file: string): Promise<void> {
  const handle = await open(path.dirname(file), "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
