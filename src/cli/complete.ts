/** Candidates for the word being typed: commands, flags with their choices, and names of the project. */
import type { Command, CommandContext, OptionSpec } from "./command.ts";
import { commands } from "./commands/index.ts";
import { globalOptions } from "./globals.ts";
import { readProject } from "./session.ts";

/** `words` is the line after `millrace`; its last word is unfinished, maybe empty. */
export async function candidates(context: CommandContext, words: readonly string[]): Promise<readonly string[]> {
  const typed = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const { command, children } = descend(before);
  const options = [...(command?.options ?? []), ...globalOptions];
  const previous = options.find(
    (option) => longAndShort(option).includes(before.at(-1) ?? "") && option.flags.includes("<"),
  );
  const all =
    previous === undefined
      ? await wordsHere(context, { command, children, options, typed })
      : await valuesOf(context, previous);
  return all.filter((candidate) => candidate.startsWith(typed)).toSorted();
}

interface Place {
  readonly command: Command | undefined;
  readonly children: readonly Command[];
  readonly options: readonly OptionSpec[];
  readonly typed: string;
}

async function wordsHere(
  context: CommandContext,
  { command, children, options, typed }: Place,
): Promise<readonly string[]> {
  if (typed.startsWith("-")) return options.map(longFlag);
  const verbs = children.filter((child) => child.hidden !== true).map((child) => child.name);
  const wanted = command?.arguments?.find((argument) => argument.completes !== undefined)?.completes;
  return wanted === undefined ? verbs : [...verbs, ...(await names(context, wanted))];
}

async function valuesOf(context: CommandContext, option: OptionSpec): Promise<readonly string[]> {
  if (option.choices !== undefined) return option.choices;
  const flag = longFlag(option);
  if (flag === "--env") return (await readProject(context)).project?.environments ?? [];
  return ["--select", "--exclude"].includes(flag) ? names(context, "any") : [];
}

async function names(
  context: CommandContext,
  kind: "sync" | "model" | "audience" | "destination" | "any",
): Promise<readonly string[]> {
  const { project } = await readProject(context);
  if (project === null) return [];
  const { syncs, models, segments, audiences, destinations } = project;
  const maps = {
    sync: [syncs, audiences],
    model: [models],
    audience: [audiences, segments],
    destination: [destinations],
    any: [models, segments, audiences, syncs, destinations],
  }[kind];
  return [...new Set(maps.flatMap((map) => Array.from(map.keys())))];
}

/** The command that the finished words lead to; flags and their values are stepped over. */
function descend(words: readonly string[]): {
  readonly command: Command | undefined;
  readonly children: readonly Command[];
} {
  let command: Command | undefined;
  let children: readonly Command[] = commands;
  for (const word of words) {
    const next = children.find((child) => child.name === word);
    if (next === undefined) continue;
    command = next;
    children = next.commands ?? [];
  }
  return { command, children };
}

function longAndShort(option: OptionSpec): readonly string[] {
  return option.flags.split(/[ ,]+/).filter((part) => part.startsWith("-"));
}

function longFlag(option: OptionSpec): string {
  return longAndShort(option).at(-1)!;
}
