import type { ExitCode } from "../errors.ts";
import type { Globals } from "./globals.ts";
import type { Terminal } from "./terminal.ts";

/** A flag: help, completion and parsing derive from it. */
export interface OptionSpec {
  /** As commander reads it: `-o, --out <file>`; `<…>` takes a value, none is a switch, `--no-…` negates. */
  readonly flags: string;
  readonly describe: string;
  /** May be given several times; the value is a list. */
  readonly repeat?: boolean;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** Environment variable read when the flag is absent. */
  readonly variable?: string;
}

export interface ArgumentSpec {
  /** `[name...]`, `<id>`. */
  readonly name: string;
  readonly describe: string;
  /** Whose names complete it. */
  readonly completes?: "sync" | "model" | "audience" | "destination" | "any";
}

/** A verb of the command line; what it prints and where it ends stands in one file. */
export interface Command {
  readonly name: string;
  /** Heading in `millrace --help`. */
  readonly group?: "Start" | "Author" | "Run" | "Understand" | "More";
  readonly summary: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Command lines without the leading `$`. */
  readonly examples?: readonly string[];
  readonly commands?: readonly Command[];
  readonly hidden?: boolean;
  /** Absent: only its sub-commands do something. */
  run?(context: CommandContext): Promise<ExitCode>;
}

/** What a command gets: parsed words, the terminal, the world around the process. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly globals: Globals;
  readonly values: Values;
  /** Positional words in order; those of a variadic argument follow one another. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute folder the process runs in. */
  readonly folder: string;
  readonly inputIsInteractive: boolean;
  /** The command line as typed, without values that may be personal. */
  readonly commandLine: string;
  /** Aborted by the first SIGINT or SIGTERM, with its name as the reason. */
  readonly signal: AbortSignal;
  readonly version: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** All of standard input as text. */
  readInput(): Promise<string>;
}

/** Values of a command's own flags, by their long name in camelCase. */
export class Values {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** Was a `--no-<name>` switch given? */
  off(name: string): boolean {
    return this.#values[name] === false;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }
}
