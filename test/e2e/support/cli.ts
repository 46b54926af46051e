import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface Finished {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the millrace command in `cwd` as its own process. `MILLRACE_BIN` names a built main.js to test instead of the
 * sources; without a terminal, colours or the variables of a CI, so that output is the same everywhere.
 */
export function millrace(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const built = process.env["MILLRACE_BIN"];
  const main = built === undefined ? ["--import", import.meta.resolve("tsx"), join(root, "src/cli/main.ts")] : [built];
  const { GITHUB_ACTIONS: _actions, GITHUB_STEP_SUMMARY: _summary, GITHUB_OUTPUT: _output, ...inherited } = process.env;
  return run(cwd, process.execPath, built === undefined ? ["--conditions=source", ...main, ...args] : [...main, ...args], {
    ...inherited,
    NO_COLOR: "1",
    ...env,
  });
}

/** Runs any program to its end. */
export function run(cwd: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (exit) => resolve({ exit, stdout, stderr }));
  });
}

/** Like {@link millrace}, but an exit other than `expected` fails with everything the command said. */
export async function succeed(cwd: string, args: readonly string[], expected = 0): Promise<Finished> {
  const finished = await millrace(cwd, args);
  if (finished.exit !== expected) {
    throw new Error(`millrace ${args.join(" ")}: exit ${finished.exit}, not ${expected}\n${finished.stdout}\n${finished.stderr}`);
  }
  return finished;
}
