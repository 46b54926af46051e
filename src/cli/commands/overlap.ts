import type { Command } from "../command.ts";
import { usage } from "../usage.ts";

export const overlap: Command = {
  name: "overlap",
  group: "Understand",
  summary: "shared members between audiences",
  arguments: [{ name: "[name...]", describe: "audiences or segments; default: all audiences", completes: "audience" }],
  examples: ["millrace overlap", "millrace overlap lapsed_buyers newsletter_readers --json"],
  async run(context) {
    const { openProject } = await import("../session.ts");
    const opened = await openProject(context, { loadCode: false });
    const { selectMemberships } = await import("../selection.ts");
    const names = await selectMemberships(context, opened);
    if (names.length < 2)
      throw usage("overlap compares two audiences or more", "name them: millrace overlap vip newsletter");
    const { withWorkbench } = await import("../workbench.ts");
    const { overlap: measure } = await import("../../audience/overlap.ts");
    const matrix = await withWorkbench(context, opened, (bench) =>
      measure(bench.audiences, bench.session.warehouse, names),
    );
    const { overlapDocument, overlapText } = await import("../text/overlap.ts");
    if (context.globals.json) context.terminal.json(overlapDocument(matrix, opened.project.environment.name));
    else context.terminal.out(overlapText(matrix, context.terminal.paintOut));
    return 0;
  },
};
