/** `state retarget` and `state recreate`: a sync's target is another one now, or the platform lost it (R31). */
import { exitCodes, type ExitCode } from "../../errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { openLedger } from "../open-ledger.ts";
import { usage } from "../usage.ts";

const reason = { flags: "--reason <text>", describe: "why; kept in the ledger with who did it" } as const;
const whose = { name: "<sync>", describe: "whose ledger", completes: "sync" } as const;

export const retarget: Command = {
  name: "retarget",
  summary: "a sync writes elsewhere now: empty its old target, or leave it; the next run fills the new one",
  arguments: [whose],
  options: [
    { flags: "--drain", describe: "take everybody out of the old target first; no guard stops it" },
    { flags: "--abandon", describe: "what the old target holds stays there" },
    reason,
  ],
  examples: [
    'millrace state retarget vip_to_crm --drain --reason "new ad account"',
    'millrace state retarget vip_to_crm --abandon --reason "old account is closed"',
  ],
  async run(context) {
    const drains = context.values.flag("drain");
    if (drains === context.values.flag("abandon")) {
      throw usage(
        "say what becomes of the people at the old target: --drain takes them out, --abandon leaves them there",
      );
    }
    return drains ? drain(context) : abandon(context);
  },
};

export const recreate: Command = {
  name: "recreate",
  summary: "a sync's target was deleted at the platform: make it anew and send everybody who is wanted",
  arguments: [whose],
  options: [reason],
  examples: ['millrace state recreate vip_to_meta --reason "deleted by mistake in the ads manager"'],
  async run(context) {
    const sync = context.words[0]!;
    const why = reasonOf(context);
    const { engine, options, opened } = await openLedger(context);
    const { rows, target } = await engine.readHoldings({ ...options, sync });
    const what = [
      `The ledger of ${sync} says that ${target} holds ${people(rows)}.`,
      "All of that counts as lost: the next run finds or makes the target and sends everybody who is wanted.",
    ];
    if (!(await agreed(context, what, "Was the target deleted, and is it to be made again?"))) return exitCodes.ok;
    await engine.recreateState({ ...options, sync, reason: why });
    const { tellDone } = await import("../tell-done.ts");
    tellDone(context, {
      command: "state recreate",
      message: `${sync} begins with an empty target: ${people(rows)} to look at again`,
      rows,
      next: `millrace plan ${sync}${opened.environmentFlag}`,
    });
    return exitCodes.ok;
  },
};

async function abandon(context: CommandContext): Promise<ExitCode> {
  const sync = context.words[0]!;
  const why = reasonOf(context);
  const { engine, options, opened } = await openLedger(context);
  const holdings = await engine.readHoldings({ ...options, sync });
  const what = [
    `${people(holdings.rows)} stay at ${holdings.target} for good; no later run takes them out.`,
    `The ledger of ${sync} is put aside. Its next run fills ${holdings.now ?? "nothing: the project has no such sync"}.`,
  ];
  if (!(await agreed(context, what, `Put the ledger of ${sync} aside?`))) return exitCodes.ok;
  const { rows, archived } = await engine.abandonState({ ...options, sync, reason: why });
  const { tellDone } = await import("../tell-done.ts");
  tellDone(context, {
    command: "state retarget",
    message: `The ledger of ${sync} (${people(rows)}) is kept as ${archived}; the next run begins anew`,
    rows,
    next: `millrace plan ${sync}${opened.environmentFlag}`,
  });
  return exitCodes.ok;
}

async function drain(context: CommandContext): Promise<ExitCode> {
  const sync = context.words[0]!;
  const why = reasonOf(context);
  const { engine, options, opened } = await openLedger(context);
  const holdings = await engine.readHoldings({ ...options, sync });
  const what = [
    `${people(holdings.rows)} are taken out of ${holdings.target}, those kept on leaving too; no guard stops it.`,
    `Then the ledger of ${sync} is empty. Its next run fills ${holdings.now ?? "nothing: the project has no such sync"}.`,
  ];
  if (!(await agreed(context, what, "Take them out?"))) return exitCodes.ok;
  const { runId, removed, remaining, exit } = await engine.drainState({ ...options, sync, reason: why });
  const flag = opened.environmentFlag;
  const left = remaining > 0;
  const { tellDone } = await import("../tell-done.ts");
  tellDone(context, {
    command: "state retarget",
    message: left
      ? `Run ${runId} took ${people(removed)} out of the old target of ${sync}; ${people(remaining)} are not out for certain`
      : `Run ${runId} took ${people(removed)} out of the old target of ${sync}; its ledger is empty`,
    rows: removed,
    next: left ? `millrace runs rejected ${runId}${flag}, then the same command again` : `millrace plan ${sync}${flag}`,
  });
  return left && exit === exitCodes.ok ? exitCodes.failed : exit;
}

const people = (rows: number): string => `${rows.toLocaleString("en-US")} row${rows === 1 ? "" : "s"}`;

function reasonOf(context: CommandContext): string {
  const text = context.values.text("reason")?.trim() ?? "";
  if (text !== "") return text;
  throw usage("say why with --reason TEXT: it is kept in the ledger, beside who did it");
}

/** Says what would happen, then asks; without a terminal only `--yes` agrees. */
async function agreed(context: CommandContext, what: readonly string[], question: string): Promise<boolean> {
  context.terminal.error(what.join("\n"));
  const { askYes } = await import("../prompt.ts");
  return askYes(context, question);
}
