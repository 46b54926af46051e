/** What environments that say `use: file` leave below .millrace/outbox. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Lines of a sync by what was asked of its platform: a key, and unless it was taken out its identifiers and fields. */
export type Sent = Readonly<Record<string, readonly string[]>>;

/** Somebody whom a platform has, as canonical JSON. */
export type Held = Readonly<Record<string, readonly string[]>>;

/** What the newest run of each sync left in the outbox of an environment, as `adds {…}`, sorted. */
export async function sentBy(root: string, environment: string): Promise<Sent> {
  const runs = await runsOf(root, environment);
  return Object.fromEntries([...runs].map(([sync, each]) => [sync, (each.at(-1) ?? []).toSorted()]));
}

/** What all runs together leave with the platforms. */
export async function heldAfter(root: string, environment: string): Promise<Held> {
  const held: Record<string, readonly string[]> = {};
  for (const [sync, runs] of await runsOf(root, environment)) {
    const rows = new Map<string, string>();
    for (const line of runs.flat()) {
      const [file = "", text = ""] = cut(line);
      const row = JSON.parse(text) as Readonly<Record<string, unknown>>;
      const key = JSON.stringify(row["key"]);
      if (file === "removes") rows.delete(key);
      else rows.set(key, canonical(row));
    }
    held[sync] = [...rows.values()].toSorted();
  }
  return held;
}

/** Keys sorted; without what is NULL: whether that travels is a matter of each sync's `nulls`. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(
          Object.entries(each)
            .filter(([, inner]) => inner !== null)
            .toSorted(([a], [b]) => (a < b ? -1 : 1)),
        )
      : each,
  );
}

/** Sync -> its runs, oldest first -> lines with the name of their file. */
async function runsOf(root: string, environment: string): Promise<ReadonlyMap<string, readonly (readonly string[])[]>> {
  const outbox = path.join(root, ".millrace/outbox", environment);
  const syncs = new Map<string, readonly (readonly string[])[]>();
  for (const destination of await readdir(outbox))
    for (const sync of await readdir(path.join(outbox, destination))) {
      const folder = path.join(outbox, destination, sync);
      const runs = (await readdir(folder)).toSorted();
      syncs.set(sync, await Promise.all(runs.map((run) => linesOf(path.join(folder, run)))));
    }
  return syncs;
}

async function linesOf(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".jsonl")).toSorted();
  const read = files.map(async (name) => {
    const text = await readFile(path.join(folder, name), "utf8");
    return text.split("\n").flatMap((line) => (line === "" ? [] : [`${path.basename(name, ".jsonl")} ${line}`]));
  });
  return (await Promise.all(read)).flat();
}

function cut(line: string): readonly string[] {
  const at = line.indexOf(" ");
  return [line.slice(0, at), line.slice(at + 1)];
}
