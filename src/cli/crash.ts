import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { exitCodes, failure, type MillraceError } from "../errors.ts";
import { safeText } from "./safe-text.ts";

/** A defect of millrace: the stack goes to a file (0600) below the target folder, never to the terminal. */
export function reportCrash(
  error: unknown,
  where: {
    readonly folder: string;
    readonly target: string;
    readonly version: string;
    readonly now: number;
    masked(text: string): string;
  },
): MillraceError {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const causes =
    error instanceof Error && error.cause !== undefined
      ? `\ncaused by ${String((error.cause as Error).stack ?? error.cause)}`
      : "";
  const text = `millrace ${where.version}, node ${process.version}, ${process.platform} ${process.arch}\n${stack}${causes}\n`;
  const hint = `run again with -vv; please report it with that file (look through it first): millrace ${where.version}, node ${process.version}, ${process.platform}`;
  try {
    mkdirSync(where.target, { recursive: true, mode: 0o700 });
    const file = join(where.target, `crash-${new Date(where.now).toISOString().replaceAll(/[:.]/g, "-")}.log`);
    writeFileSync(file, where.masked(safeText(text)), { mode: 0o600 });
    return failure("E070", `this is a bug in millrace; the details are in ${relative(where.folder, file)}`, {
      exit: exitCodes.bug,
      hint,
    });
  } catch {
    return failure("E070", "this is a bug in millrace; its details could not be written below the target folder", {
      exit: exitCodes.bug,
      hint,
    });
  }
}
