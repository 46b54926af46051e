import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { failure } from "../errors.ts";

/**
 * A client of a warehouse, which is not installed with millrace: first the one of the project's folder, then the one beside
 * millrace itself; with `part`, what that package itself depends on. E719 where there is none, or where it cannot be loaded.
 * What it exports is the caller's to say.
 */
export function loadPackage<T>(name: string, projectFolder: string, part?: string): T {
  for (const from of [path.join(projectFolder, "millrace.yml"), import.meta.url]) {
    let require = createRequire(from);
    let file = resolved(require, name);
    if (file !== null && part !== undefined) {
      require = createRequire(file);
      file = resolved(require, part);
    }
    if (file === null) continue;
    try {
      return require(file) as T;
    } catch (error) {
      const line = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0];
      throw failure("E719", `the package ${name} cannot be loaded: ${line}`, {
        hint: `\`npm install ${name}\` in the project's folder installs it anew`,
        cause: error,
      });
    }
  }
  throw failure("E719", `the package ${name} is not installed`, {
    hint: `\`npm install ${name}\` in the project's folder, or beside millrace`,
  });
}

/** The version of the package that `loadPackage` would load; null where there is none. */
export function packageVersion(name: string, projectFolder: string): string | null {
  for (const from of [path.join(projectFolder, "millrace.yml"), import.meta.url]) {
    const file = resolved(createRequire(from), name);
    if (file === null) continue;
    const end = file.lastIndexOf(path.join("node_modules", name));
    const folder = end < 0 ? path.dirname(file) : path.join(file.slice(0, end), "node_modules", name);
    const { version }: { version?: unknown } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
    if (typeof version === "string") return version;
  }
  return null;
}

/** Whether `loadPackage` would find it; it is not loaded. */
export function hasPackage(name: string, projectFolder: string): boolean {
  const places = [path.join(projectFolder, "millrace.yml"), import.meta.url];
  return places.some((from) => resolved(createRequire(from), name) !== null);
}

function resolved(require: NodeJS.Require, name: string): string | null {
  try {
    return require.resolve(name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}
