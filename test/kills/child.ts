import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { millraceCommand } from "../e2e/support/cli.ts";
import type { Platform } from "./platform.ts";

/** When a run is killed. */
export type Kill =
  | { readonly by: "time"; readonly ms: number }
  | { readonly by: "request"; readonly n: number; readonly moment: "before" | "after" | "answered" }
  | { readonly by: "file"; readonly n: number }
  | { readonly by: "step"; readonly n: number; readonly how: "before" | "during" | "torn" };

export interface Ran {
  readonly exit: number | null;
  readonly killed: boolean;
  readonly output: string;
  readonly ms: number;
  readonly writes: number;
  readonly fileEvents: number;
}

const preload = pathToFileURL(fileURLToPath(new URL("crash-points.mjs", import.meta.url))).href;

const environment = (more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: process.env["HOME"],
  NO_COLOR: "1",
  ADS_TOKEN: "token-of-the-kills",
  ...more,
});

/** One `millrace sync` in `root`, killed with SIGKILL when `kill` says so. */
export async function runSync(
  root: string,
  platform: Platform,
  kill: Kill | null,
  pause: () => number = () => 0,
): Promise<Ran> {
  const stepping = kill?.by === "step";
  const [program, ...words] = millraceCommand();
  const started = performance.now();
  await mkdir(join(root, ".millrace"), { recursive: true, mode: 0o700 });
  const child = spawn(program, [...(stepping ? ["--import", preload] : []), ...words, "sync"], {
    cwd: root,
    env: environment(stepping ? { KILL_AT: String(kill.n), KILL_HOW: kill.how } : {}),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const end = (): boolean => child.kill("SIGKILL");
  platform.begin(kill?.by === "request" ? (moment, n) => moment === kill.moment && n === kill.n && end() : null, pause);
  const timer = kill?.by === "time" ? setTimeout(end, kill.ms) : undefined;
  let fileEvents = 0;
  const watcher = watch(join(root, ".millrace"), { recursive: true }, () => {
    fileEvents += 1;
    if (kill?.by === "file" && fileEvents === kill.n) end();
  });
  watcher.on("error", () => undefined);
  const [exit, signal] = await new Promise<[number | null, string | null]>((done, failed) => {
    child.on("error", failed);
    child.on("close", (code, by) => done([code, by]));
  });
  clearTimeout(timer);
  watcher.close();
  const ms = performance.now() - started;
  return { exit, killed: signal === "SIGKILL", output, ms, writes: platform.writes, fileEvents };
}

/** Every step of one unkilled run, as text. */
export async function traceSteps(root: string, platform: Platform): Promise<readonly string[]> {
  const file = join(root, "steps.txt");
  await rm(file, { force: true });
  const [program, ...words] = millraceCommand();
  platform.begin(null, () => 0);
  const child = spawn(program, ["--import", preload, ...words, "sync"], {
    cwd: root,
    env: environment({ KILL_TRACE: file }),
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exit = await new Promise((done) => child.on("close", done));
  const text = await readFile(file, "utf8");
  await rm(file);
  if (exit !== 0) throw new Error(`the traced run ended with ${String(exit)}`);
  return text.split("\n").filter((line) => line !== "");
}
