import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** What a project makes for itself, never part of a copy. */
const made = new Set([".millrace", "target", "outbox"]);

/** Copies a project to a temporary folder and points the webhooks of its destinations at `port`. */
export async function copyProject(
  from: string,
  port: number,
): Promise<{ readonly root: string; remove(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), "millrace-e2e-"));
  await cp(from, root, { recursive: true, filter: (path) => !made.has(basename(path)) && !path.endsWith(".duckdb") });
  for (const file of await readdir(join(root, "destinations"))) {
    const path = join(root, "destinations", file);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`));
  }
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}
