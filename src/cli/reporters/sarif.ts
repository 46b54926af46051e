/** SARIF 2.1.0 for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
import type { Diagnostic } from "../../core.ts";
import { findings, type Report } from "./report.ts";

export function sarifReporter(report: Report): string {
  const results = findings(report);
  const rules = [...new Set(results.map((diagnostic) => diagnostic.code))].toSorted();
  const document = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "millrace", version: report.version, rules: rules.map((id) => ({ id })) } },
        columnKind: "utf16CodeUnits",
        results: results.map((diagnostic) => result(diagnostic, rules)),
      },
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function result(diagnostic: Diagnostic, rules: readonly string[]): object {
  const { at } = diagnostic;
  const text = diagnostic.hint === undefined ? diagnostic.message : `${diagnostic.message} (${diagnostic.hint})`;
  const region =
    at === undefined
      ? {}
      : {
          startLine: at.line,
          startColumn: at.column,
          ...(at.length === undefined ? {} : { endColumn: at.column + at.length }),
        };
  const locations =
    at === undefined ? [] : [{ physicalLocation: { artifactLocation: { uri: encodeURI(at.file) }, region } }];
  return {
    ruleId: diagnostic.code,
    ruleIndex: rules.indexOf(diagnostic.code),
    level: diagnostic.severity,
    message: { text },
    locations,
  };
}
