/** An example of examples/ in a folder of its own, with its sample data made. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** What a project makes for itself, never part of a copy. */
const made = new Set([".millrace", "target", "seeds"]);

/** Copies it to a temporary folder and makes its sample data there. */
export async function copyExample(name: string): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), "millrace-example-"));
  const from = path.join(examples, name);
  await cp(from, root, { recursive: true, filter: (file) => !made.has(path.relative(from, file)) });
  await makeSeeds(root);
  return root;
}

export async function makeSeeds(root: string, ...more: readonly string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [path.join(root, "make-seeds.mjs"), ...more]);
}

export const removeExample = (root: string): Promise<void> => rm(root, { recursive: true, force: true });
