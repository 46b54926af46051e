import type { CommandContext } from "./command.ts";
import { usage } from "./usage.ts";

/** Can a question be asked? Only with a terminal on both sides, outside CI, and not against `--no-input`. */
export function canAsk(context: CommandContext): boolean {
  return (
    context.globals.input && !context.globals.json && context.terminal.errorIsInteractive && context.inputIsInteractive
  );
}

/** A yes or no on stderr; `--yes` answers yes, and without a terminal it is E021. */
export async function askYes(context: CommandContext, question: string): Promise<boolean> {
  if (context.globals.yes) return true;
  if (!canAsk(context))
    throw usage("this needs a yes, and there is no terminal to ask", `${question} Pass --yes.`, "E021");
  const { confirm } = await import("@clack/prompts");
  return (await confirm({ message: question, initialValue: false, output: process.stderr })) === true;
}
