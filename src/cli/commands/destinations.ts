import type { Command } from "../command.ts";

export const destinations: Command = {
  name: "destinations",
  group: "Understand",
  summary: "the types there are, and the accounts of this project",
  options: [{ flags: "--types", describe: "only the types; needs no project" }],
  examples: ["millrace destinations", "millrace destinations --types --json"],
  async run(context) {
    const { destinationsDocument, destinationsText } = await import("../destinations-document.ts");
    const document = await destinationsDocument(context, context.values.flag("types"));
    if (context.globals.json) context.terminal.json(document);
    else context.terminal.out(destinationsText(document, context.terminal.paintOut));
    return 0;
  },
};
