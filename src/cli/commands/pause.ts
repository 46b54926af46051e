import type { Command } from "../command.ts";

export const pause: Command = {
  name: "pause",
  group: "More",
  summary: "write status: paused into the YAML of a sync or audience",
  arguments: [{ name: "<name...>", describe: "syncs or audiences", completes: "sync" }],
  options: [{ flags: "--until <date>", describe: "active again from this day on: 2026-12-01" }],
  examples: ["millrace pause newsletter_to_meta --until 2026-12-01"],
  async run(context) {
    const { setStatus } = await import("../set-status.ts");
    return setStatus(context, "paused", context.values.text("until"));
  },
};
