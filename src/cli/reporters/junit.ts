import { createRequire } from "node:module";
import type { Builder } from "junit-report-builder";
import type { Report } from "./report.ts";

// Its types describe an ES module while Node is given CommonJS: a default import would be typed as the wrong thing. Loaded
// when a report is asked for: it takes longer than everything else that validate does.
const loadBuilder = (): Builder => createRequire(import.meta.url)("junit-report-builder");

/** JUnit XML: a suite per kind of test, or one of diagnostics for validate. */
export function junitReporter(report: Report): string {
  const root = loadBuilder().newBuilder();
  for (const kind of ["unit", "data", "audience", "freshness"] as const) {
    const tests = report.tests.filter((test) => test.kind === kind);
    if (tests.length === 0) continue;
    const suite = root
      .testSuite()
      .name(`millrace ${kind}`)
      .time(seconds(tests.reduce((sum, test) => sum + test.durationMs, 0)));
    for (const test of tests) {
      const one = suite.testCase().className(test.subject).name(test.name).time(seconds(test.durationMs));
      if (test.at !== undefined) one.file(test.at.file);
      const detail = [test.message, ...test.detail].join("\n");
      if (test.status === "failed") one.failure(detail);
      else if (test.status === "errored") one.error(test.message, "error", detail);
      else if (test.status === "skipped") one.skipped();
      else if (test.status === "warned") one.standardOutput(detail);
    }
  }
  if (report.command === "validate") {
    const suite = root.testSuite().name("millrace validate");
    for (const diagnostic of report.diagnostics) {
      const place =
        diagnostic.at === undefined ? "project" : `${diagnostic.at.file}:${diagnostic.at.line}:${diagnostic.at.column}`;
      const one = suite.testCase().className(place).name(`${diagnostic.code} ${diagnostic.message}`);
      if (diagnostic.severity === "error") one.failure(diagnostic.message, diagnostic.code);
    }
    if (report.diagnostics.length === 0) suite.testCase().className("project").name(`${report.files} files`);
  }
  return root.build();
}

function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}
