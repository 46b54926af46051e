/** JSON files that dbt writes into its target folder: read only inside the project and its allow_paths, and never trusted. */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { ProjectFiles } from "../files.ts";

/** A manifest of a few thousand models has some ten megabytes; V8 holds no longer text than this. */
const largest = 500 * 1_048_576;

export type Unreadable = "outside" | "absent" | "large" | "unreadable" | "broken";

export type Artifact = { readonly json: unknown } | { readonly problem: Unreadable };

/** Reads one artifact; `file` is relative to the root. */
export function readArtifact(files: Pick<ProjectFiles, "root" | "contains">, file: string): Artifact {
  if (file.includes("\0") || !files.contains(file)) return { problem: "outside" };
  const full = path.resolve(files.root, file);
  let text: string;
  try {
    if (statSync(full).size > largest) return { problem: "large" };
    text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(full));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: code === "ENOENT" || code === "ENOTDIR" ? "absent" : "unreadable" };
  }
  try {
    return { json: JSON.parse(text.replace(/^\uFEFF/, "")) };
  } catch {
    return { problem: "broken" };
  }
}
