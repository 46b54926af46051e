/** Flags of sync as the engine takes them. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { SyncOptions } from "../engine/api.ts";
import type { CommandContext } from "./command.ts";
import { limit, usage, waitingTime } from "./usage.ts";

export type SyncFlags = Pick<SyncOptions, "overrides" | "waitMs" | "skipTests" | "failFast" | "yes"> &
  Partial<Pick<SyncOptions, "maxRemove">>;

/** Reads the flags that sync and retry share; E001 for a value out of form, E002 for an override without a reason. */
export function readSyncFlags(context: CommandContext): SyncFlags {
  const { values, globals } = context;
  const maxRemove = values.text("maxRemove");
  return {
    overrides: overrides(context),
    waitMs: waitingTime("--wait", values.text("wait") ?? "0s"),
    skipTests: values.flag("skipTests"),
    failFast: globals.failFast,
    yes: globals.yes,
    ...(maxRemove === undefined ? {} : { maxRemove: limit("--max-remove", maxRemove) }),
  };
}

function overrides(context: CommandContext): SyncOptions["overrides"] {
  const codes = context.values.list("overrideGuard");
  const reason = context.values.text("reason")?.trim() ?? "";
  if (codes.length > 0 && reason === "")
    throw usage(
      "--override-guard needs --reason",
      'say why, for the record: --reason "the spring clean-up of the CRM"',
      "E002",
    );
  return codes.map((text) => {
    const match = /^(G\d+)(?:=([a-z][a-z0-9_]*))?$/.exec(text);
    if (match === null) throw usage(`--override-guard takes G2 or G2=sync_name, not ${JSON.stringify(text)}`);
    const [, guard = "", sync] = match;
    return sync === undefined ? { guard, reason } : { guard, reason, sync };
  });
}

/** A plan's id out of what `--plan` names: a file of `plan -o`, or the id itself. */
export async function readPlanId(context: CommandContext, text: string): Promise<string> {
  if (/^[0-9a-f]{4,16}$/.test(text)) return text;
  const content = await readFile(resolve(context.folder, text), "utf8").catch(() => null);
  if (content === null)
    throw usage(
      `--plan: there is no file ${JSON.stringify(text)}`,
      "name the file that `millrace plan -o FILE` wrote, or the plan's id",
    );
  try {
    const document = JSON.parse(content) as { readonly schema?: unknown; readonly id?: unknown };
    if (document.schema === "millrace/plan/v1" && typeof document.id === "string") return document.id;
  } catch {
    // Told below: not JSON is not a plan.
  }
  throw usage(
    `--plan: ${JSON.stringify(text)} is not a plan of millrace`,
    "name the file that `millrace plan -o FILE` wrote",
  );
}
