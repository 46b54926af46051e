import { spawn, spawnSync } from "node:child_process";
import { millraceCommand, run, type Finished } from "./cli.ts";

/** Why system calls cannot be made to fail here, or null; scripts/test-machine.sh installs what it takes. */
export const cannotTrace: string | null = (() => {
  const probe = spawnSync("strace", ["-f", "-qq", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "true"]);
  if (probe.error !== undefined) return `strace cannot be run: ${probe.error.message}`;
  return probe.status === 0 ? null : `strace may not trace: ${String(probe.stderr).trim()}`;
})();

/** A disk error: these system calls fail with EIO, on these paths (none: wherever they go). */
export interface DiskError {
  readonly calls: string;
  readonly paths?: readonly string[];
}

const flags = ({ calls, paths = [] }: DiskError): readonly string[] => [
  "-f",
  "-qq",
  "-o",
  "/dev/null",
  "-e",
  `trace=${calls}`,
  "-e",
  `inject=${calls}:error=EIO`,
  ...paths.flatMap((path) => ["-P", path]),
];

/** Runs `millrace sync` in a folder on a disk with that error. */
export function syncWith(error: DiskError, cwd: string): Promise<Finished> {
  const [program, ...words] = millraceCommand();
  return run(cwd, "strace", [...flags(error), program, ...words, "sync"], { ...process.env, NO_COLOR: "1" });
}

/** From when it resolves on, a running process has that error; until it ends. */
export async function breakDisk(error: DiskError, pid: number): Promise<void> {
  const tracer = spawn("strace", [...flags(error).filter((flag) => flag !== "-qq"), "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await new Promise<void>((attached, failed) => {
    let said = "";
    tracer.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      // The threads are attached together, before any of them goes on.
      if (/attached/.test(said)) attached();
    });
    tracer.on("close", () => failed(new Error(`strace did not attach: ${said}`)));
  });
}
