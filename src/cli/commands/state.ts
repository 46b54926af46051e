import type { StateExport } from "../../engine/api.ts";
import { failure } from "../../errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { amount } from "../figures.ts";
import { openLedger } from "../open-ledger.ts";
import { wholeNumber } from "../usage.ts";
import { recreate, retarget } from "./state-target.ts";

/** `state`: for operators; each verb asks for a yes where it changes something. */
export const state: Command = {
  name: "state",
  group: "More",
  summary: "the ledger, for operators: lock, unlock, export, import, mv, retarget, recreate, prune",
  examples: ["millrace state lock", "millrace state unlock 9d1f", "millrace state export ledger.json"],
  commands: [
    { name: "lock", summary: "who holds the lock", run: lock },
    {
      name: "unlock",
      summary: "free the lock of a run whose machine is gone",
      arguments: [{ name: "<run>", describe: "the run that holds it" }],
      run: unlock,
    },
    {
      name: "export",
      summary: "write the ledger to a file (personal data: mode 0600)",
      arguments: [{ name: "<file>", describe: "where to" }],
      run: exportLedger,
    },
    {
      name: "import",
      summary: "read a ledger from a file into an empty one",
      arguments: [{ name: "<file>", describe: "what `state export` wrote" }],
      run: importLedger,
    },
    {
      name: "mv",
      summary: "give a sync's ledger to the sync's new name: nothing is sent again",
      arguments: [
        { name: "<from>", describe: "the name the ledger knows" },
        { name: "<to>", describe: "the name in the project", completes: "sync" },
      ],
      run: move,
    },
    retarget,
    recreate,
    {
      name: "prune",
      summary: "drop old history",
      options: [{ flags: "--days <n>", describe: "keep so many", default: "90" }],
      run: prune,
    },
  ],
};

async function lock(context: CommandContext): Promise<0> {
  const { engine, options, opened } = await openLedger(context);
  const held = await engine.lockInfo(options);
  const environment = opened.project.environment.name;
  if (context.globals.json) context.terminal.json({ schema: "millrace/lock/v1", environment, lock: held });
  else if (held === null) context.terminal.out(`Nobody holds the lock of ${environment}.`);
  else
    context.terminal.out(
      `Run ${held.run_id} holds the lock of ${environment}: ${held.holder}, "${held.command}", since ${held.since}${held.alive_at === null ? "" : `, alive ${held.alive_at}`}`,
    );
  return 0;
}

async function unlock(context: CommandContext): Promise<0> {
  const { engine, options, opened } = await openLedger(context);
  const held = await engine.lockInfo(options);
  const word = context.words[0]!;
  if (held === null || !(held.run_id === word || held.run_id.endsWith(word))) {
    const hint = held === null ? "nobody holds it" : `it is held by run ${held.run_id} (${held.holder})`;
    throw failure("E591", `run ${JSON.stringify(word)} does not hold the lock of ${opened.project.environment.name}`, {
      exit: 64,
      hint,
    });
  }
  const { askYes } = await import("../prompt.ts");
  if (
    !(await askYes(
      context,
      `Free the lock of run ${held.run_id} (${held.holder})? Do so only when that process is gone.`,
    ))
  )
    return 0;
  const freed = await engine.unlock({ ...options, runId: held.run_id });
  const { tellDone } = await import("../tell-done.ts");
  tellDone(context, {
    command: "state unlock",
    message: freed ? `Freed the lock of run ${held.run_id}` : "The lock was free by then",
    next: `millrace sync${opened.environmentFlag}`,
  });
  return 0;
}

async function exportLedger(context: CommandContext): Promise<0> {
  const { engine, options } = await openLedger(context);
  const { resolve } = await import("node:path");
  const { writeArtifact } = await import("../artifacts.ts");
  const { safeJson } = await import("../safe-text.ts");
  const ledger = await engine.exportState(options);
  await writeArtifact(resolve(context.folder, context.words[0]!), `${safeJson(ledger)}\n`);
  const rows = ledger.tables.reduce((sum, table) => sum + table.rows.length, 0);
  const { tellDone } = await import("../tell-done.ts");
  tellDone(context, {
    command: "state export",
    message: "Exported the ledger; the file holds personal data",
    files: [context.words[0]!],
    rows,
  });
  return 0;
}

async function importLedger(context: CommandContext): Promise<0> {
  const { engine, options, opened } = await openLedger(context);
  const ledger = await readExport(context);
  const { askYes } = await import("../prompt.ts");
  if (
    !(await askYes(
      context,
      `Read the ledger of ${ledger.environment} (${ledger.exported_at}) into ${opened.project.environment.name}?`,
    ))
  )
    return 0;
  const { rows } = await engine.importState({ ...options, state: ledger });
  const { tellDone } = await import("../tell-done.ts");
  tellDone(context, {
    command: "state import",
    message: `Imported ${amount(rows, "row")}`,
    rows,
    next: `millrace status${opened.environmentFlag}`,
  });
  return 0;
}

async function readExport(context: CommandContext): Promise<StateExport> {
  const { readFile } = await import("node:fs/promises");
  const { resolve } = await import("node:path");
  const { stateSchema } = await import("../schemas/state.ts");
  const word = context.words[0]!;
  const text = await readFile(resolve(context.folder, word), "utf8").catch(() => null);
  if (text === null) throw failure("E004", `there is no file ${JSON.stringify(word)}`, { exit: 64 });
  try {
    const found = stateSchema.safeParse(JSON.parse(text));
    if (found.success) return found.data;
  } catch {
    // Told below: not JSON is not an export.
  }
  throw failure("E592", `${JSON.stringify(word)} is not an export of a ledger`, {
    hint: "name a file that `millrace state export` wrote",
  });
}

async function move(context: CommandContext): Promise<0> {
  const [from = "", to = ""] = context.words;
  const { engine, options, opened } = await openLedger(context);
  const { askYes } = await import("../prompt.ts");
  if (!(await askYes(context, `Give the ledger of ${from} to ${to} in ${opened.project.environment.name}?`))) return 0;
  const { rows } = await engine.moveState({ ...options, from, to });
  const { tellDone } = await import("../tell-done.ts");
  tellDone(context, {
    command: "state mv",
    message: `${to} goes on with the ledger of ${from}: ${amount(rows, "row")}`,
    rows,
    next: `millrace plan ${to}${opened.environmentFlag}`,
  });
  return 0;
}

async function prune(context: CommandContext): Promise<0> {
  const days = wholeNumber("--days", context.values.text("days") ?? "90", 1);
  const { engine, options } = await openLedger(context);
  const { rows } = await engine.pruneState({ ...options, days });
  const { tellDone } = await import("../tell-done.ts");
  tellDone(context, {
    command: "state prune",
    message: `Dropped ${amount(rows, "row")} of history older than ${amount(days, "day")}`,
    rows,
  });
  return 0;
}
