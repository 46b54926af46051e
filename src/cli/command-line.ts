/** One command line from words to exit code: parse, run, and say every failure in one way. */
import { resolve } from "node:path";
import { diskFailure, type ExitCode, exitCodes, MillraceError } from "../errors.ts";
import type { CommandContext } from "./command.ts";
import { commands } from "./commands/index.ts";
import { readGlobals } from "./globals.ts";
import { parseCommandLine } from "./program.ts";
import type { Interruption } from "./signals.ts";
import { createTerminal, type Output, type Terminal } from "./terminal.ts";
import { packageVersion } from "./version.ts";

/** The process around a command line, so that tests can be one. */
export interface World {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute folder. */
  readonly folder: string;
  /** A person can type on standard input. */
  readonly inputIsInteractive: boolean;
  now(): number;
  readInput(): Promise<string>;
  /** Starts to watch for signals; `tell` says what the first one does. */
  watchSignals(tell: (text: string) => void): Interruption;
}

/** Runs a command line and returns its exit code. */
export async function runCommandLine(words: readonly string[], world: World): Promise<ExitCode> {
  const early = createTerminal(world, world.env, colourWord(words));
  const json = words.includes("--json");
  try {
    const request = parseCommandLine(commands, words);
    if (request.kind === "help") {
      early.out(request.text.trimEnd());
      return exitCodes.ok;
    }
    if (request.globals["version"] === true) {
      early.out(packageVersion());
      return exitCodes.ok;
    }
    const globals = readGlobals(request.globals, world.env);
    const terminal = createTerminal(world, world.env, globals.color);
    const interruption = world.watchSignals((text) => terminal.error(text));
    const context: CommandContext = {
      terminal,
      globals,
      values: request.values,
      words: request.words,
      env: world.env,
      folder: world.folder,
      inputIsInteractive: world.inputIsInteractive,
      commandLine: ["millrace", ...request.path, ...request.words].join(" "),
      signal: interruption.signal,
      version: packageVersion(),
      now: world.now,
      readInput: world.readInput,
    };
    return await guarded(context, interruption, () => request.command.run!(context));
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return report(error, { terminal: early, json, folder: world.folder });
  }
}

async function guarded(
  context: CommandContext,
  interruption: Interruption,
  run: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const folder = resolve(context.folder, context.globals.projectFolder ?? "");
  const where = { terminal: context.terminal, json: context.globals.json, folder };
  try {
    const exit = await run();
    return interruption.exit() ?? exit;
  } catch (error) {
    const interrupted = interruption.exit();
    if (interrupted !== undefined && !(error instanceof MillraceError)) return interrupted;
    if (error instanceof MillraceError) {
      const exit = await report(error, where);
      return interrupted ?? exit;
    }
    const refused = diskFailure(error);
    if (refused !== null) return report(refused, where);
    const { reportCrash } = await import("./crash.ts");
    const { findRoot } = await import("../project/files.ts");
    const target = resolve(findRoot(folder) ?? folder, context.globals.targetFolder);
    const { terminal, version } = context;
    return report(
      reportCrash(error, { folder: context.folder, target, version, now: context.now(), masked: terminal.masked }),
      where,
    );
  }
}

/** Diagnostics on stderr, or millrace/error/v1 on stdout; the exit code is the error's. */
async function report(
  error: MillraceError,
  where: { readonly terminal: Terminal; readonly json: boolean; readonly folder: string },
): Promise<ExitCode> {
  const { terminal } = where;
  if (where.json) terminal.json({ schema: "millrace/error/v1", exit: error.exit, diagnostics: error.diagnostics });
  else {
    const { diagnosticsText } = await import("./text/diagnostics.ts");
    terminal.error(diagnosticsText(error.diagnostics, where.folder, terminal.errorColours));
  }
  return error.exit;
}

/** Colours before the flags are read: mistakes in the flags are coloured too. */
function colourWord(words: readonly string[]): "auto" | "always" | "never" {
  const at = words.findIndex((word) => word === "--color" || word.startsWith("--color="));
  const value = at < 0 ? undefined : words[at] === "--color" ? words[at + 1] : words[at]!.slice("--color=".length);
  return value === "always" || value === "never" ? value : "auto";
}
