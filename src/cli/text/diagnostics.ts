import { resolve } from "node:path";
import type { Diagnostic } from "../../core.ts";
import { renderDiagnostics, sourceOf } from "../../project/diagnostics.ts";
import { findRoot } from "../../project/files.ts";

/** Diagnostics with their source lines; files are looked up in the project that `folder` lies in. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], folder: string, color: boolean): string {
  return renderDiagnostics(diagnostics, { source: sourceOf(findRoot(resolve(folder))), color });
}
