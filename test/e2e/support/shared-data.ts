import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "./cli.ts";

/** A folder of the shared data sets, which are not copied into the repository: `MILLRACE_SHARED`, or ../shared beside it. */
export function sharedData(name: string): { readonly path: string; readonly present: boolean } {
  const path = join(resolve(root, process.env["MILLRACE_SHARED"] ?? "../shared"), "datasets", name);
  return { path, present: existsSync(path) };
}
