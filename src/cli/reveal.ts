import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { failure } from "../errors.ts";
import type { CommandContext } from "./command.ts";
import { actor } from "./engine.ts";
import type { OpenProject } from "./session.ts";

/** Lets personal data be shown, and writes that down first. E342 where the environment does not allow it. */
export async function allowReveal(context: CommandContext, { project }: OpenProject, subject: string): Promise<void> {
  const { environment, root } = project;
  if (environment.revealPii !== true)
    throw failure("E342", `personal data stays masked in ${environment.name}`, {
      exit: 64,
      hint: `to allow it: environments: { ${environment.name}: { reveal_pii: true } } in millrace.yml`,
    });
  const folder = join(root, ".millrace");
  const entry = {
    at: new Date(context.now()).toISOString(),
    actor: actor(context.env),
    environment: environment.name,
    event: "reveal_pii",
    command: context.commandLine,
    subject,
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await appendFile(join(folder, "audit.ndjson"), `${JSON.stringify(entry)}\n`, { mode: 0o600 });
}
