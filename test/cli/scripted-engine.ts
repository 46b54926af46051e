/** An engine that answers with hand-written documents and keeps what it was asked: for what the command line does around it. */
import type { Engine, EngineOptions, PlanOptions, SyncOptions } from "../../src/engine/api.ts";
import { nodePorts } from "../../src/engine/node-ports.ts";
import type { CommandContext } from "../../src/cli/command.ts";
import type { OpenProject } from "../../src/cli/session.ts";
import { explanation, plan, run, status } from "./documents.ts";

export const asked: { plan?: PlanOptions; sync?: SyncOptions } = {};

const rejected = [
  {
    sync: "high_value_to_klaviyo",
    person: "9f8e7d6c5b4a",
    op: "add",
    code: "R12",
    message: "invalid phone number",
    attempts: 1,
    dead: false,
  },
];

export const scriptedEngine: Pick<
  Engine,
  "planSyncs" | "runSyncs" | "readStatus" | "readRuns" | "readRejected" | "explainPerson" | "resolveHeld"
> = {
  async planSyncs(options) {
    asked.plan = options;
    options.onEvent({ event: "sync.plan", level: "info", fields: { sync: "high_value_to_meta", add: 6020 } });
    return { document: plan, exit: 0 };
  },
  async runSyncs(options) {
    asked.sync = options;
    options.onEvent({ event: "run.start", level: "info", fields: { run: run.run_id, environment: run.environment } });
    options.onPlan?.(plan);
    options.onEvent({ event: "run.done", level: "info", fields: { run: run.run_id, status: run.status } });
    return { document: run, exit: 4 };
  },
  readStatus: async () => status,
  readRuns: async ({ id }) => (id === undefined || run.run_id.endsWith(id) ? [run] : []),
  readRejected: async () => rejected,
  explainPerson: async () => explanation,
  resolveHeld: async () => ({ rows: 3 }),
};

/** In place of src/cli/engine.ts. */
export const loadEngine = async (): Promise<typeof scriptedEngine> => scriptedEngine;

export async function engineOptions(
  context: CommandContext,
  { project, git }: OpenProject,
  more: Partial<Pick<EngineOptions, "selected" | "onEvent">> = {},
): Promise<EngineOptions> {
  const { env, version, commandLine: command } = context;
  return {
    project,
    ports: nodePorts(),
    env,
    selected: more.selected ?? [],
    onEvent: more.onEvent ?? (() => undefined),
    version,
    git,
    actor: "ada",
    command,
  };
}
