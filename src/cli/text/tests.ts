/** Finished tests as text: sums first, then each failure with its detail and where to look. */
import type { TestResult } from "../../core.ts";
import { amount, span } from "../figures.ts";
import type { Paint } from "../terminal.ts";

export interface TestSums {
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
  readonly skipped: number;
  readonly errored: number;
}

export function sumTests(tests: readonly TestResult[]): TestSums {
  const of = (status: TestResult["status"]): number => tests.filter((test) => test.status === status).length;
  return {
    passed: of("passed"),
    failed: of("failed"),
    warned: of("warned"),
    skipped: of("skipped"),
    errored: of("errored"),
  };
}

export interface TestTextOptions {
  readonly paint: Paint;
  readonly durationMs: number;
  readonly engine: string;
  /** Folder of the SQL that ran, relative; the file of a test is `sqlFile(test)`. */
  readonly sqlFile: (test: TestResult) => string | undefined;
  readonly verbose: boolean;
}

export function testsText(tests: readonly TestResult[], options: TestTextOptions): string {
  const { paint } = options;
  const sums = sumTests(tests);
  const broken = sums.failed + sums.errored;
  const head = [
    paint("green", `✔ ${sums.passed} passed`),
    ...(broken === 0 ? [] : [paint("red", `✘ ${broken} failed`)]),
    ...(sums.warned === 0 ? [] : [paint("yellow", `▲ ${sums.warned} warned`)]),
    ...(sums.skipped === 0 ? [] : [`○ ${sums.skipped} skipped`]),
  ].join("   ");
  const told = tests.filter((test) => options.verbose || test.status !== "passed");
  const end = `${amount(tests.length, "test")} in ${span(options.durationMs)} on ${options.engine}.`;
  return [head, ...told.map((test) => testLines(test, options).join("\n")), end].join("\n\n");
}

const marks = { passed: "✔", failed: "✘", warned: "▲", skipped: "○", errored: "✘" } as const;
const colours = { passed: "green", failed: "red", warned: "yellow", skipped: "dim", errored: "red" } as const;

function testLines(test: TestResult, options: TestTextOptions): readonly string[] {
  const place = test.at === undefined ? "" : `   ${test.at.file}:${test.at.line}`;
  const lines = [
    `${options.paint(colours[test.status], marks[test.status])} ${test.kind.padEnd(8)} ${test.name}${place}`,
  ];
  if (test.message !== "") lines.push(`    ${test.message}`);
  lines.push(...test.detail.map((line) => `    ${line}`));
  const sql = test.status === "passed" ? undefined : options.sqlFile(test);
  if (sql !== undefined) lines.push(`    SQL that ran: ${sql}`);
  return lines;
}
