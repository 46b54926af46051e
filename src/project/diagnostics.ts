import { readFileSync } from "node:fs";
import path from "node:path";
import { styleText } from "node:util";
import type { Diagnostic } from "../core.ts";

export interface RenderOptions {
  /** The text of a file, for the source line; null when it cannot be shown. See {@link sourceOf}. */
  source(file: string): string | null;
  /** Decided by the caller, per stream. */
  readonly color: boolean;
}

/** Reads source lines of a project's files; each file once. */
export function sourceOf(root: string | null): RenderOptions["source"] {
  const texts = new Map<string, string | null>();
  return (file) => {
    if (root === null) return null;
    const known = texts.get(file);
    if (known !== undefined) return known;
    let text: string | null = null;
    try {
      text = readFileSync(path.resolve(root, file), "utf8").replace(/^\uFEFF/, "");
    } catch {
      text = null;
    }
    texts.set(file, text);
    return text;
  };
}

/** Diagnostics as text, a blank line between them, as `validate` and every error prints them. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, options)).join("\n\n");
}

/**
 * One diagnostic:
 *
 *     error[E102]: unknown key "identifers" in audience "vip"
 *       --> models/vip.yml:6:1
 *        |
 *      6 | identifers: [email]
 *        | ^^^^^^^^^^ did you mean "identifiers"?
 *        |
 *        = keys allowed here: label, model
 */
export function renderDiagnostic(diagnostic: Diagnostic, { source, color }: RenderOptions): string {
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    color ? styleText(format, text, { validateStream: false }) : text;
  const tone = diagnostic.severity === "error" ? "red" : "yellow";
  const head = `${paint(["bold", tone], `${diagnostic.severity}[${diagnostic.code}]`)}: ${printable(diagnostic.message)}`;
  const [first, ...rest] = (diagnostic.hint ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map(printable);
  if (!diagnostic.at)
    return [head, ...[first, ...rest].filter((line) => line !== undefined).map((line) => `  ${line}`)].join("\n");
  const { file, line, column, length = 1 } = diagnostic.at;
  const text = source(file)?.split(/\r?\n/)[line - 1];
  const place = `  ${paint("dim", "-->")} ${printable(file)}:${line}:${column}`;
  if (text === undefined || text.trim() === "")
    return [
      head,
      place,
      ...notes(
        [first, ...rest].filter((note) => note !== undefined),
        "   ",
      ),
    ].join("\n");
  const width = Math.max(2, String(line).length);
  const gutter = " ".repeat(width + 1);
  const { shown, lead, carets } = window(text, column, length);
  const sign = diagnostic.severity === "error" ? "^" : "~";
  const under = `${lead}${paint(tone, sign.repeat(carets))}${first === undefined ? "" : ` ${first}`}`;
  const more = rest.length === 0 ? [] : [`${gutter}|`, ...notes(rest, gutter)];
  return [head, place, `${gutter}|`, `${String(line).padStart(width)} | ${shown}`, `${gutter}| ${under}`, ...more].join(
    "\n",
  );
}

/** At most 120 characters of the line around the place, tabs as one blank, with the carets under it. */
function window(
  line: string,
  column: number,
  length: number,
): { readonly shown: string; readonly lead: string; readonly carets: number } {
  const clean = printable(line.replaceAll("\t", " "));
  const start = column <= 90 ? 0 : column - 60;
  const shown = `${start > 0 ? "…" : ""}${clean.slice(start, start + 120)}${clean.length > start + 120 ? "…" : ""}`;
  const offset = Math.max(0, column - 1 - start + (start > 0 ? 1 : 0));
  return { shown, lead: " ".repeat(offset), carets: Math.max(1, Math.min(length, shown.length - offset)) };
}

const notes = (lines: readonly string[], gutter: string): readonly string[] =>
  lines.flatMap((note) => wrap(note).map((part, index) => `${gutter}${index === 0 ? "=" : " "} ${part}`));

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 90) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Control characters and text-direction marks shown as what they are: a file must not steer the terminal (S10). */
function printable(text: string): string {
  return text.replaceAll(steering, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// oxlint-disable-next-line no-control-regex -- control characters are what it is for
const steering = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** `Checked 14 files in 0.2 s: 2 errors, 1 warning.` */
export function summary(diagnostics: readonly Diagnostic[], files: number, milliseconds: number): string {
  const count = (severity: Diagnostic["severity"]): string => {
    const found = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return `${found} ${severity}${found === 1 ? "" : "s"}`;
  };
  return `Checked ${files} file${files === 1 ? "" : "s"} in ${(milliseconds / 1000).toFixed(1)} s: ${count("error")}, ${count("warning")}.`;
}
