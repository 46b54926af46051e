import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Held } from "./webhook-receiver.ts";

/** Everybody in the newest snapshot that the `file` destination wrote for a sync, by ascending numeric key. */
export async function newestSnapshot(folder: string, sync: string): Promise<readonly Held[]> {
  const runs = (await readdir(join(folder, sync))).filter((run) => !run.startsWith(".")).toSorted();
  const run = join(folder, sync, runs.at(-1) ?? "");
  const { files } = JSON.parse(await readFile(join(run, "manifest.json"), "utf8")) as {
    readonly files: readonly string[];
  };
  const texts = await Promise.all(files.map((file) => readFile(join(run, file), "utf8")));
  const rows = texts
    .flatMap((text) => text.split("\n").filter((line) => line !== ""))
    .map((line) => JSON.parse(line) as Held);
  return rows.toSorted((a, b) => Number(a.key) - Number(b.key));
}
