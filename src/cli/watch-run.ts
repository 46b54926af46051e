/** What a person or a log sees while the engine works: a live block on a terminal, lines elsewhere, a file always. */
import { join } from "node:path";
import type { RunEvent } from "../core.ts";
import type { CommandContext } from "./command.ts";
import { syncLabel } from "./labels.ts";
import { doneLine, isEnd } from "./live.ts";
import type { OpenProject } from "./session.ts";

export interface Watch {
  readonly onEvent: (event: RunEvent) => void;
  /** Prints talk above the live block. */
  print(text: string): void;
  /** Runs a question with the block out of the way. */
  ask<T>(question: () => Promise<T>): Promise<T>;
  close(): void;
}

/** `lines`: log lines off a terminal, as sync prints them; a plan keeps quiet unless asked for JSON logs or -v. */
export async function watchRun(
  context: CommandContext,
  opened: OpenProject,
  options: { readonly lines: boolean },
): Promise<Watch> {
  const { terminal, globals } = context;
  const { openRunLog } = await import("./run-log.ts");
  const onScreen =
    terminal.errorIsInteractive &&
    globals.logFormat === "text" &&
    globals.logLevel !== "warn" &&
    globals.logLevel !== "error";
  const block = onScreen
    ? (await import("./live.ts")).openLiveBlock(terminal, context.now, (sync) => syncLabel(opened.project, sync))
    : null;
  const log = openRunLog({
    terminal,
    globals,
    runsFolder: join(opened.target, "runs"),
    now: context.now,
    plainLines: block === null && (options.lines || globals.verbosity > 0),
  });
  let open = true;
  return {
    onEvent(event) {
      if (!open) return;
      log.write(event);
      if (block === null) return;
      block.update(event);
      if (isEnd(event)) block.print(doneLine(syncLabel(opened.project, String(event.fields["sync"])), event));
      else if (event.level === "warn" || event.level === "error") block.print(told(event));
    },
    print: (text) => (block === null ? terminal.error(text) : block.print(text)),
    async ask(question) {
      block?.pause();
      try {
        return await question();
      } finally {
        block?.resume();
      }
    },
    close() {
      if (!open) return;
      open = false;
      block?.close();
      log.close();
    },
  };
}

function told(event: RunEvent): string {
  const { sync, message, ...rest } = event.fields;
  const words = Object.entries(rest)
    .filter(([name]) => name !== "run")
    .map(([name, value]) => `${name}=${String(value)}`);
  return `  ${event.event}${sync === undefined ? "" : ` ${String(sync)}`}: ${message === undefined ? words.join(" ") : String(message)}`;
}
