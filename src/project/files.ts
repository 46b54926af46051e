import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import type { Diagnostic } from "../core.ts";

const largest = 1_048_576;

/** The nearest folder with millrace.yml, from `start` upward; null when there is none. */
export function findRoot(start: string): string | null {
  for (let folder = path.resolve(start); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, "millrace.yml"))) return folder;
    if (folder === path.dirname(folder)) return null;
  }
}

/** The project's files as the loader reads them: relative paths with `/`, every one below the root or an allowed folder. */
export class ProjectFiles {
  readonly root: string;
  readonly diagnostics: Diagnostic[] = [];
  /** Relative path -> SHA-256 of each file read. */
  readonly hashes = new Map<string, string>();
  readonly #texts = new Map<string, string | null>();
  #allowed: readonly string[];

  readonly #unsaved: ReadonlyMap<string, string>;

  /** `unsaved`: texts of an editor that stand for the files of these paths, relative to the root. */
  constructor(root: string, unsaved: ReadonlyMap<string, string> = new Map()) {
    this.root = root;
    this.#unsaved = unsaved;
    this.#allowed = [realpathSync.native(root)];
  }

  /** Folders outside the project that files may lie in (decision 51), relative to the root. */
  allow(folders: readonly string[]): void {
    const real = folders
      .map((folder) => path.resolve(this.root, folder))
      .filter((folder) => existsSync(folder))
      .map((folder) => realpathSync.native(folder));
    this.#allowed = [this.#allowed[0] ?? this.root, ...real];
  }

  /** Files below a folder, sorted; hidden ones and node_modules left out. */
  list(folder: string, keep: RegExp): readonly string[] {
    const start = path.join(this.root, folder);
    if (!existsSync(start)) return [];
    if (!this.contains(folder)) {
      this.diagnostics.push(escape(folder));
      return [];
    }
    const found: string[] = [];
    const walk = (relative: string, depth: number): void => {
      for (const entry of readdirSync(path.join(this.root, relative), { withFileTypes: true })) {
        if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
        const file = `${relative}/${entry.name}`;
        const linked = entry.isSymbolicLink();
        if (linked && !this.contains(file)) this.diagnostics.push(escape(file));
        else if (entry.isDirectory() || (linked && statSync(path.join(this.root, file)).isDirectory())) {
          if (depth < 32) walk(file, depth + 1);
        } else if (keep.test(entry.name)) found.push(file);
      }
    };
    walk(folder.replace(/\/+$/, ""), 0);
    return found.toSorted();
  }

  /** Text of a file, a byte order mark taken off; null (and a diagnostic, once) when it is absent, too large, no UTF-8 or in conflict. */
  read(file: string): string | null {
    const known = this.#texts.get(file);
    if (known !== undefined) return known;
    const text = this.#read(file);
    this.#texts.set(file, text);
    return text;
  }

  #read(file: string): string | null {
    const full = path.resolve(this.root, file);
    const report = (code: string, message: string, line = 1): null => {
      this.diagnostics.push({ code, severity: "error", message, at: { file, line, column: 1 } });
      return null;
    };
    try {
      if (!this.#unsaved.has(file) && statSync(full).size > largest)
        return report("E108", "this file is larger than 1 MB");
      if (!this.contains(file)) return report("E341", "this file lies outside the project");
      const bytes = this.#bytes(file, full);
      this.hashes.set(file, createHash("sha256").update(bytes).digest("hex"));
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      const conflict = conflictLine(text);
      return conflict === null
        ? text
        : report("E107", "this file has unresolved merge conflicts (<<<<<<<, =======, >>>>>>>)", conflict);
    } catch (error) {
      return report("E110", error instanceof TypeError ? "this file is not UTF-8 text" : "this file cannot be read");
    }
  }

  #bytes(file: string, full: string): Uint8Array {
    const unsaved = this.#unsaved.get(file);
    return unsaved === undefined ? readFileSync(full) : new TextEncoder().encode(unsaved);
  }

  exists(file: string): boolean {
    return existsSync(path.resolve(this.root, file));
  }

  /** Whether a path, links resolved, lies below the root or an allowed folder; what does not exist is judged by its nearest parent. */
  contains(file: string): boolean {
    return isInside(path.resolve(this.root, file), this.#allowed);
  }
}

/** Whether an absolute path, links resolved, lies below one of the folders (real paths). */
export function isInside(full: string, folders: readonly string[]): boolean {
  if (full.includes("\0")) return false;
  let existing = full;
  while (!existsSync(existing) && existing !== path.dirname(existing)) existing = path.dirname(existing);
  const real = path.join(realpathSync.native(existing), path.relative(existing, full));
  return folders.some(
    (folder) => real === folder || real.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep),
  );
}

const escape = (file: string): Diagnostic => ({
  code: "E341",
  severity: "error",
  message: `"${file}" leads outside the project`,
  at: { file, line: 1, column: 1 },
  hint: "list the folder under allow_paths in millrace.yml, or move the file into the project",
});

/** The line of the first conflict marker, or null. */
function conflictLine(text: string): number | null {
  const match = /^(<{7}|>{7}) /m.exec(text);
  return match ? text.slice(0, match.index).split("\n").length : null;
}
