/** `validate --fix`: misspelt keys with one candidate, corrected through the YAML document, comments and order kept. */
import { isMap, isScalar, parseDocument } from "yaml";
import type { Diagnostic } from "../core.ts";

export interface Fixed {
  readonly text: string;
  /** `identifers -> identifiers`, with the line. */
  readonly changes: readonly { readonly line: number; readonly from: string; readonly to: string }[];
}

/** The corrected text of one file; the same text when nothing can be mended safely. */
export function fixText(text: string, diagnostics: readonly Diagnostic[]): Fixed {
  const wanted = diagnostics.flatMap((diagnostic) => {
    const to = diagnostic.code === "E102" ? /^did you mean "([^"]+)"\?$/m.exec(diagnostic.hint ?? "")?.[1] : undefined;
    return to !== undefined && diagnostic.at ? [{ line: diagnostic.at.line, column: diagnostic.at.column, to }] : [];
  });
  const edits = wanted.flatMap(({ line, column, to }) => {
    const start = offsetOf(text, line, column);
    const from = keyAt(text, start);
    return from === null ? [] : [{ line, start, end: start + from.length, from: from.word, to }];
  });
  const result = edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((current, { start, end, to }) => current.slice(0, start) + to + current.slice(end), text);
  const broken =
    edits.length === 0 || parseDocument(result, { uniqueKeys: true, logLevel: "silent" }).errors.length > 0;
  return broken
    ? { text, changes: [] }
    : { text: result, changes: edits.map(({ line, from, to }) => ({ line, from, to })) };
}

function offsetOf(text: string, line: number, column: number): number {
  let start = text.startsWith("\uFEFF") ? 1 : 0;
  for (let current = 1; current < line; current++) start = text.indexOf("\n", start) + 1;
  return start + column - 1;
}

/** The key whose node begins at an offset; the document says so, not a pattern. */
function keyAt(text: string, offset: number): { readonly word: string; readonly length: number } | null {
  const search = (node: unknown): { readonly word: string; readonly length: number } | null => {
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (isScalar(key) && key.range?.[0] === offset)
          return { word: String(key.value), length: key.range[1] - key.range[0] };
        const inside = search(value);
        if (inside) return inside;
      }
      return null;
    }
    const items = (node as { items?: readonly unknown[] } | null)?.items ?? [];
    for (const item of items) {
      const inside = search(item);
      if (inside) return inside;
    }
    return null;
  };
  return search(parseDocument(text, { logLevel: "silent" }).contents);
}
