import type { CommandContext } from "./command.ts";

/** The answer of a command that does one thing: a sentence and the next command, or millrace/done/v1. */
export function tellDone(
  context: CommandContext,
  done: {
    readonly command: string;
    readonly message: string;
    readonly files?: readonly string[];
    readonly rows?: number;
    readonly next?: string;
  },
): void {
  const { command, message, files = [], rows = null, next } = done;
  if (context.globals.json) context.terminal.json({ schema: "millrace/done/v1", command, message, files, rows });
  else
    context.terminal.out(
      [message, ...files.map((file) => `  ${file}`), ...(next === undefined ? [] : [`Next: ${next}`])].join("\n"),
    );
}
