import type { Command } from "../command.ts";

export const doctor: Command = {
  name: "doctor",
  group: "Start",
  summary: "check config, warehouse, destinations, clock, lock, versions",
  options: [{ flags: "--destination <name>", describe: "only this destination (repeatable)", repeat: true }],
  examples: ["millrace doctor", "millrace doctor -e prod --destination meta_ads"],
  async run(context) {
    const { examine, doctorText } = await import("../examine.ts");
    const document = await examine(context, context.values.list("destination"));
    if (context.globals.json) context.terminal.json(document);
    else context.terminal.out(doctorText(document, context.terminal.paintOut));
    return document.ok ? 0 : 1;
  },
};
