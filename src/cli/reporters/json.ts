import { safeJson } from "../safe-text.ts";
import { sumTests } from "../text/tests.ts";
import type { Report } from "./report.ts";

/** millrace/validate/v1 or millrace/test/v1. */
export function jsonReporter(report: Report): string {
  return safeJson(report.command === "validate" ? validateDocument(report) : testDocument(report));
}

function validateDocument({ environment, files, durationMs, diagnostics }: Report): object {
  const of = (severity: "error" | "warning"): number => diagnostics.filter((one) => one.severity === severity).length;
  return {
    schema: "millrace/validate/v1",
    environment,
    files,
    errors: of("error"),
    warnings: of("warning"),
    duration_ms: durationMs,
    diagnostics,
  };
}

function testDocument({ environment, tests, durationMs }: Report): object {
  return {
    schema: "millrace/test/v1",
    environment,
    summary: sumTests(tests),
    duration_ms: durationMs,
    tests: tests.map(({ durationMs: milliseconds, sql: _sql, ...test }) => ({ ...test, duration_ms: milliseconds })),
  };
}
