import type { Diagnostic } from "./core.ts";

/** Exit codes of the command line, see docs/cli.md; {@link worstExit} orders them. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  changes: 2,
  guard: 3,
  rejected: 4,
  locked: 5,
  stalePlan: 6,
  usage: 64,
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const worstFirst: readonly ExitCode[] = [130, 143, 70, 64, 6, 1, 3, 4, 5, 2, 0];

/** The exit code that wins when several things happened in one run. */
export function worstExit(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return worstFirst.find((code) => seen.has(code)) ?? 0;
}

/** An error a user can cause or mend: it carries diagnostics to print and the exit code to end with; never a stack. */
export class MillraceError extends Error {
  readonly exit: ExitCode;
  readonly diagnostics: readonly Diagnostic[];

  constructor(exit: ExitCode, diagnostics: Diagnostic | readonly Diagnostic[], options?: { cause?: unknown }) {
    const list: readonly Diagnostic[] = Array.isArray(diagnostics) ? diagnostics : [diagnostics as Diagnostic];
    super(list.map((diagnostic) => `${diagnostic.code}: ${diagnostic.message}`).join("\n"), options);
    this.name = "MillraceError";
    this.exit = exit;
    this.diagnostics = list;
  }
}

/** A single problem as an error; `exit` defaults to 1 (something in the project or its world failed). */
export function failure(
  code: string,
  message: string,
  more: Partial<Omit<Diagnostic, "code" | "message">> & { exit?: ExitCode; cause?: unknown } = {},
): MillraceError {
  const { exit = exitCodes.failed, cause, ...rest } = more;
  return new MillraceError(exit, { code, severity: "error", message, ...rest }, cause === undefined ? {} : { cause });
}

const diskWords: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left",
  EDQUOT: "the disk quota is used up",
  EIO: "the disk reports an error",
  EROFS: "the file system is read-only",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};

/** What the operating system refused to do with a file, as E071; null for every other error. `about` names one that the error does not. */
export function diskFailure(error: unknown, about: string = "a file"): MillraceError | null {
  const { code = "", syscall, path } = (error instanceof Error ? error : {}) as NodeJS.ErrnoException;
  const words = diskWords[code];
  if (words === undefined || syscall === undefined) return null;
  return failure("E071", `${path ?? about}: ${words} (${syscall}: ${code})`, {
    hint: "mend that and run again: what was sent is known",
    cause: error,
  });
}
