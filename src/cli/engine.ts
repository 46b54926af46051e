import { hostname, userInfo } from "node:os";
import type { Engine, EngineOptions } from "../engine/api.ts";
import type { RunEvent } from "../core.ts";
import type { CommandContext } from "./command.ts";
import type { OpenProject } from "./session.ts";

/** The engine with its warehouse libraries, loaded only by commands that work on data. */
export async function loadEngine(): Promise<Engine> {
  return import("../engine/index.ts");
}

/** What every call of the engine needs; events go nowhere unless `onEvent` is given. */
export async function engineOptions(
  context: CommandContext,
  opened: OpenProject,
  more: { readonly selected?: readonly string[]; readonly onEvent?: (event: RunEvent) => void } = {},
): Promise<EngineOptions> {
  const { nodePorts } = await import("../engine/node-ports.ts");
  return {
    project: opened.project,
    ports: nodePorts(),
    env: context.env,
    selected: more.selected ?? [...opened.project.syncs.keys()].toSorted(),
    onEvent: more.onEvent ?? (() => undefined),
    signal: context.signal,
    version: context.version,
    git: opened.git,
    actor: actor(context.env),
    command: context.commandLine,
  };
}

/** Who runs this: `ada@laptop`, or the CI's own actor. */
export function actor(env: Readonly<Record<string, string | undefined>>): string {
  const names = ["MILLRACE_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME", "USERNAME"];
  const user = names.map((name) => env[name]).find((value) => value !== undefined && value !== "") ?? systemUser();
  return `${user}@${env["RUNNER_NAME"] ?? hostname()}`;
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no entry in the password file.
    return "unknown";
  }
}
