import type { Diagnostic, TestResult } from "../../core.ts";

/** What validate and test found, in the one shape that every reporter prints. */
export interface Report {
  readonly command: "validate" | "test";
  readonly environment: string;
  /** The kind of its warehouse; absent where there is no project to ask. */
  readonly engine?: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly tests: readonly TestResult[];
  readonly files: number;
  readonly durationMs: number;
  /** Version of millrace. */
  readonly version: string;
}

/** A report as one text: a file's content or what is printed. */
export type Reporter = (report: Report) => string;

/** Diagnostics of a report: its own, and each failed or warned test as one. */
export function findings(report: Report): readonly Diagnostic[] {
  return [...report.diagnostics, ...report.tests.flatMap(testFinding)];
}

/** E410 unit, E411 data, E412 audience, E413 freshness: a test that did not hold, as a diagnostic. */
const testCodes = { unit: "E410", data: "E411", audience: "E412", freshness: "E413" } as const;

function testFinding(test: TestResult): readonly Diagnostic[] {
  if (test.status === "passed" || test.status === "skipped") return [];
  const severity = test.status === "warned" ? "warning" : "error";
  const code = severity === "warning" ? testCodes[test.kind].replace("E", "W") : testCodes[test.kind];
  return [
    { code, severity, message: `${test.name}: ${test.message}`, ...(test.at === undefined ? {} : { at: test.at }) },
  ];
}
