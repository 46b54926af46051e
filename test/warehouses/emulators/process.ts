/** Emulators as processes of a test: started on free ports of loopback, ended after it. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";

/** The ignored folder of scripts/install-emulators.sh. */
export const emulators = fileURLToPath(new URL("../../../.emulators", import.meta.url));

/**
 * Runs `tests` where these paths are there; else they are skipped by name. In CI what is absent fails, unless it is no more than a
 * second opinion.
 */
export function where(name: string, paths: readonly string[], tests: () => void, { secondOpinion = false } = {}): void {
  const absent = paths.filter((path) => !existsSync(path));
  if (absent.length === 0 || (process.env["CI"] !== undefined && !secondOpinion)) tests();
  else describe.skip(`${name} (not here; scripts/install-emulators.sh installs it)`, tests);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What was started and has not been ended: a test run that is stopped ends it too. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a program, waits until `ready` answers without throwing, and gives what ends it. What it said is told where it does not come up. */
export async function startProcess(
  program: string,
  args: readonly string[],
  ready: () => Promise<unknown>,
  environment: Readonly<Record<string, string>> = {},
): Promise<() => Promise<void>> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
  let said = "";
  const hear = (text: unknown): void => {
    said = (said + String(text)).slice(-4000);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  running.add(child);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
    running.delete(child);
  };
  for (const end = Date.now() + 60_000; Date.now() < end && child.exitCode === null;) {
    const up = await ready().then(
      () => true,
      () => false,
    );
    if (up) return stop;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`${program} is not ready: ${said}`);
}
