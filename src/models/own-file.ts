/** Files of ours in a session: attached whole, whatever a killed process left beside them, and folded before they are closed. */
import { chmod, open, rename, rm, stat } from "node:fs/promises";
import type { DuckDBWarehouse } from "../warehouse/duckdb.ts";
import { clearFolds, finishFold, foldLog, UnreadableLog, type FoldOptions } from "../warehouse/duckdb-fold.ts";

/** Attaches a file under an alias. */
export type Attach = (file: string, alias: string, readOnly: boolean) => Promise<void>;

/** Attaches a file of ours, readable by its owner only: it holds personal data (decision 14). */
export async function attachPrivate(
  warehouse: DuckDBWarehouse,
  file: string,
  alias: string,
  attach: Attach,
): Promise<void> {
  if (!(await exists(file))) await makeFile(warehouse, file, alias, attach);
  await attach(file, alias, false);
  await chmod(file, 0o600);
}

/** An empty database, made beside: half of one, left by a full disk or a kill, would be refused ever after. */
async function makeFile(warehouse: DuckDBWarehouse, file: string, alias: string, attach: Attach): Promise<void> {
  const beside = `${file}.${process.pid}.new`;
  try {
    await attach(beside, alias, false);
    await warehouse.detach(alias);
    // Never over a file that another process made meanwhile.
    if (!(await exists(file))) await rename(beside, file);
  } finally {
    for (const left of [beside, `${beside}.wal`]) await rm(left, { force: true });
  }
}

export interface Attaching {
  readonly write: boolean;
  readonly attach: () => Promise<void>;
  readonly detach: () => Promise<void>;
}

/**
 * Attaches the file that stands under this name: when another process put a folded one there meanwhile, the one attached is
 * its predecessor, without its log, and it is tried again.
 */
export async function attachWhole(file: string, { write, attach, detach }: Attaching): Promise<void> {
  while (true) {
    await finishFold(file);
    const before = await numberOf(file);
    await attach();
    if (before === null || (await numberOf(file)) === before) break;
    await detach();
  }
  if (write) await clearFolds(file);
}

export interface Folding extends FoldOptions {
  /** Told why a log could not be folded: file and log stand as they were, and the next session tries again. */
  readonly onUnfolded?: (because: string) => void;
}

/** What holds the file open. */
export interface Holder {
  /** DuckDB's own checkpoint, from memory and in place. */
  checkpoint(): Promise<unknown>;
  close(): Promise<void>;
}

/** Folds the file's log if enough is owed, then gives the file up. */
export async function foldAndClose(file: string, folding: Folding, holder: Holder): Promise<void> {
  const told = (error: unknown): void => folding.onUnfolded?.(error instanceof Error ? error.message : String(error));
  const handle = await open(file, "r").catch(told);
  if (handle !== undefined) {
    await foldLog(file, handle, folding).catch(async (error: unknown) => {
      told(error);
      // Closed with such a log the file is lost for sure; in place, only if the process is killed this very moment.
      if (error instanceof UnreadableLog) await holder.checkpoint().catch(told);
    });
  }
  await holder.close();
  await handle?.close();
  await chmod(`${file}.wal`, 0o600).catch(() => undefined);
}

/** Is there a file of this name? */
export async function exists(file: string): Promise<boolean> {
  return (await numberOf(file)) !== null;
}

/** What tells files apart that had one name in turn; null when there is none. */
async function numberOf(file: string): Promise<number | null> {
  return stat(file).then(
    ({ ino }) => ino,
    () => null,
  );
}
