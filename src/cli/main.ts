#!/usr/bin/env node
/** The process: words in, exit code out; the only place that ends it. Heavy modules are loaded by the commands that need them. */
import { packageVersion } from "./version.ts";

const words = process.argv.slice(2);

// A reader that went away (`millrace ls | head -1`, a log collector that died) must not stop a run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

if (words.length === 1 && words[0] === "--version") process.stdout.write(`${packageVersion()}\n`);
else {
  const { compileForAShortRun } = await import("./compiling.ts");
  compileForAShortRun();
  const { runCommandLine } = await import("./command-line.ts");
  const { watchSignals } = await import("./signals.ts");
  const exit = await runCommandLine(words, {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    folder: process.cwd(),
    inputIsInteractive: process.stdin.isTTY === true,
    now: () => Date.now(),
    readInput,
    watchSignals: (tell) => watchSignals((code) => process.exit(code), tell),
  });
  // Output on a pipe may still be on its way: the process ends after it, also when something keeps a handle open.
  for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write("", done));
  process.exit(exit);
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
