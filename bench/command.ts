/** The command line as a process of its own: time, CPU and the peak of its memory. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Took } from "./figure.ts";

/** Where `npm run build` puts the program; MILLRACE_BENCH_DIST names another folder. */
const built = `${process.env["MILLRACE_BENCH_DIST"] ?? fileURLToPath(new URL("../dist", import.meta.url))}/src/cli/main.js`;
const source = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

/** True when the built program is measured; the sources start slower by what their compiler takes. */
export const isBuilt = existsSync(built);

/** Words that start the program with Node. */
export const program: readonly string[] = isBuilt
  ? [built]
  : ["--conditions=source", "--import", import.meta.resolve("./typescript.mjs"), source];

export interface Ran extends Took {
  readonly peakMb: number;
}

/** Runs `millrace <words>` in a folder; throws with what it said when it does not end with 0. */
export const runCommand = (folder: string, words: readonly string[]): Promise<Ran> =>
  runNode(folder, [...program, ...words]);

/** Runs Node; the peak is VmHWM of /proc, read while it runs: NaN where there is no /proc. CPU is the process's own. */
export async function runNode(folder: string, words: readonly string[], clean = 0): Promise<Ran> {
  const before = childCpu();
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let peakMb = Number.NaN;
  const watch = setInterval(() => (peakMb = peakOf(child.pid) ?? peakMb), 100);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => (said = (said + data.toString()).slice(-4000)));
  const exit = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  clearInterval(watch);
  if (exit !== clean) throw new Error(`${words.join(" ")} ended with ${exit}:\n${said}`);
  return { wall, cpu: childCpu() - before, peakMb };
}

function peakOf(pid: number | undefined): number | null {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return found === null ? null : Number(found[1]) / 1024;
  } catch {
    return null;
  }
}

/** CPU seconds of the children that have ended, by /proc in ticks of 10 ms. */
function childCpu(): number {
  try {
    const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[13]) + Number(fields[14])) / 100;
  } catch {
    return Number.NaN;
  }
}
