import type { Diagnostic } from "../core.ts";

const sortKey = ({ at, code, message }: Diagnostic): string =>
  `${at?.file ?? ""}\0${String(at?.line ?? 0).padStart(8, "0")}\0${String(at?.column ?? 0).padStart(8, "0")}\0${code}\0${message}`;

/** By file, line and column; the same problem once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const unique = new Map(diagnostics.map((diagnostic) => [sortKey(diagnostic), diagnostic]));
  return [...unique].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, diagnostic]) => diagnostic);
}
