import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { GitInfo } from "../core.ts";

const run = promisify(execFile);

/** What a git command prints, without the last line break; null when it fails or there is no git. */
export async function git(folder: string, ...words: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await run("git", ["-C", folder, ...words], { timeout: 10_000, maxBuffer: 16 * 1024 * 1024 });
    return stdout.trimEnd();
  } catch {
    return null;
  }
}

/** Commit, branch and whether files changed since; null outside a repository, before its first commit, or without git. */
export async function readGit(folder: string): Promise<GitInfo | null> {
  const [sha, branch, status] = await Promise.all([
    git(folder, "rev-parse", "HEAD"),
    git(folder, "rev-parse", "--abbrev-ref", "HEAD"),
    git(folder, "status", "--porcelain", "--untracked-files=no", "--", "."),
  ]);
  if (sha === null || branch === null) return null;
  return { sha, branch, dirty: status !== null && status !== "" };
}

/**
 * Files below `folder` that differ from `revision`, relative to it; null when git cannot tell. A branch is compared from
 * where it was left; with `exactly` a commit is compared as it is.
 */
export async function changedFiles(
  folder: string,
  revision: string,
  { exactly = false }: { readonly exactly?: boolean } = {},
): Promise<readonly string[] | null> {
  // A revision is a user's word: after `--end-of-options` it can never be read as a flag.
  const base = exactly
    ? await git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`)
    : await git(folder, "merge-base", "--end-of-options", revision, "HEAD");
  if (base === null) return null;
  const [changed, fresh] = await Promise.all([
    git(folder, "diff", "--name-only", "--relative", "--no-renames", base, "--", "."),
    git(folder, "ls-files", "--others", "--exclude-standard", "--", "."),
  ]);
  if (changed === null || fresh === null) return null;
  return [...new Set(`${changed}\n${fresh}`.split("\n").filter((file) => file !== ""))].toSorted();
}
