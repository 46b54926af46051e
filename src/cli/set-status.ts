/** pause and resume: an edit of the YAML, so that git stays the truth. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { failure } from "../errors.ts";
import type { CommandContext } from "./command.ts";
import { removeFromItem, setInItem } from "./edit-yaml.ts";
import { openProject } from "./session.ts";
import { tellDone } from "./tell-done.ts";
import { usage } from "./usage.ts";

/** Sets the status of syncs or audiences by name; `until` goes with paused. */
export async function setStatus(context: CommandContext, status: "active" | "paused", until?: string): Promise<0> {
  if (until !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(until))
    throw usage(`--until takes a date such as 2026-12-01, not ${JSON.stringify(until)}`);
  const { project } = await openProject(context, { loadCode: false });
  const files: string[] = [];
  for (const name of context.words) {
    const found = project.syncs.get(name) ?? project.audiences.get(name);
    if (found === undefined) throw await unknown(name, [...project.syncs.keys(), ...project.audiences.keys()]);
    const list = project.syncs.has(name) ? "syncs" : "audiences";
    const path = join(project.root, found.file);
    const edited = edit(await readFile(path, "utf8"), { list, name, status, until });
    if (edited === null)
      throw failure("E110", `${name} in ${found.file} is written in a way that cannot be edited here`, {
        hint: `write status: ${status} by hand`,
        at: found.at(),
      });
    await writeFile(path, edited);
    if (!files.includes(found.file)) files.push(found.file);
  }
  const message = `${context.words.join(", ")}: status ${status}${until === undefined ? "" : ` until ${until}`}`;
  tellDone(context, {
    command: status === "paused" ? "pause" : "resume",
    message,
    files,
    next: "git diff, then commit: the files are the truth",
  });
  return 0;
}

interface StatusEdit {
  readonly list: "syncs" | "audiences";
  readonly name: string;
  readonly status: "active" | "paused";
  readonly until: string | undefined;
}

function edit(text: string, { list, name, status, until }: StatusEdit): string | null {
  const withStatus = setInItem(text, list, name, "status", status);
  if (withStatus === null) return null;
  return until === undefined
    ? removeFromItem(withStatus, list, name, "paused_until")
    : setInItem(withStatus, list, name, "paused_until", until);
}

async function unknown(name: string, names: readonly string[]): Promise<Error> {
  const { didYouMean } = await import("../project/suggest.ts");
  return usage(`no sync or audience is called ${JSON.stringify(name)}`, didYouMean(name, names, "there are"), "E020");
}
