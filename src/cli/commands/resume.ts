import type { Command } from "../command.ts";

export const resume: Command = {
  name: "resume",
  group: "More",
  summary: "write status: active into the YAML of a sync or audience",
  arguments: [{ name: "<name...>", describe: "syncs or audiences", completes: "sync" }],
  examples: ["millrace resume newsletter_to_meta"],
  async run(context) {
    const { setStatus } = await import("../set-status.ts");
    return setStatus(context, "active");
  },
};
