/** The command tree as commander wants it, made from the command values; usage mistakes end as E001 and exit 64. */
import { Command as Commander, CommanderError, Option } from "commander";
import { type Command, type OptionSpec, Values } from "./command.ts";
import { globalOptions } from "./globals.ts";
import { nearest } from "../project/suggest.ts";
import { usage } from "./usage.ts";

/** What was asked for: a command with its words, or a text (help) to print. */
export type Request =
  | { readonly kind: "help"; readonly text: string }
  | {
      readonly kind: "command";
      readonly command: Command;
      readonly path: readonly string[];
      readonly words: readonly string[];
      readonly values: Values;
      readonly globals: Readonly<Record<string, unknown>>;
    };

/** Reads a command line (without node and script); throws a MillraceError of exit 64 for what it cannot read. */
export function parseCommandLine(commands: readonly Command[], argv: readonly string[]): Request {
  let request: Request | undefined;
  let printed = "";
  const program = buildProgram(
    commands,
    (found) => (request = found),
    (text) => (printed += text),
  );
  if (argv.length === 0) {
    program.outputHelp();
    return { kind: "help", text: printed };
  }
  try {
    program.parse(argv.map(bareOptionalValue), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "help", text: printed };
    if (error.code === "commander.help") throw usage("a command is missing here", firstLine(printed));
    throw mistake(error.message, commands);
  }
  if (request === undefined) throw usage("a command is missing here", "millrace --help lists them");
  return request;
}

/** The tree itself: for parsing, for help and for completion. */
export function buildProgram(
  commands: readonly Command[],
  found: (request: Request) => void,
  print: (text: string) => void,
): Commander {
  const program = new Commander("millrace");
  program
    .description("Audiences from your warehouse to your marketing tools, reviewed in git.")
    .usage("<command> [options]")
    .addHelpText("after", "\nRun 'millrace <command> --help' for flags and examples.");
  prepare(program, print);
  const version = new Option("--version", "print the version");
  program.addOption(version);
  for (const spec of globalOptions) program.addOption(option(spec));
  // The global flags stand in the help of every command, not in front of the list of commands.
  program.configureHelp({ visibleOptions: () => [new Option("-h, --help", "this text"), version] });
  for (const command of commands) attach(program, command, [], found, print);
  return program;
}

function attach(
  parent: Commander,
  command: Command,
  above: readonly string[],
  found: (request: Request) => void,
  print: (text: string) => void,
): void {
  const path = [...above, command.name];
  const node = parent.command(command.name, { hidden: command.hidden === true }).description(command.summary);
  prepare(node, print);
  node.configureHelp({ showGlobalOptions: true });
  if (command.group !== undefined) node.helpGroup(`${command.group}:`);
  for (const argument of command.arguments ?? []) node.argument(argument.name, argument.describe);
  for (const spec of command.options ?? []) node.addOption(option(spec));
  if (command.examples !== undefined)
    node.addHelpText("after", `\nExamples:\n${command.examples.map((line) => `  ${line}`).join("\n")}`);
  for (const child of command.commands ?? []) attach(node, child, path, found, print);
  if (command.run === undefined) return;
  node.action((...received: unknown[]) => {
    const self = received.at(-1) as Commander;
    found({
      kind: "command",
      command,
      path,
      words: self.args,
      values: new Values(self.opts()),
      globals: root(self).opts(),
    });
  });
}

function prepare(node: Commander, print: (text: string) => void): void {
  node
    // Names alone: which words and flags a command takes stands in its own help.
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride()
    .helpOption("-h, --help", "flags and examples")
    .helpCommand(false)
    .configureOutput({ writeOut: print, writeErr: print, outputError: () => undefined, getOutHelpWidth: () => 100 });
}

function root(node: Commander): Commander {
  return node.parent === null ? node : root(node.parent);
}

function option(spec: OptionSpec): Option {
  const variable = spec.variable === undefined ? "" : ` (or ${spec.variable})`;
  const result = new Option(spec.flags, spec.describe + variable);
  if (spec.choices !== undefined) result.choices([...spec.choices]);
  if (spec.default !== undefined) result.default(spec.default);
  if (spec.repeat === true) {
    result.argParser((value: string, previous: unknown) => [...(Array.isArray(previous) ? previous : []), value]);
    // `-vv`: a switch has no value to collect unless one is preset.
    if (!result.required) result.preset("1");
  }
  return result;
}

/** `--warn-error` alone means all; commander would take the next word for its value. */
function bareOptionalValue(word: string): string {
  return word === "--warn-error" ? "--warn-error=all" : word;
}

function mistake(message: string, all: readonly Command[]): Error {
  const [first = "", ...rest] = message.replace(/^error: /, "").split("\n");
  const flag = /^unknown option '(--[^'=]+)/.exec(first)?.[1];
  const near = flag === undefined ? [] : nearest(flag, longFlags(all), 1);
  const hint =
    near.length > 0
      ? `did you mean ${near[0]}?`
      : lowerFirst(
          rest
            .join(" ")
            .replace(/^\((.*)\)$/, "$1")
            .trim(),
        );
  return usage(first, hint === "" ? undefined : hint);
}

/** Every flag there is: a flag of another command is worth a hint too. */
function longFlags(all: readonly Command[]): readonly string[] {
  const own = all.flatMap((command) => [
    ...(command.options ?? []).map((spec) => longFlag(spec.flags)),
    ...longFlags(command.commands ?? []),
  ]);
  return [...own, ...globalOptions.map((spec) => longFlag(spec.flags))];
}

function longFlag(flags: string): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function firstLine(text: string): string {
  return text.split("\n").find((line) => line.trim() !== "") ?? "millrace --help lists them";
}
