import type { CommandContext } from "./command.ts";

/** The project with its engine, for commands that keep a ledger in order. */
export async function openLedger(context: CommandContext) {
  const { openProject } = await import("./session.ts");
  const { engineOptions, loadEngine } = await import("./engine.ts");
  const opened = await openProject(context);
  return { opened, engine: await loadEngine(), options: await engineOptions(context, opened) };
}
