/**
 * Annotations of GitHub Actions: at most 10 errors and 10 warnings a step are shown, the rest is counted
 * (https://github.com/orgs/community/discussions/68471).
 */
import type { Diagnostic } from "../../core.ts";
import { findings, type Report } from "./report.ts";

const shownPerStep = 10;

/** Workflow commands, one a line; places of `first` (files of the pull request) come first. */
export function githubAnnotations(diagnostics: readonly Diagnostic[], first: ReadonlySet<string> = new Set()): string {
  const lines: string[] = [];
  for (const severity of ["error", "warning"] as const) {
    const some = diagnostics.filter((diagnostic) => diagnostic.severity === severity);
    const ordered = some.toSorted((a, b) => rank(a, first) - rank(b, first));
    lines.push(...ordered.slice(0, shownPerStep).map(annotation));
    const more = ordered.length - shownPerStep;
    if (more > 0) lines.push(`+${more} more ${severity}${more === 1 ? "" : "s"}, see the log`);
  }
  return lines.join("\n");
}

export function githubReporter(report: Report): string {
  return githubAnnotations(findings(report));
}

function rank(diagnostic: Diagnostic, first: ReadonlySet<string>): number {
  return diagnostic.at !== undefined && first.has(diagnostic.at.file) ? 0 : 1;
}

function annotation(diagnostic: Diagnostic): string {
  const { at } = diagnostic;
  const place = at === undefined ? [] : [`file=${property(at.file)}`, `line=${at.line}`, `col=${at.column}`];
  const message = diagnostic.hint === undefined ? diagnostic.message : `${diagnostic.message}\n${diagnostic.hint}`;
  return `::${diagnostic.severity} ${[...place, `title=${property(diagnostic.code)}`].join(",")}::${escaped(message)}`;
}

/** Escapes of workflow commands: actions/toolkit, packages/core/src/command.ts. */
function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return escaped(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
