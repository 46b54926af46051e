import type { StatusDocument, SyncState } from "../../engine/api.ts";
import { type ExitCode, exitCodes } from "../../errors.ts";
import type { Command, CommandContext } from "../command.ts";

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
    { flags: "--watch", describe: "again every few seconds, until Ctrl-C" },
  ],
  examples: ["millrace status -e prod", "millrace status --fail-on late --json"],
  async run(context) {
    const { openProject } = await import("../session.ts");
    const { selectSyncs } = await import("../selection.ts");
    const opened = await openProject(context);
    const selected = await selectSyncs(context, opened, { purpose: "status" });
    const { engineOptions, loadEngine } = await import("../engine.ts");
    const engine = await loadEngine();
    const options = await engineOptions(context, opened, { selected: selected.syncs });
    for (;;) {
      const document = await engine.readStatus(options);
      await tell(context, document);
      if (!context.values.flag("watch")) return statusExit(document, context.values.text("failOn"));
      await pause(context.signal);
      if (context.signal.aborted) return exitCodes.ok;
    }
  },
};

/** Between two looks of --watch. */
const watchMs = 5_000;

/** Ends early when the command is interrupted. */
async function pause(signal: AbortSignal): Promise<void> {
  const { setTimeout } = await import("node:timers/promises");
  await setTimeout(watchMs, undefined, { signal }).catch(() => undefined);
}

async function tell({ terminal, globals, values }: CommandContext, document: StatusDocument): Promise<void> {
  if (globals.json) return terminal.json(document);
  const { statusText } = await import("../text/status.ts");
  const text = statusText(document, terminal.paintOut);
  // A screen is drawn over; a pipe gets one report after another.
  if (values.flag("watch") && terminal.outIsInteractive) terminal.clear();
  terminal.out(values.flag("watch") ? `${text}\n` : text);
}

/** 0, or 1 when a sync is in a state that `failOn` names. */
export function statusExit(document: StatusDocument, failOn: string | undefined): ExitCode {
  const states = failOn === undefined ? [] : (failing[failOn] ?? []);
  return document.syncs.some((sync) => states.includes(sync.state)) ? exitCodes.failed : exitCodes.ok;
}
