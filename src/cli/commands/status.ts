import type { StatusDocument, SyncState } from "../../engine/api.ts";
import { type ExitCode, exitCodes } from "../../errors.ts";
import type { Command } from "../command.ts";

/** What `--fail-on` takes, with the states that make the command fail. */
const failing: Readonly<Record<string, readonly SyncState[]>> = {
  failed: ["failed"],
  late: ["failed", "late"],
  alerting: ["failed", "late", "warning"],
};

export const status: Command = {
  name: "status",
  group: "Understand",
  summary: "what is healthy, late, paused, failing",
  arguments: [{ name: "[name...]", describe: "syncs; default: all", completes: "sync" }],
  options: [
    {
      flags: "--fail-on <state>",
      describe: "exit 1 when a sync is in this state or a worse one",
      choices: Object.keys(failing),
    },
  ],
  examples: ["millrace status -e prod", "millrace status --fail-on late --json"],
  async run(context) {
    const { openProject } = await import("../session.ts");
    const { selectSyncs } = await import("../selection.ts");
    const opened = await openProject(context);
    const selected = await selectSyncs(context, opened, { purpose: "status" });
    const { engineOptions, loadEngine } = await import("../engine.ts");
    const engine = await loadEngine();
    const document = await engine.readStatus(await engineOptions(context, opened, { selected: selected.syncs }));
    if (context.globals.json) context.terminal.json(document);
    else {
      const { statusText } = await import("../text/status.ts");
      context.terminal.out(statusText(document, context.terminal.paintOut));
    }
    return statusExit(document, context.values.text("failOn"));
  },
};

/** 0, or 1 when a sync is in a state that `failOn` names. */
export function statusExit(document: StatusDocument, failOn: string | undefined): ExitCode {
  const states = failOn === undefined ? [] : (failing[failOn] ?? []);
  return document.syncs.some((sync) => states.includes(sync.state)) ? exitCodes.failed : exitCodes.ok;
}
