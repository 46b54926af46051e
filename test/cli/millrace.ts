/** Runs command lines: files in; stdout, stderr, exit code and files out. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runCommandLine } from "../../src/cli/command-line.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tsx = path.join(root, "node_modules/tsx/dist/esm/index.mjs");
const main = path.join(root, "src/cli/main.ts");

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number | null;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** In this process only: stands for Ctrl-C. */
  readonly signal?: AbortSignal;
  /** Given the process as soon as it runs: to send signals. */
  readonly started?: (child: ChildProcess) => void;
  /** Ends stdout's reader after its first bytes. */
  readonly closeEarly?: boolean;
}

/** In this process: what most tests want, since starting a process costs a second on a busy machine. */
export async function millrace(
  words: readonly string[],
  { cwd, env = {}, input = "", signal = new AbortController().signal }: Surroundings,
): Promise<Finished> {
  const texts = { stdout: "", stderr: "" };
  const exit = await runCommandLine(words, {
    stdout: { write: (text) => (texts.stdout += text) },
    stderr: { write: (text) => (texts.stderr += text) },
    env: { USER: "ada", HOSTNAME: "laptop", ...env },
    folder: cwd,
    inputIsInteractive: false,
    now: () => Date.now(),
    readInput: () => (input === "planted" ? Promise.reject(new TypeError("planted")) : Promise.resolve(input)),
    watchSignals: () => ({ signal, exit: () => undefined }),
  });
  return { ...texts, exit };
}

/** As a process of its own, in an environment that is bare: CI, NO_COLOR and the like of the machine decide nothing. */
export function spawnMillrace(
  words: readonly string[],
  { cwd, env = {}, input = "", closeEarly = false, started }: Surroundings,
): Promise<Finished> {
  const child = spawn(process.execPath, ["--conditions=source", "--import", tsx, main, ...words], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, USER: "ada", HOSTNAME: "laptop", ...env },
  });
  started?.(child);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    if (closeEarly) child.stdout.destroy();
  });
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit) => resolve({ stdout, stderr, exit }));
  });
}

export function emptyFolder(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), "millrace-cli-"));
}
