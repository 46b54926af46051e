import type { CommandContext } from "../command.ts";
import { amount, span } from "../figures.ts";
import { testSqlFile } from "../test-sql.ts";
import { testsText } from "../text/tests.ts";
import type { Report, Reporter } from "./report.ts";

/** For people: of validate only the sums (the diagnostics themselves are talk, and go to stderr), of test each failure. */
export function textReporter(context: CommandContext): Reporter {
  return (report) => {
    if (report.command === "validate") return validateSums(report);
    return testsText(report.tests, {
      paint: context.terminal.paintOut,
      durationMs: report.durationMs,
      engine: report.engine ?? "no warehouse",
      sqlFile: (test) => (test.sql === undefined ? undefined : `${context.globals.targetFolder}/${testSqlFile(test)}`),
      verbose: context.globals.verbosity > 0,
    });
  };
}

function validateSums({ diagnostics, files, durationMs }: Report): string {
  const of = (severity: "error" | "warning"): number => diagnostics.filter((one) => one.severity === severity).length;
  return `Checked ${amount(files, "file")} in ${span(durationMs)}: ${amount(of("error"), "error")}, ${amount(of("warning"), "warning")}.`;
}
