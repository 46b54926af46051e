import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface Finished {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Program and first arguments of the command: the sources through tsx, or the built main.js that `MILLRACE_BIN` names. */
export function millraceCommand(): readonly [program: string, ...words: string[]] {
  const built = process.env["MILLRACE_BIN"];
  if (built !== undefined) return [process.execPath, resolve(root, built)];
  return [
    process.execPath,
    "--conditions=source",
    "--import",
    import.meta.resolve("tsx"),
    join(root, "src/cli/main.ts"),
  ];
}

/** Runs the millrace command in `cwd` as its own process, without colours and without a CI's own reports. */
export function millrace(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const [program, ...words] = millraceCommand();
  const { GITHUB_ACTIONS: _actions, GITHUB_STEP_SUMMARY: _summary, GITHUB_OUTPUT: _output, ...inherited } = process.env;
  return run(cwd, program, [...words, ...args], { ...inherited, NO_COLOR: "1", ...env });
}

/** Runs any program to its end. */
export function run(
  cwd: string,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Finished> {
  return new Promise((done, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (exit) => done({ exit, stdout, stderr }));
  });
}

/** Like {@link millrace}, but an exit other than `expected` fails with everything the command said. */
export async function succeed(cwd: string, args: readonly string[], expected = 0): Promise<Finished> {
  const finished = await millrace(cwd, args);
  if (finished.exit !== expected) {
    throw new Error(
      `millrace ${args.join(" ")}: exit ${finished.exit}, not ${expected}\n${finished.stdout}\n${finished.stderr}`,
    );
  }
  return finished;
}
