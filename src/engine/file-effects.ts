import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { Json } from "../core.ts";
import type { FileEffect } from "../destination/index.ts";
import type { Files } from "../ports.ts";

/** Writes rows as a Parquet file at an absolute path; the engine passes the warehouse's. */
export type ParquetWriter = (
  path: string,
  columns: readonly string[],
  rows: readonly (readonly Json[])[],
) => Promise<void>;

/** A file that could not be written. `partly`: something may have reached it. */
export class FileFault extends Error {
  readonly hint: string;
  readonly partly: boolean;

  constructor(message: string, hint: string, partly: boolean) {
    super(message);
    this.name = "FileFault";
    this.hint = hint;
    this.partly = partly;
  }
}

/** Carries out one file effect below `root`, and nowhere else. Writes are beside and renamed; `list` gives names. */
export async function runFileEffect(
  files: Files,
  root: string,
  effect: FileEffect,
  writeParquet?: ParquetWriter,
): Promise<unknown> {
  const append = "write" in effect && effect.append === true;
  try {
    return await perform(files, root, effect, writeParquet);
  } catch (error) {
    if (error instanceof FileFault) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileFault(
      `cannot write below ${root}: ${reason}`,
      "look at the folder's permissions and the space left on the disk",
      append,
    );
  }
}

async function perform(
  files: Files,
  root: string,
  effect: FileEffect,
  writeParquet: ParquetWriter | undefined,
): Promise<unknown> {
  if ("list" in effect) return await files.list(await inside(files, root, effect.list));
  if ("rename" in effect)
    return await files.rename(await inside(files, root, effect.rename), await inside(files, root, effect.to));
  if ("parquet" in effect) {
    if (!writeParquet)
      throw new FileFault("this warehouse cannot write Parquet", "choose `format: jsonl` or `csv`", false);
    const path = await inside(files, root, effect.parquet);
    await files.writeAtomic(`${path}.tmp`, "");
    await writeParquet(`${path}.tmp`, effect.columns, effect.rows);
    return await files.rename(`${path}.tmp`, path);
  }
  const path = await inside(files, root, effect.write);
  if (effect.append !== true) return await files.writeAtomic(path, effect.content);
  const file = await files.open(path);
  try {
    await file.append(typeof effect.content === "string" ? Buffer.from(effect.content) : effect.content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The absolute path of a name, which must stay below the root, symbolic links included (S07). */
async function inside(files: Files, root: string, name: string): Promise<string> {
  const path = resolve(root, name);
  const safe =
    typeof name === "string" && name !== "" && !name.includes("\0") && !name.includes("\\") && !isAbsolute(name);
  if (!safe || !isBelow(root, path)) throw outside(root);
  if (!files.realPath) return path;
  const realRoot = await files.realPath(root);
  if (realRoot === null) return path;
  for (let at = path; isBelow(root, at) && at !== resolve(root); at = dirname(at)) {
    const real = await files.realPath(at);
    // What does not exist yet cannot lead away; the nearest thing that does decides.
    if (real === null) continue;
    if (!isBelow(realRoot, real)) throw outside(root);
    break;
  }
  return path;
}

function isBelow(root: string, path: string): boolean {
  const way = relative(resolve(root), path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

const outside = (root: string): FileFault =>
  new FileFault(
    `a destination may write below ${join(root, sep)} only`,
    "use names without `..`, links or drive letters",
    false,
  );
