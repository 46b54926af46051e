import type { FileChange } from "../git-changes.ts";
import { amount } from "../figures.ts";
import type { Paint } from "../terminal.ts";

/** What git says changed since the commit of the last run. */
export interface ProjectChanges {
  /** `last prod run`, for the heading. */
  readonly since: string;
  /** Abbreviated commit. */
  readonly commit: string;
  readonly files: readonly FileChange[];
}

const symbols = { new: "+", changed: "~", gone: "-" } as const;
const mostFiles = 20;

/** `Changed in git since last prod run (4a11c09):` with files and lines. */
export function changesLines({ since, commit, files }: ProjectChanges, paint: Paint): readonly string[] {
  if (files.length === 0) return [];
  const lines = files
    .slice(0, mostFiles)
    .flatMap(({ file, kind, lines: edit }) => [
      `  ${paint(kind === "gone" ? "red" : kind === "new" ? "green" : "yellow", symbols[kind])} ${file}`,
      ...edit.map((line) => `      ${paint(line.startsWith("-") ? "red" : "green", line)}`),
    ]);
  const more = files.length > mostFiles ? [`  … and ${amount(files.length - mostFiles, "more file")}`] : [];
  return [`Changed in git since ${since} (${commit}):`, ...lines, ...more];
}

/** The same for a pull request, folded. */
export function changesMarkdown({ since, commit, files }: ProjectChanges): readonly string[] {
  if (files.length === 0) return [];
  const body = files.flatMap(({ file, kind, lines }) => [`${symbols[kind]} ${file}`, ...lines]);
  // A fence longer than any in the text cannot be closed by it.
  const fence = "`".repeat(Math.max(3, ...[...body.join("\n").matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return [
    "",
    `<details><summary>Changed since ${since} (${commit})</summary>`,
    "",
    `${fence}diff`,
    ...body,
    fence,
    "",
    "</details>",
  ];
}
