import type { Command } from "../command.ts";

export const completion: Command = {
  name: "completion",
  group: "More",
  summary: "a completion script for bash, zsh or fish",
  arguments: [{ name: "<shell>", describe: "bash, zsh or fish" }],
  examples: [
    "millrace completion bash > ~/.local/share/bash-completion/completions/millrace",
    "millrace completion fish > ~/.config/fish/completions/millrace.fish",
  ],
  async run(context) {
    const { completionScript } = await import("../completion-scripts.ts");
    context.terminal.out(completionScript(context.words[0]!));
    return 0;
  },
};
