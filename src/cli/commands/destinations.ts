import type { Command } from "../command.ts";

export const destinations: Command = {
  name: "destinations",
  group: "Understand",
  summary: "the types there are, and the accounts of this project",
  arguments: [{ name: "[name]", describe: "a type, or a destination of the project: everything about it" }],
  options: [{ flags: "--types", describe: "only the types; needs no project" }],
  examples: ["millrace destinations", "millrace destinations snapchat", "millrace destinations --types --json"],
  async run(context) {
    const { destinationsDocument, destinationsText, typeNamed } = await import("../destinations-document.ts");
    const { terminal, globals, values } = context;
    const [name] = context.words;
    if (name === undefined) {
      const document = await destinationsDocument(context, values.flag("types"));
      if (globals.json) terminal.json(document);
      else terminal.out(destinationsText(document, terminal.paintOut));
      return 0;
    }
    const document = await destinationsDocument(context, true, await typeNamed(context, name));
    const { destinationPage } = await import("../destination-page.ts");
    if (globals.json) terminal.json(document);
    else terminal.out(document.types.map(destinationPage).join("\n\n"));
    return 0;
  },
};
