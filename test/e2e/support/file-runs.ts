import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Held } from "./webhook-receiver.ts";

/** Everybody whom the runs of the `file` destination (layout `changes`) leave with a reader, by ascending numeric key. */
export async function foldRuns(folder: string, sync: string): Promise<readonly Held[]> {
  const runs = (await readdir(join(folder, sync))).filter((run) => !run.startsWith(".")).toSorted();
  const held = new Map<string, Held>();
  for (const run of runs) {
    const path = join(folder, sync, run);
    const { files } = JSON.parse(await readFile(join(path, "manifest.json"), "utf8")) as {
      readonly files: readonly string[];
    };
    for (const file of files) {
      for (const row of await rowsOf(join(path, file))) {
        const { key, identifiers = {}, fields = {} } = row;
        if (file.startsWith("removes-")) held.delete(JSON.stringify(key));
        else held.set(JSON.stringify(key), { key, identifiers, fields });
      }
    }
  }
  return [...held.values()].toSorted((a, b) => Number(a.key) - Number(b.key));
}

async function rowsOf(file: string): Promise<readonly Held[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Held);
}
