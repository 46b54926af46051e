import { exitCodes, failure, type MillraceError } from "../errors.ts";
import { cut, withoutValues } from "./masked-line.ts";

/** Kinds of DuckDB errors whose text speaks of the statement and never of rows; all others are masked. */
const speaksOfSql =
  /^(Parser|Binder|Catalog|Syntax|IO|Permission|Out of Memory|INTERRUPT|Interrupt|Transaction|TransactionContext|Not implemented|Dependency|Settings|HTTP|Serialization|Connection) Error/i;

/**
 * DuckDB's error as ours: E708 for memory and disk, E704 for what the cage refuses, E701 for the rest.
 *
 * Only the first line is kept, and what may be a row's value in it is replaced by `…`; DuckDB's own error is the cause.
 */
export function warehouseError(error: unknown, doing?: string): MillraceError {
  const text = error instanceof Error ? error.message : String(error);
  const line = firstLine(text);
  const message = doing === undefined ? line : `${doing}: ${line}`;
  if (/^Out of Memory|No space left|max_temp_directory_size|failed to offload/i.test(text)) {
    const hint = /No space left/i.test(text)
      ? "free space on the disk of the file it names, then run again: what was sent is known from the journal"
      : "raise memory_limit of the environment's warehouse, or free space where it spills (.millrace/tmp)";
    return failure("E708", message, { hint, cause: error });
  }
  if (text.startsWith("Permission Error")) {
    return failure("E704", message, {
      hint: "SQL of a project may only read its sources, seeds and models",
      cause: error,
    });
  }
  return failure("E701", message, { cause: error });
}

/** The first line of DuckDB's text, without its advertising of documentation and without values of rows. */
export function firstLine(text: string): string {
  const line = (text.split("\n", 1)[0] ?? "").replace(/\s*See also https?:\/\/\S+/g, "").trim();
  return cut(speaksOfSql.test(line) ? line : withoutValues(line));
}

/** The lock of another process on a database file as E501, or null when the error is something else. */
export function lockConflict(error: unknown, path: string): MillraceError | null {
  const text = error instanceof Error ? error.message : String(error);
  if (!/Could not set lock on file|being used by another process|Conflicting lock/i.test(text)) return null;
  const pid = /PID (\d+)/i.exec(text)?.[1];
  const holder = pid === undefined ? "another process" : `process ${pid}`;
  return failure("E501", `${path} is held by ${holder}`, {
    exit: exitCodes.locked,
    hint: "wait for the other run to end, or close the program that has the file open",
    cause: error,
  });
}

/** E700 for a file that cannot be opened: no database, damaged, or beside a log that is not its own. */
export function notOpened(error: unknown, file: string): MillraceError {
  const { message } = warehouseError(error);
  const hint = "the file and its log (.wal) belong together: bring back both as they were at one time";
  return failure("E700", `cannot open ${file}: ${message.replace(/^E\d+: /, "")}`, {
    ...(/\bWAL file\b/.test(message) ? { hint } : {}),
    cause: error,
  });
}

/**
 * Where in `sql` DuckDB saw the problem, line and column counted from 1; null when it does not say.
 * It shows an excerpt of the line, cut to `...` at both ends, so the excerpt is searched in the line itself.
 */
export function errorPosition(text: string, sql: string): { line: number; column: number } | null {
  const found = /\n\s*LINE (\d+): ([^\n]*)\n([^\n]*)\^/.exec(text);
  if (found === null) return null;
  const [, line = "1", excerpt = "", pad = ""] = found;
  const caret = pad.length - `LINE ${line}: `.length;
  const cutLeft = excerpt.startsWith("...");
  const shown = excerpt.slice(cutLeft ? 3 : 0).replace(/\.\.\.$/, "");
  const start = (sql.split("\n")[Number(line) - 1] ?? "").indexOf(shown);
  return { line: Number(line), column: Math.max(1, Math.max(0, start) + caret - (cutLeft ? 3 : 0) + 1) };
}
