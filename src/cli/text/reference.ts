/** The command reference of docs/cli.md, out of the same command values that help and completion come from. */
import type { ArgumentSpec, Command, OptionSpec } from "../command.ts";
import { globalOptions } from "../globals.ts";

/** All commands by group, then the flags that each of them takes; Markdown whose headings begin at `###`. */
export function commandReference(commands: readonly Command[]): string {
  const visible = commands.filter(({ hidden }) => hidden !== true);
  const groups = [...new Set(visible.map(({ group }) => group ?? "More"))];
  const sections = groups.flatMap((group) => [
    `### ${group}`,
    ...visible.filter((command) => (command.group ?? "More") === group).flatMap((command) => commandLines(command, [])),
  ]);
  return [...sections, "### Flags of every command", globalOptions.map(optionLine).join("\n")].join("\n\n");
}

/** A command, then its sub-commands. */
function commandLines(command: Command, above: readonly string[]): readonly string[] {
  const path = [...above, command.name];
  const { arguments: words = [], options = [], examples = [], commands = [] } = command;
  const usage = ["millrace", ...path, ...words.map(({ name }) => name)].join(" ");
  const lines = [...words.map(argumentLine), ...options.map(optionLine)];
  const own = [
    `#### \`${usage}\``,
    sentence(command.summary),
    ...(lines.length === 0 ? [] : [lines.join("\n")]),
    ...(examples.length === 0 ? [] : [["```sh", ...examples, "```"].join("\n")]),
  ];
  return [...own, ...commands.flatMap((child) => commandLines(child, path))];
}

function argumentLine({ name, describe }: ArgumentSpec): string {
  return `- \`${name}\`: ${plain(describe)}`;
}

function optionLine({ flags, describe, choices, default: standard, repeat, variable }: OptionSpec): string {
  const more = [
    ...(choices === undefined ? [] : [`one of ${choices.map((one) => `\`${one}\``).join(", ")}`]),
    ...(standard === undefined ? [] : [`default \`${standard}\``]),
    ...(repeat === true && !describe.includes("repeatable") ? ["repeatable"] : []),
    ...(variable === undefined ? [] : [`or \`${variable}\``]),
  ];
  return `- \`${flags}\`: ${plain(describe)}${more.length === 0 ? "" : ` (${more.join("; ")})`}`;
}

const sentence = (text: string): string => `${plain(text.slice(0, 1).toUpperCase() + text.slice(1))}.`;

/** Words of a help text as Markdown: `<id>` is no tag, `*` no emphasis. */
const plain = (text: string): string => text.replaceAll(/[<*]/g, "\\$&");

const begin = "<!-- made by npm run docs, from the command values of src/cli/commands -->";
const end = "<!-- end of what npm run docs makes -->";

/** The page with today's reference between its two marks. */
export function withReference(page: string, commands: readonly Command[]): string {
  const head = page.indexOf(begin);
  const tail = page.indexOf(end);
  if (head === -1 || tail < head) throw new Error(`the page lacks the marks ${begin} and ${end}`);
  return `${page.slice(0, head)}${begin}\n\n${commandReference(commands)}\n\n${page.slice(tail)}`;
}
