/**
 * Preloaded into a run (`node --import`): counts every step that changes a file, a folder or the ledger, and ends the process
 * with SIGKILL at one of them. KILL_AT: number of the step, 0 = none. KILL_HOW: `before` the step, `during` it, or with a
 * `torn` write (half its bytes). KILL_TRACE: a file that gets one line per step.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { DuckDBAppender, DuckDBConnection, DuckDBPreparedStatement } from "@duckdb/node-api";

const at = Number(process.env.KILL_AT ?? 0);
const how = process.env.KILL_HOW ?? "before";
const { writeSync } = fs;
const trace = process.env.KILL_TRACE === undefined ? null : fs.openSync(process.env.KILL_TRACE, "a");
let steps = 0;

const die = () => {
  process.kill(process.pid, "SIGKILL");
  // The signal is delivered before anything else of this thread runs; this line keeps the promise if it is not.
  for (;;);
};

/** Gives the function to call instead: it counts, and dies at its turn. */
function counted(name, real, tear) {
  return function step(...given) {
    steps += 1;
    const mine = steps;
    if (trace !== null) writeSync(trace, `${mine} ${name} ${describe(given[0])}\n`);
    if (mine !== at) return Reflect.apply(real, this, given);
    if (how === "torn" && tear !== undefined) {
      const torn = tear(this, given);
      return torn instanceof Promise ? torn.then(die) : die();
    }
    if (how === "before") die();
    const doing = Reflect.apply(real, this, given);
    setImmediate(die);
    return doing;
  };
}

const describe = (what) => (typeof what === "string" ? what.replaceAll(/\s+/g, " ").slice(0, 160) : typeof what);

for (const name of ["open", "rename", "rm", "link", "mkdir", "writeFile", "chmod"]) {
  fs.promises[name] = counted(name, fs.promises[name]);
}
for (const name of ["writeFileSync", "mkdirSync", "renameSync", "appendFileSync", "rmSync"]) {
  fs[name] = counted(name, fs[name]);
}
syncBuiltinESMExports();

const probe = await fs.promises.open("/dev/null", "r");
const handle = Object.getPrototypeOf(probe);
await probe.close();
const half = (data) => Buffer.from(data).subarray(0, Math.floor(Buffer.byteLength(data) / 2));
handle.write = counted("write", handle.write, (file, [data]) => writeSync(file.fd, half(data)));
handle.writeFile = counted("writeFile", handle.writeFile, (file, [data]) => writeSync(file.fd, half(data)));
for (const name of ["sync", "truncate", "close"]) handle[name] = counted(name, handle[name]);

for (const [type, names] of [
  [DuckDBConnection, ["run", "stream", "prepare"]],
  [DuckDBPreparedStatement, ["run"]],
  [DuckDBAppender, ["flushSync", "closeSync"]],
]) {
  for (const name of names) type.prototype[name] = counted(`${type.name}.${name}`, type.prototype[name]);
}
steps = 0;
