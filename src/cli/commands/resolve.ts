import type { Command } from "../command.ts";
import { usage } from "../usage.ts";

export const resolve: Command = {
  name: "resolve",
  group: "More",
  summary: "say what became of rows that were held after an unanswered request",
  arguments: [{ name: "<sync>", describe: "whose held rows", completes: "sync" }],
  options: [
    { flags: "--delivered", describe: "the platform has them: they count as sent" },
    { flags: "--lost", describe: "the platform has them not: the next run sends them" },
  ],
  examples: ["millrace resolve purchases_to_ga4 --delivered"],
  async run(context) {
    const delivered = context.values.flag("delivered");
    if (delivered === context.values.flag("lost")) throw usage("say what became of them: --delivered or --lost");
    const { openProject } = await import("../session.ts");
    const opened = await openProject(context);
    const sync = context.words[0]!;
    if (!opened.project.syncs.has(sync)) {
      const { didYouMean } = await import("../../project/suggest.ts");
      throw usage(
        `no sync is called ${JSON.stringify(sync)}`,
        didYouMean(sync, opened.project.syncs.keys(), "syncs here"),
        "E020",
      );
    }
    const { askYes } = await import("../prompt.ts");
    const as = delivered ? "delivered" : "lost";
    if (!(await askYes(context, `Settle the held rows of ${sync} as ${as}?`))) return 1;
    const { engineOptions, loadEngine } = await import("../engine.ts");
    const { rows } = await (await loadEngine()).resolveHeld({ ...(await engineOptions(context, opened)), sync, as });
    const { tellDone } = await import("../tell-done.ts");
    const { amount } = await import("../figures.ts");
    tellDone(context, {
      command: "resolve",
      message: `${amount(rows, "held row")} of ${sync} settled as ${as}`,
      rows,
      next: `millrace plan ${sync}${opened.environmentFlag}`,
    });
    return 0;
  },
};
