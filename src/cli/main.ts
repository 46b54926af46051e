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
  const { runCommandLine } = await import("./command-line.ts");
  const exit = await runCommandLine(words, (code) => process.exit(code));
  // Output on a pipe may still be on its way: the process ends after it, also when something keeps a handle open.
  for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write("", done));
  process.exit(exit);
}
