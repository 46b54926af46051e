import type { Command } from "../command.ts";
import { syncFlags } from "./sync-flags.ts";

export const retry: Command = {
  name: "retry",
  group: "Run",
  summary: "redo what failed or was rejected in a run",
  arguments: [{ name: "<run-or-sync...>", describe: "a run's id (or its end), or names of syncs", completes: "sync" }],
  options: syncFlags,
  examples: ["millrace retry 9d1f -e prod", "millrace retry churn_risk_to_braze"],
  async run(context) {
    const { runAndTell } = await import("../run-and-tell.ts");
    return runAndTell(context, { retry: context.words });
  },
};
