/** Prints at the end of a run which operation passed on which warehouse and emulator. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";

interface Result {
  readonly column: string;
  readonly operation: string;
  readonly outcome: string;
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(path.join(os.tmpdir(), "millrace-matrix-"));
  project.provide("matrix", folder);
  return () => {
    const results = readdirSync(folder).flatMap((file) =>
      readFileSync(path.join(folder, file), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Result),
    );
    rmSync(folder, { recursive: true });
    process.stdout.write(`\n${matrix(results)}\n`);
  };
}

/** One line an operation, one column a warehouse; reasons of what is unsupported below. */
function matrix(results: readonly Result[]): string {
  const columns = [...new Set(results.map(({ column }) => column))].toSorted();
  const operations = [...new Set(results.map(({ operation }) => operation))];
  const outcomeOf = (operation: string, column: string): string =>
    results.findLast((result) => result.operation === operation && result.column === column)?.outcome ?? "not run";
  const wide = Math.max(0, ...operations.map((operation) => operation.length));
  const lines = operations.map((operation) =>
    [
      operation.padEnd(wide),
      ...columns.map((column) => (outcomeOf(operation, column).split(":")[0] ?? "").padEnd(column.length)),
    ].join("  "),
  );
  const reasons = columns.flatMap((column) =>
    operations
      .filter((operation) => outcomeOf(operation, column).includes(": "))
      .map((operation) => `${column}: ${operation}: ${outcomeOf(operation, column).replace(/^.*?: /, "")}`),
  );
  return [["".padEnd(wide), ...columns].join("  "), ...lines, "", ...reasons].join("\n");
}
