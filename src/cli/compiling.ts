import module from "node:module";
import { setFlagsFromString } from "node:v8";

/**
 * Tells V8 that this process is short: a command that only reads the project is over before optimised code pays. Node 22.8
 * and newer keep compiled modules from run to run. Node 20 (V8 11) does not, and has no compiler between the baseline and
 * the optimising one: there a function must run eight times as much bytecode (540 KB; V8's default is 66 KB) before it is
 * optimised, which takes a quarter less CPU. Without either the process works the same, only slower.
 */
export function compileForAShortRun(): void {
  if ("enableCompileCache" in module && typeof module.enableCompileCache === "function") module.enableCompileCache();
  else if (process.versions.v8.startsWith("11.")) setFlagsFromString("--interrupt-budget=540000");
}
