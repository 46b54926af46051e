/** What changed in a project's files since a commit, as a reviewer reads it: files, and the lines of small edits. */
import { changedFiles, git } from "./git.ts";

export interface FileChange {
  readonly file: string;
  readonly kind: "new" | "changed" | "gone";
  /** `- old` and `+ new`, in the file's order; empty for what is not a rule or a query. */
  readonly lines: readonly string[];
}

/** Only these are shown line by line: seeds hold people. */
const shown = /^(?:millrace|selectors)\.ya?ml$|^(?:models|destinations|tests)\/.+\.(?:ya?ml|sql)$/;
const read = /^(?:seeds|dev)\/|\.(?:ya?ml|sql|mjs|ts)$/;
const longestEdit = 40;

/** Changes since `revision` below `folder`; null when git cannot tell (no such commit in a shallow clone). */
export async function fileChanges(folder: string, revision: string): Promise<readonly FileChange[] | null> {
  const files = await changedFiles(folder, revision, { exactly: true });
  if (files === null) return null;
  const kept = files.filter((file) => shown.test(file) || read.test(file));
  return Promise.all(kept.map((file) => fileChange(folder, revision, file)));
}

async function fileChange(folder: string, revision: string, file: string): Promise<FileChange> {
  const [before, diff] = await Promise.all([
    git(folder, "cat-file", "-e", `${revision}:./${file}`),
    git(folder, "diff", "--no-color", "--no-ext-diff", "--unified=0", revision, "--", file),
  ]);
  if (before === null) return { file, kind: "new", lines: [] };
  const text = (diff ?? "").split("\n");
  const kind = text.some((line) => line.startsWith("deleted file mode")) ? "gone" : "changed";
  const hunks = text.slice(text.findIndex((line) => line.startsWith("@@")));
  const lines = hunks
    .filter((line) => /^[+-]/.test(line))
    .map((line) => `${line.slice(0, 1)} ${line.slice(1).trim()}`)
    .filter((line) => line.length > 2);
  return { file, kind, lines: shown.test(file) && kind === "changed" && lines.length <= longestEdit ? lines : [] };
}
