import type { Command } from "../command.ts";
import { usage } from "../usage.ts";
import { plan } from "./plan.ts";
import { syncFlags } from "./sync-flags.ts";

export const sync: Command = {
  name: "sync",
  group: "Run",
  summary: "do it (by name, by selector, or everything --due)",
  arguments: [{ name: "[name...]", describe: "syncs; default: all that are active", completes: "sync" }],
  options: [
    { flags: "--due", describe: "only syncs whose schedule is due" },
    { flags: "--plan <file>", describe: "send exactly the rows of a saved plan" },
    { flags: "--full", describe: "send every wanted row again" },
    { flags: "--again", describe: "also send rows that are held back after rejections" },
    { flags: "--dry-run", describe: "the same as plan" },
    ...syncFlags,
  ],
  examples: ["millrace sync", "millrace sync --due -e prod --ping $HC_URL", "millrace sync -e prod --plan plan.json"],
  async run(context) {
    const { values } = context;
    if (values.flag("dryRun")) return plan.run!(context);
    if (values.text("plan") !== undefined && (values.flag("due") || values.flag("full") || context.words.length > 0)) {
      throw usage("--plan sends what was planned: it does not go with names, --due or --full");
    }
    const { runAndTell } = await import("../run-and-tell.ts");
    return runAndTell(context, {
      due: values.flag("due"),
      full: values.flag("full"),
      again: values.flag("again"),
      ...(values.text("plan") === undefined ? {} : { plan: values.text("plan")! }),
    });
  },
};
