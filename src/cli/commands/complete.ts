import type { Command } from "../command.ts";

/** Called by the scripts of `completion`: words after `--`, the last one is being typed; prints candidates, one a line. */
export const complete: Command = {
  name: "__complete",
  summary: "candidates for the word being typed",
  hidden: true,
  arguments: [{ name: "[words...]", describe: "the command line so far" }],
  async run(context) {
    const { candidates } = await import("../complete.ts");
    const found = await candidates(context, context.words);
    if (found.length > 0) context.terminal.out(found.join("\n"));
    return 0;
  },
};
