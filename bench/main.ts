/**
 * Runs every bench, each as a process of its own, and writes bench/results.md. `--quick` only checks that they work;
 * `--full` adds the largest sizes; `--readme` puts the table between the markers of README.md; words name some of them.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os, { loadavg } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Figure } from "./figure.ts";
import { intoReadme, tableOf } from "./table.ts";

/** Scripts in this folder, in the order of the table. */
const scripts = ["diff", "deliver", "encode", "whole", "start"] as const;

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const flags = process.argv.slice(2).filter((word) => word.startsWith("--"));
const named = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const quick = flags.includes("--quick");

async function run(script: string, out: string): Promise<readonly Figure[]> {
  process.stdout.write(`\n${script}\n`);
  const child = spawn(
    process.execPath,
    [
      "--conditions=source",
      "--expose-gc",
      "--import",
      import.meta.resolve("./typescript.mjs"),
      here(`${script}.ts`),
      ...flags,
    ],
    {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, MILLRACE_BENCH_OUT: out },
    },
  );
  const exit = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (exit !== 0) throw new Error(`bench ${script} ended with ${exit}`);
  return JSON.parse(readFileSync(out, "utf8")) as readonly Figure[];
}

const folder = mkdtempSync(path.join(os.tmpdir(), "millrace-bench-out-"));
try {
  const started = Date.now();
  const load = loadavg()[0] ?? 0;
  const figures: Figure[] = [];
  for (const script of scripts) {
    if (named.length === 0 || named.includes(script))
      figures.push(...(await run(script, path.join(folder, `${script}.json`))));
  }
  const table = tableOf(figures, {
    at: new Date(started).toISOString().slice(0, 10),
    machine: `${os.cpus().length} cores, ${os.cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.versions.node}`,
    load: [load, loadavg()[0] ?? 0],
    minutes: (Date.now() - started) / 60_000,
  });
  // Small sizes say nothing about floors.
  if (!quick) process.stdout.write(`\n${table}`);
  if (!quick) writeFileSync(here("results.md"), table);
  if (flags.includes("--readme") && !quick) {
    const readme = here("../README.md");
    writeFileSync(readme, intoReadme(readFileSync(readme, "utf8"), table));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
